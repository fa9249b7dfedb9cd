"""What an empty database needs before anybody can work: units, desks, and a first administrator."""

from pydantic import SecretStr

from case_store.handlers.members import Members
from case_store.handlers.organisation import Organisation


class Founding:
    """Run now and then until it has been done once: at the first start the tables may not be there yet."""

    def __init__(
        self, organisation: Organisation, members: Members, username: str | None, password: SecretStr | None
    ) -> None:
        """Without a name and a password nobody is made; a restart with them is the way in."""
        self._organisation = organisation
        self._members = members
        self._username = username
        self._password = password
        self._done = False

    async def run(self) -> None:
        """Found what is not there."""
        if self._done:
            return
        await self._organisation.load_defaults()
        if self._username and self._password is not None:
            await self._members.first(self._username, self._password)
        self._done = True

"""What an empty database needs: units, desks, a first administrator, and the developers' own partner."""

from pydantic import SecretStr

from case_store.handlers.members import Members
from case_store.handlers.organisation import Organisation
from case_store.handlers.partners import Partners


class Founding:
    """Run now and then until it has been done once: at the first start the tables may not be there yet."""

    def __init__(
        self,
        organisation: Organisation,
        members: Members,
        partners: Partners,
        *,
        admin: tuple[str | None, SecretStr | None] = (None, None),
        partner_key: SecretStr | None = None,
    ) -> None:
        """Without a name and a password nobody is made; a restart with them is the way in.

        Without a key no partner is made either.
        """
        self._organisation = organisation
        self._members = members
        self._partners = partners
        self._username, self._password = admin
        self._partner_key = partner_key
        self._done = False

    async def run(self) -> None:
        """Found what is not there."""
        if self._done:
            return
        await self._organisation.load_defaults()
        if self._username and self._password is not None:
            await self._members.first(self._username, self._password)
        if self._partner_key is not None:
            await self._partners.first(self._partner_key)
        self._done = True

"""Where a lookup took too long for the screen: its answer is waited for, and texted."""

from typing import Final

from gateway_ussd import conversation
from gateway_ussd.clients.source import Asked
from gateway_ussd.conversation import Lookup, State
from gateway_ussd.handlers.background import Background
from gateway_ussd.handlers.lookups import Lookups
from gateway_ussd.handlers.texting import Texting
from gateway_ussd.menus import Menu
from gateway_ussd.model import Screen

_LONGEST_WAIT: Final = 30.0
_MOST_IN_A_ROW: Final = 5


class Following:
    """Answers that come after the safe screen."""

    def __init__(self, lookups: Lookups, texting: Texting, background: Background) -> None:
        self._lookups = lookups
        self._texting = texting
        self._background = background

    def may_promise(self) -> bool:
        """Whether one more answer can be texted; who asks has taken it."""
        return self._texting.may_promise()

    def follow(self, menu: Menu, state: State, lookup: Lookup, msisdn: str, name: str) -> None:
        """Go on without the person; `name` tells the step."""
        self._background.spawn(self._follow(menu, state, lookup, msisdn, name), "following")

    async def _follow(self, menu: Menu, state: State, lookup: Lookup, msisdn: str, name: str) -> None:
        # An SMS shows every alphabet, whatever the operator's USSD shows.
        state = state.model_copy(update={"latin": False})
        for _ in range(_MOST_IN_A_ROW):
            asked = Asked(lookup.arguments, msisdn, state.language)
            finding = await self._lookups.find(lookup.name, asked, _LONGEST_WAIT)
            state, outcome = conversation.found(menu, state, finding.found)
            if isinstance(outcome, Screen):
                self._texting.say(msisdn, name, conversation.whole(menu, state))
            if not isinstance(outcome, Lookup):
                return
            lookup = outcome

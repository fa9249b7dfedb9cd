"""A telephone in the terminal: what is dialled and typed goes in, what the phone would show comes out."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, Protocol, TextIO
from uuid import uuid4

import httpx

from gateway_ussd import conversation, paging
from gateway_ussd.commands.canned import RESULTS, TRACKING_CODE
from gateway_ussd.conversation import Lookup, Outcome, State, Submit
from gateway_ussd.menus import Menu
from gateway_ussd.model import Screen

_SERVICE: Final = ("4", "1420")
"""The parts of `*4*1420#`; what is dialled behind them goes down the menus."""
_GOES_ON: Final = "CON "
_TIMEOUT_SECONDS: Final = 10
_WIDTH: Final = 34
_NO_ANSWER: Final = 1


class Dialogue(Protocol):
    """One session."""

    def dial(self, parts: Sequence[str]) -> Screen:
        """The screen that dialling brings, with what was dialled behind the code."""
        ...

    def type(self, text: str) -> Screen:
        """The screen that an answer brings."""
        ...


class Offline:
    """The menus alone: lookups bring made-up answers, and nothing is handed in."""

    def __init__(self, menu: Menu, *, language: Literal["fa", "en"], latin: bool) -> None:
        self._menu = menu
        self._begun = conversation.begin(menu, language=language, latin=latin)
        self._state, _ = self._begun

    def dial(self, parts: Sequence[str]) -> Screen:
        """See `Dialogue`; what was not understood ends the dialling."""
        screen = self._shown(*self._begun)
        for part in parts:
            screen = self.type(part)
            if self._state.hint is not None:
                break
        return screen

    def type(self, text: str) -> Screen:
        """See `Dialogue`."""
        return self._shown(*conversation.answer(self._menu, self._state, text))

    def _shown(self, state: State, outcome: Outcome) -> Screen:
        while not isinstance(outcome, Screen):
            match outcome:
                case Lookup(name=name):
                    state, outcome = conversation.found(self._menu, state, RESULTS.get(name))
                case Submit():
                    state, outcome = conversation.submitted(self._menu, state, TRACKING_CODE)
        self._state = state
        return outcome


class Online:
    """A running gateway, in the form of Africa's Talking."""

    def __init__(
        self, url: str, provider: str, number: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS, transport=transport)
        self._path = f"/ussd/{provider}"
        self._session = {"sessionId": uuid4().hex, "phoneNumber": number, "serviceCode": "*4*1420#"}
        self._chain: list[str] = []

    def dial(self, parts: Sequence[str]) -> Screen:
        """See `Dialogue`."""
        self._chain = list(parts)
        return self._screen()

    def type(self, text: str) -> Screen:
        """See `Dialogue`."""
        self._chain.append(text)
        return self._screen()

    def _screen(self) -> Screen:
        form = {**self._session, "networkCode": "43211", "text": "*".join(self._chain)}
        said = self._http.post(self._path, data=form).raise_for_status().text
        return Screen(said[len(_GOES_ON) :], ends=not said.startswith(_GOES_ON))


def converse(dialogue: Dialogue, code: str, typed: TextIO, shown: TextIO) -> int:
    """From dialling to the last screen, or to the end of what is typed; the exit code."""
    parts = tuple(code.strip().strip("*#").split("*"))
    if parts[:2] != _SERVICE:
        shown.write("dial *4*1420#, or *4*1420*1*2# to go down the menus\n")
        return 2
    try:
        screen = dialogue.dial(parts[2:])
        _show(screen, shown)
        for answer in _typed(typed, shown, screen):
            screen = dialogue.type(answer)
            _show(screen, shown)
            if screen.ends:
                break
    except httpx.HTTPError as error:
        shown.write(f"the gateway does not answer: {type(error).__name__}\n")
        return _NO_ANSWER
    return 0


def _typed(typed: TextIO, shown: TextIO, first: Screen) -> Iterator[str]:
    if first.ends:
        return
    while True:
        shown.write("> ")
        shown.flush()
        line = typed.readline()
        if not line:
            return
        yield line.removesuffix("\n")


def _show(screen: Screen, shown: TextIO) -> None:
    gsm = paging.is_gsm(screen.text)
    size = f"{paging.units(screen.text, gsm=gsm)} {'septets' if gsm else 'characters'}"
    rule = "─" * _WIDTH
    shown.write(f"┌{rule}\n")
    shown.writelines(f"│ {line}\n" for line in screen.text.splitlines())
    shown.write(f"└{rule} {size}{', the end' if screen.ends else ''}\n")

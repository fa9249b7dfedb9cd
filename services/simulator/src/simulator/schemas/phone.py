"""What the phone's page says and is told."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from simulator.schemas.form import Form, Number, Text

LONGEST_USSD: Final = 182
"""Letters of GSM-7 that fit into the 160 octets of a USSD string."""

PAGE_ID: Final = "^[0-9a-f-]{36}$"
"""What a page calls a message of its own."""


class PhoneNumber(Form):
    """What was typed as a phone number."""

    number: Number


class PhoneCard(Form):
    """A phone that the page may show."""

    phone: str
    """Its handle in URLs."""
    number: str
    behaviour: str
    title: str
    """What its last digits ask for, in Persian."""
    mobile: bool
    """A landline only rings."""


class TypedMessage(Form):
    """A message that somebody typed on the page."""

    id: Annotated[str, Field(pattern=PAGE_ID)]
    """The page's own id: sent again after a lost answer, it is still one message."""
    text: Text


class ShownMessage(Form):
    """A message as a phone shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    mine: bool
    text: str
    at: float
    state: str
    note: str
    spoken: bool


class ShownMessages(Form):
    """What a phone shows."""

    messages: list[ShownMessage]


class PickedUp(Form):
    """What a person does with a telephone that rings."""

    answered: bool
    """Else they let it be."""


class UssdAction(Form):
    """What a person does with a code or a menu."""

    action: Literal["dial", "answer", "cancel"]
    text: Annotated[str, Field(max_length=LONGEST_USSD)] = ""
    """The code, or what is typed into the menu; in any digits."""
    provider: Annotated[str, Field(max_length=32)] | None = None
    """With `dial`: the form that its operator speaks."""


class UssdScreen(Form):
    """What the handset shows."""

    text: str
    ends: bool
    """Nothing can be typed; the dialogue is over."""

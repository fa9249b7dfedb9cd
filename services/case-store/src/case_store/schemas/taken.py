"""The base of what the API takes: an unknown field is refused, and nothing that came is told back."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _without_nul(text: str) -> str:
    if "\0" in text:
        message = "must not contain the character NUL"
        raise ValueError(message)
    return text


def _to_be_seen(name: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in name):
        message = "must have something to be seen in it"
        raise ValueError(message)
    return name


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_without_nul)]
Name = Annotated[Text, StringConstraints(max_length=100), AfterValidator(_to_be_seen)]


class Taken(BaseModel):
    """What every request has in common."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

"""Where a person can be reached: by SMS or voice, by the service that spoke for them, or by calling. Pure."""

from collections.abc import Mapping
from typing import Any, Final

_UNPROVEN: Final = "unproven:"
"""What the portal puts before a number that somebody typed and nobody has proved."""


def unproven_number(value: str) -> str | None:
    """`unproven:+989…` → the number, in E.164; None for every other address."""
    number = value.removeprefix(_UNPROVEN)
    return number if number != value else None


def is_landline(value: str) -> bool:
    """Whether a number, masked or whole, is no mobile's: nothing can be read there, only heard."""
    return value.startswith("+98") and not value.startswith("+989")


def number_to_call(person: Mapping[str, Any]) -> str | None:
    """A number that the person gave without proving it."""
    numbers = (unproven_number(address["value"]) for address in person["addresses"])
    return next((number for number in numbers if number), None)

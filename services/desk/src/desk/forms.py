"""A form as it stands on a page: what was typed, and what is wrong with which field. Pure.

A route reads its fields one by one; a fault does not end the reading, so that all are shown at once, each
beside its field, with everything that was typed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from desk.typed import TypedError

Value = TypeVar("Value")


@dataclass(slots=True)
class Form:
    """What was typed, by field."""

    values: Mapping[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    """Field → the key of the sentence that says what is wrong."""
    changed: bool = False
    """Somebody else changed it meanwhile: the page says so, and what is typed stays."""

    def __getitem__(self, name: str) -> str:
        """As typed; nothing where there is no such field."""
        return self.values.get(name, "")

    def get(self, name: str, otherwise: str = "") -> str:
        """As the macros ask for it."""
        return self.values.get(name, otherwise)

    @property
    def right(self) -> bool:
        """Whether nothing is wrong so far."""
        return not self.faults

    @property
    def status(self) -> int:
        """What a page that shows it answers: 412 where it changed meanwhile, 422 where it has faults."""
        if self.changed:
            return HTTPStatus.PRECONDITION_FAILED
        return HTTPStatus.OK if self.right else HTTPStatus.UNPROCESSABLE_ENTITY

    def text(self, name: str, *, most: int | None = None) -> str:
        """Words that must be there, without the spaces around them."""
        told = self[name].strip()
        if not told:
            self.wrong(name, "typed.missing")
        if most is not None and len(told) > most:
            self.wrong(name, "typed.long")
        return told

    def maybe(self, name: str) -> str | None:
        """Words that may be left out."""
        return self[name].strip() or None

    def read(self, name: str, reader: Callable[[str], Value]) -> Value | None:
        """What `reader` makes of the field; None, with its fault noted, where it cannot."""
        try:
            return reader(self[name])
        except TypedError as error:
            self.wrong(name, f"typed.{error.fault}")
            return None

    def wrong(self, name: str, sentence: str) -> None:
        """Note a fault; the first one of a field stands."""
        self.faults.setdefault(name, sentence)

    def refused(self, faults: Mapping[str, str], sentences: Mapping[str, str] | None = None) -> None:
        """Take over what the store found wrong, in our own sentences: its own are for programs."""
        for name in faults or {"refused": ""}:
            self.wrong(name, (sentences or {}).get(name, "typed.refused"))

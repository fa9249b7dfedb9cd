"""The base of what is read from the store.

A newer store may know states, topics and steps that this portal does not: they are read as "other", never as
an error, so that nobody loses sight of their case because of a word.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

Term = TypeVar("Term", bound=StrEnum)


def known(terms: type[Term], otherwise: Term | None) -> BeforeValidator:
    """A word of ours, or `otherwise` for one that only a newer store knows."""
    values: Final[Mapping[object, Term]] = {term.value: term for term in terms}
    return BeforeValidator(lambda word: values.get(word, otherwise) if isinstance(word, str) else otherwise)


class Shown(BaseModel):
    """The base of what is read from the store."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

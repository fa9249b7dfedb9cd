"""The base of every model on the wire: frozen, closed when we write, tolerant when we read."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class WireModel(BaseModel):
    """A message on a topic: immutable, and its citizen's words never reach a traceback.

    Producers are strict (an unknown field is an error); consumers call `from_json`, which
    ignores fields that a newer producer added, so an added field breaks nobody.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        ser_json_timedelta="float",
    )

    @classmethod
    def from_json(cls, value: bytes) -> Self:
        """Read a value from a topic; raises `pydantic.ValidationError` without its input."""
        return cls.model_validate_json(value, extra="ignore")

    def to_json(self) -> bytes:
        """Write a value for a topic: compact UTF-8 JSON, unset optionals left out."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True)

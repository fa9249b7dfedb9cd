"""The base of what the API gives."""

from pydantic import BaseModel, ConfigDict


class Given(BaseModel):
    """What every answer has in common."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

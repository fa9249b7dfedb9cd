"""What every form of ours has in common, and the fields that come again and again."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1, max_length=1_500)]
Number = Annotated[str, Field(min_length=1, max_length=32)]


class Form(BaseModel):
    """Closed; a refusal never shows what was in it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

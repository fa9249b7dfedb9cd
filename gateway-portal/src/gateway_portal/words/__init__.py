"""What the pages say, one file a language; a test holds them to the same keys."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import yaml

from envelope.models import Language

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    language: yaml.safe_load((files(__name__) / f"{language}.yaml").read_text("utf-8"))
    for language in Language
}
"""By language and key; `{n}` and its like are filled in by the page."""

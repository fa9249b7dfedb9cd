"""The rules that people write and read: `lexicon.yaml`, checked as a whole before the first message.

Whatever is wrong with it is said at start, with the file, the line and the entry.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from envelope.taxonomy import Audience, Kind, Topic
from message_router.errors import LexiconError
from message_router.matcher import WORD_ENDS, key_of

SHIPPED: Final = "lexicon.yaml"
MARKS: Final = frozenset("?!")
"""Punctuation that may stand as a phrase; it is looked for anywhere."""

_SHORTEST: Final = 3
_Weight = Annotated[float, Field(ge=-10, le=10)]


class Rule(BaseModel):
    """Phrases that say the same thing, and how strongly."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    weight: _Weight
    """1 weak, 3 strong, 5 decisive; below zero where the phrases speak against the label."""
    phrases: Annotated[tuple[str, ...], Field(min_length=1)]
    """Any of them; each matches the beginning of a word, or with a `.` at its end the whole word."""

    @field_validator("phrases")
    @classmethod
    def _can_be_found(cls, phrases: tuple[str, ...]) -> tuple[str, ...]:
        for phrase in phrases:
            letters = key_of(phrase)
            if phrase not in MARKS and not letters.isalnum():
                message = f"«{phrase}»: only letters, digits and spaces can be found"
                raise ValueError(message)
            if len(letters) < _SHORTEST and phrase not in MARKS and not phrase.endswith(WORD_ENDS):
                message = f"«{phrase}» is too short to stand without a `.` at its end"
                raise ValueError(message)
        return phrases


Rules = Mapping[str, Rule]


class Lexicon(BaseModel):
    """The whole file: rules by name, under the label that they speak for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    version: Annotated[str, Field(min_length=1)]
    """Written into every classification, so that a replay can be compared."""
    topics: Mapping[Topic, Rules]
    """What a message is about."""
    kinds: Mapping[Kind, Rules]
    """What the person wants by it."""
    audiences: Mapping[Audience, Rules]
    """Who the person is."""
    audience_by_topic: Mapping[Topic, Mapping[Audience, _Weight]] = {}
    """Who mostly writes about a topic: heard where the words do not say."""
    audience_by_kind: Mapping[Kind, Mapping[Audience, _Weight]] = {}
    """The same for a kind."""


def load_lexicon(path: Path | None = None) -> Lexicon:
    """The shipped lexicon, or the one at `path`.

    Raises:
        LexiconError: it cannot be read or does not hold together; the message says where.
    """
    try:
        source = (path or files("message_router").joinpath(SHIPPED)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path or SHIPPED}: cannot be read ({type(error).__name__})"
        raise LexiconError(message) from error
    return parse_lexicon(source, name=str(path or SHIPPED))


def parse_lexicon(source: str, name: str) -> Lexicon:
    """A lexicon from its YAML text; `name` is what errors call the file."""
    loader = yaml.BaseLoader(source)  # every scalar is a string: a phrase `1420` or `no` must stay a phrase
    try:
        root = loader.get_single_node()
        _refuse_repeated_keys(root, name)
        content = loader.construct_document(root) if root is not None else None
        lexicon = Lexicon.model_validate(content)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = f"{name}:{mark.line + 1 if mark else 1}: {getattr(error, 'problem', error)}"
        raise LexiconError(message) from error
    except ValidationError as error:
        raise LexiconError("\n".join(_located(root, name, error))) from error
    finally:
        loader.dispose()
    _refuse_two_endings(lexicon, name)
    return lexicon


def _located(root: yaml.Node | None, name: str, error: ValidationError) -> list[str]:
    return [
        f"{name}:{_line_of(root, one['loc'])}: {'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}"
        for one in error.errors(include_url=False, include_input=False)
    ]


def _line_of(node: yaml.Node | None, path: Sequence[int | str]) -> int:
    """The line of the entry that a path of keys leads to, or of the nearest one around it."""
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def _refuse_repeated_keys(node: yaml.Node | None, name: str) -> None:
    """YAML keeps the last of two equal keys and says nothing: half of a rule would be gone."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(item, name)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                message = f"{name}:{key.start_mark.line + 1}: {key.value}: stands twice"
                raise LexiconError(message)
            seen.add(key.value)
            _refuse_repeated_keys(value, name)


def _refuse_two_endings(lexicon: Lexicon, name: str) -> None:
    """A phrase cannot be a whole word here and a beginning there: it would be heard too often."""
    endings: dict[str, bool] = {}
    for axis in (lexicon.topics, lexicon.kinds, lexicon.audiences):
        for label, rules in axis.items():
            for rule_name, rule in rules.items():
                for phrase in rule.phrases:
                    ends = phrase.endswith(WORD_ENDS)
                    if endings.setdefault(key_of(phrase), ends) is not ends:
                        entry = f"{label.value}.{rule_name}"
                        message = f"{name}: {entry}: «{phrase}» stands elsewhere with another ending"
                        raise LexiconError(message)

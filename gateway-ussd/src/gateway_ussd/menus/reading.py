"""YAML with the line of everything in it, so that a fault can be told by file and line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

Place = tuple[str | int, ...]
"""The way to a value: keys and indexes from the top of the file."""

_DEEPEST: Final = 20
_PLAIN: Final = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was read."""

    path: Path
    content: bytes
    value: Any
    lines: Mapping[Place, int]
    faults: tuple[str, ...]

    def at(self, place: Sequence[str | int], words: str) -> str:
        """A fault in the nearest known line: steps that the file does not hold are passed over."""
        known: Place = ()
        for step in place:
            if (*known, step) in self.lines:
                known = (*known, step)
        return f"{self.path.name}:{self.lines.get(known, 1)}: {words}"


@dataclass(slots=True)
class _Reader:
    name: str
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def fault(self, node: yaml.Node, words: str) -> None:
        self.faults.append(f"{self.name}:{node.start_mark.line + 1}: {words}")

    def value(self, node: yaml.Node, place: Place) -> Any:  # noqa: ANN401  (whatever YAML holds)
        self.lines.setdefault(place, node.start_mark.line + 1)
        if len(place) > _DEEPEST:
            self.fault(node, "nested too deep")
        elif not isinstance(node, yaml.ScalarNode) and node.tag not in _PLAIN:
            self.fault(node, f"{node.tag} has no place here")
        elif isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        elif isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, index)) for index, item in enumerate(node.value)]
        else:
            return self._scalar(node)
        return None

    def _scalar(self, node: yaml.Node) -> object:
        try:
            return yaml.SafeLoader("").construct_object(node)
        except (ValueError, yaml.YAMLError):
            self.fault(node, "this can be read in two ways: put it in quotes")
            return None

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                self.fault(key_node, f"{key} stands here a second time")
                continue
            self.lines[*place, key] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, (*place, key))
        return found


def read(path: Path) -> Source:
    """One file; what is wrong with its YAML is in `faults`."""
    content = b""
    reader = _Reader(path.name)
    value: Any = None
    try:
        content = path.read_bytes()
        node = yaml.compose(content.decode(), Loader=yaml.SafeLoader)
        value = {} if node is None else reader.value(node, ())
    except OSError:
        reader.faults.append(f"{path.name}:1: cannot be read")
    except UnicodeDecodeError:
        reader.faults.append(f"{path.name}:1: not UTF-8")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        words = getattr(error, "problem", None) or "not YAML"
        reader.faults.append(f"{path.name}:{mark.line + 1 if mark else 1}: {words}")
    return Source(path, content, value, reader.lines, tuple(reader.faults))

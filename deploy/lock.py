# ruff: noqa: INP001 - a script, not a package
"""Gathers what every member of the workspace depends on, so that one resolver run can pin all of it together.

`python deploy/lock.py everything|runtime|build` prints requirement lines; `make lock` compiles them.
"""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MEMBERS = ("libs/*", "gateway-*", "router", "services/*")
OURS = "payam-"
FOR_EDITABLE = "editables"
"""Hatchling asks for it only when a member is installed editable, so no pyproject names it."""


def members() -> list[Path]:
    """The folders that have a pyproject.toml, in the workspace's order."""
    found = (folder for glob in MEMBERS for folder in sorted(ROOT.glob(glob)))
    return [folder for folder in found if (folder / "pyproject.toml").is_file()]


def requirements(what: str) -> set[str]:
    """The lines for one of the three locks."""
    if what == "build":
        return {line for folder in members() for line in _read(folder)["build-system"]["requires"]}
    lines = {line for folder in members() for line in _read(folder)["project"]["dependencies"]}
    if what == "everything":
        lines |= (
            set(_extras())
            | set(_read(ROOT)["dependency-groups"]["dev"])
            | requirements("build")
            | {FOR_EDITABLE}
        )
    return {line for line in lines if not line.startswith(OURS)}


def _extras() -> Iterator[str]:
    for folder in members():
        for lines in _read(folder)["project"].get("optional-dependencies", {}).values():
            yield from lines


def _read(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))


if __name__ == "__main__":
    sys.stdout.write("\n".join(sorted(requirements(sys.argv[1]))) + "\n")

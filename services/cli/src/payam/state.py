"""The state directory: one `payam up` at a time, private files, a note of what runs."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from payam.errors import AlreadyRunningError, StateDirectoryError


def open_state(folder: Path) -> Path:
    """Make the state directory (mode 700) if it is not there; its absolute path."""
    path = folder.absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StateDirectoryError(
            what=f"The state directory {path} cannot be written: {error.strerror}.",
            mend="Mend its owner and mode, or set PAYAM_STATE_DIR to another one.",
        ) from None
    return path


@contextmanager
def claimed(state_dir: Path) -> Iterator[None]:
    """Hold the state directory while the block runs; the lock goes with the process, however it ends."""
    with (state_dir / "up.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise AlreadyRunningError(
                what=f"`payam up` already runs in {state_dir} (pid {lock.read().strip() or 'unknown'}).",
                mend="End that one with Ctrl-C, or set PAYAM_STATE_DIR to another directory.",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_claimed(state_dir: Path) -> bool:
    """Whether a `payam up` runs in this state directory."""
    try:
        with claimed(state_dir):
            return False
    except AlreadyRunningError:
        return True
    except OSError:
        return False


def write_private(file: Path, text: str) -> None:
    """Write the whole file or nothing, readable by its owner alone."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def note_running(state_dir: Path, facts: Mapping[str, str]) -> None:
    """Leave the addresses of what runs, for `payam doctor` and its like in another terminal."""
    write_private(state_dir / "running.json", json.dumps(dict(facts), indent=2) + "\n")


def read_running(state_dir: Path) -> dict[str, str]:
    """The addresses that a running `payam up` left; empty if none runs."""
    if not is_claimed(state_dir):
        return {}
    try:
        facts = json.loads((state_dir / "running.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in facts.items()} if isinstance(facts, dict) else {}

"""`python -I -m gateway_voice.audio.child <recording> <copy>`: listens to one file and says what it heard.

It binds itself before it looks at a single byte, and says `ready` then: whoever started it can tell a file
that killed it from a machine on which it never ran.
"""

import errno
import os
import resource
import sys
from pathlib import Path
from typing import Final

from gateway_voice.audio.listening import listen

READY: Final = b"ready\n"
NO_ROOM: Final = 75
"""Exit status where the disk would not take the copy: EX_TEMPFAIL."""
_MILLION: Final = 1_000_000
_MOST_COPY_MB: Final = 200
_MOST_OPEN: Final = 32
_NICE: Final = 10
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})


def main(source: str, target: str, longest_seconds: str, memory_mb: str, cpu_seconds: str) -> int:
    """Say `ready`, then what was heard as one line of JSON."""
    _bind(int(memory_mb), int(float(cpu_seconds)) + 1)
    os.write(sys.stdout.fileno(), READY)
    try:
        with Path(source).open("rb") as content, Path(target).open("wb") as copy:
            heard = listen(content, copy, float(longest_seconds))
            copy.flush()
            os.fsync(copy.fileno())
    except OSError as error:
        if error.errno in _FULL:
            return NO_ROOM
        raise
    os.write(sys.stdout.fileno(), heard.model_dump_json().encode())
    return 0


def _bind(memory_mb: int, cpu_seconds: int) -> None:
    """What a hostile file may cost."""
    os.nice(_NICE)
    for what, most in (
        (resource.RLIMIT_AS, memory_mb * _MILLION),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, _MOST_COPY_MB * _MILLION),
        (resource.RLIMIT_NOFILE, _MOST_OPEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

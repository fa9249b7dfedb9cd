"""What can go wrong with a file.

PayamError
├── ObjectMissingError          for good: no bytes under this hash
│   └── ObjectDamagedError      for good: the bytes are not those that were kept
├── ObjectsUnavailableError     retriable: the object store is away, full, or refuses us
│   └── ObjectLockedError       retriable: sealed with a key that we were not given yet
├── FileTooLargeError           for good: a file of more bytes than are taken
└── FileRefusedError            for good: an empty file, or of no kind that is taken
"""

from typing import ClassVar

from envelope.errors import PayamError


class ObjectMissingError(PayamError):
    """The object store has no bytes under this hash."""


class ObjectDamagedError(ObjectMissingError):
    """The bytes are not those that were kept: changed, cut off, moved; or the key only shares its name."""


class ObjectsUnavailableError(PayamError):
    """The object store is away, full, or refuses us."""

    retriable: ClassVar[bool] = True


class ObjectLockedError(ObjectsUnavailableError):
    """The bytes are sealed with a key that we were not given."""


class FileTooLargeError(PayamError):
    """A file has more bytes than are taken."""


class FileRefusedError(PayamError):
    """A file is empty, or of no kind that is taken."""

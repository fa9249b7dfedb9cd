"""What can go wrong with a file.

PayamError
├── ObjectMissingError          for good: no bytes under this hash
├── ObjectsUnavailableError     retriable: the object store is away, full, or refuses us
├── FileTooLargeError           for good: a file of more bytes than are taken
└── FileRefusedError            for good: an empty file, or of no kind that is taken
"""

from typing import ClassVar

from envelope.errors import PayamError


class ObjectMissingError(PayamError):
    """The object store has no bytes under this hash."""


class ObjectsUnavailableError(PayamError):
    """The object store is away, full, or refuses us."""

    retriable: ClassVar[bool] = True


class FileTooLargeError(PayamError):
    """A file has more bytes than are taken."""


class FileRefusedError(PayamError):
    """A file is empty, or of no kind that is taken."""

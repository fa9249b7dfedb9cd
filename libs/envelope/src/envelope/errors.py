"""The root of every error of ours.

PayamError            retriable or not, as a fact of the class
"""

from typing import ClassVar


class PayamError(Exception):
    """An error that we raise ourselves; its message holds no number and no word of a citizen."""

    retriable: ClassVar[bool] = False
    """Whether the same call may succeed later without anybody changing anything."""

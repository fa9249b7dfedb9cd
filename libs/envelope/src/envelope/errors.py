"""The root of every error of ours.

PayamError            retriable or not, as a fact of the class
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self


class PayamError(Exception):
    """An error that we raise ourselves; its message holds no number and no word of a citizen."""

    retriable: ClassVar[bool] = False
    """Whether the same call may succeed later without anybody changing anything."""
    members: Mapping[str, Any] = MappingProxyType({})
    """What a program may want to know beside the words: versions, names of ours, times; never a citizen's."""

    def telling(self, **members: Any) -> Self:  # noqa: ANN401  (whatever JSON holds)
        """The same error with these members."""
        self.members = members
        return self

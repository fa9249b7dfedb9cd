"""What can go wrong in the router.

PayamError
└── LexiconError     for good: the lexicon cannot be used; the service refuses to start
"""

from envelope.errors import PayamError


class LexiconError(PayamError):
    """The lexicon is wrong: the message names the file, the line and the entry."""

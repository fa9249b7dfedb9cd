"""What the pages say, in Persian and English; a test holds both to the same keys."""

from chassis.sentences import LANGUAGES, Sentences

_SENTENCES = Sentences("gateway_portal.words")
words, say, phrase = _SENTENCES.words, _SENTENCES.say, _SENTENCES.phrase

__all__ = ["LANGUAGES", "phrase", "say", "words"]

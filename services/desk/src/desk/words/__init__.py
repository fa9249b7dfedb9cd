"""What the desk says, in Persian and English."""

from chassis.sentences import LANGUAGES, Sentences

_SENTENCES = Sentences("desk.words")
words, say, phrase = _SENTENCES.words, _SENTENCES.say, _SENTENCES.phrase

__all__ = ["LANGUAGES", "phrase", "say", "words"]

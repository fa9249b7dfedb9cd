"""What a message is about, what its writer wants and who they are: by choice, else by rules, with reasons.

`Classifier` is the port; a trained model can stand behind it as well.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import exp
from typing import Final, Protocol, TypeVar

from envelope.models import Classification, DecisionSource, Declared
from envelope.taxonomy import SECTION_OF, Audience, Kind, Topic
from message_router.lexicon import MARKS, Lexicon, Rules
from message_router.matcher import PhraseMatcher, key_of, spoken

L = TypeVar("L", bound=StrEnum)
_NOBODY_SAID: Final = 1.0
"""How much must speak for an audience before it counts as known."""
_STEPS: Final = 1_000
"""Confidence is told in thousandths; `round` would cost as much as the rest of it."""
_NOTHING_DECLARED: Final = Declared()
_ANY_TOPIC, _ANY_KIND, _ANYBODY = Topic.OTHER.value, Kind.QUESTION.value, Audience.UNKNOWN.value
_BY_CHOICE, _BY_RULES = DecisionSource.DECLARED, DecisionSource.RULES
_BY_NOTHING: Final = DecisionSource.NONE
_TOPICS: Final = {topic.value: topic for topic in Topic}
_SECTIONS: Final = {topic.value: SECTION_OF[topic] for topic in Topic}
_TOPIC_COUNT: Final = len(_TOPICS)
_KINDS: Final = {kind.value: kind for kind in Kind}
_AUDIENCES: Final = {audience.value: audience for audience in Audience}


class Classifier(Protocol):
    """Decides from the normalised copy and from what the person chose."""

    def classify(self, normalized_text: str, declared: Declared | None) -> Classification:
        """Never raises; confidence says how much to trust it."""
        ...


_Vote = tuple[int, str, float]
"""Axis, label and weight. A plain string for a label: hashing an enum's member costs too much."""
_Scores = dict[str, float]
_Votes = dict[str, _Vote]
"""What a phrase says, by the name of the rule: a rule speaks once, however often it is heard."""


class RuleClassifier:
    """Adds up the weights of the rules whose phrases occur."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Compile the lexicon, once: some tenths of a second."""
        self._version = f"rules-{lexicon.version}"
        axes = [_votes(0, lexicon.topics), _votes(1, lexicon.kinds), _votes(2, lexicon.audiences)]
        self._marks = [(mark, votes) for axis in axes for mark, votes in axis.items() if mark in MARKS]
        self._matcher, self._votes = _compiled(axes)
        self._audience_hints = {
            (topic and topic.value, kind.value): _hints(lexicon, topic, kind)
            for topic in (None, *Topic)
            for kind in Kind
        }

    def classify(self, normalized_text: str, declared: Declared | None = None) -> Classification:
        """What the person chose, and what the rules say of the rest."""
        heard = self._hear(normalized_text)
        scores: tuple[_Scores, _Scores, _Scores] = ({}, {}, {})
        for axis, label, weight in heard.values():
            on_axis = scores[axis]
            on_axis[label] = on_axis.get(label, 0.0) + weight
        topics, kinds, audiences = scores
        chosen = declared or _NOTHING_DECLARED
        topic = chosen.topic.value if chosen.topic else _best(topics)
        kind = chosen.kind.value if chosen.kind else _best(kinds) or _ANY_KIND
        for label, weight in self._audience_hints[topic, kind]:
            audiences[label] = audiences.get(label, 0.0) + weight
        audience = chosen.audience.value if chosen.audience else _best(audiences) or _ANYBODY
        winners = (topic, kind, audience)
        reasons = [
            name for name, (axis, label, weight) in heard.items() if weight > 0 and label == winners[axis]
        ]
        return Classification(
            topic=_TOPICS[topic or _ANY_TOPIC],
            section=_SECTIONS[topic or _ANY_TOPIC],
            kind=_KINDS[kind],
            audience=_AUDIENCES[audience],
            confidence=1.0 if chosen.topic else _confidence(topics, topic),
            reasons=tuple(reasons),
            source=_BY_CHOICE if chosen.topic else _BY_NOTHING if topic is None else _BY_RULES,
            version=self._version,
        )

    def _hear(self, normalized_text: str) -> _Votes:
        votes = self._votes
        heard: _Votes = {}
        for key in self._matcher.find(spoken(normalized_text)):
            heard.update(votes[key])
        for mark, more in self._marks:
            if mark in normalized_text:
                heard.update(more)
        return heard


def _best(scores: _Scores) -> str | None:
    """The label with the highest score above zero; the one heard first where two are equal."""
    if not scores:
        return None
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] > 0 else None


def _confidence(scores: _Scores, best: str | None) -> float:
    """The best topic's share of `exp(score)` over all topics: grows with the evidence and the margin."""
    if best is None:
        return 0.0
    shares = sum(map(exp, scores.values())) + _TOPIC_COUNT - len(scores)
    return int(exp(scores[best]) / shares * _STEPS) / _STEPS


def _hints(lexicon: Lexicon, topic: Topic | None, kind: Kind) -> tuple[tuple[str, float], ...]:
    """Who mostly writes about this topic in this way, and the weight of not knowing."""
    by_topic = lexicon.audience_by_topic.get(topic, {}) if topic is not None else {}
    by_kind = lexicon.audience_by_kind.get(kind, {})
    hints = (*by_topic.items(), *by_kind.items(), (Audience.UNKNOWN, _NOBODY_SAID))
    return tuple((audience.value, weight) for audience, weight in hints)


def _votes(index: int, axis: Mapping[L, Rules]) -> dict[str, _Votes]:
    """Phrase → what it says on one axis."""
    votes: dict[str, _Votes] = {}
    for label, rules in axis.items():
        for name, rule in rules.items():
            for phrase in rule.phrases:
                votes.setdefault(phrase, {})[f"{label.value}.{name}"] = (index, label.value, rule.weight)
    return votes


def _compiled(axes: Sequence[Mapping[str, _Votes]]) -> tuple[PhraseMatcher, dict[str, _Votes]]:
    """One matcher for the three axes: a phrase also says what its beginning says on the axes it is silent on.

    So «بازنشسته هستم», which speaks of the audience, does not hide «بازنشسته», which speaks of the topic.
    """
    phrases = {phrase for axis in axes for phrase in axis if phrase not in MARKS}
    votes: dict[str, _Votes] = {key_of(phrase): {} for phrase in phrases}
    for axis in axes:
        alone = PhraseMatcher(phrase for phrase in axis if phrase not in MARKS)
        by_key: dict[str, _Votes] = {}
        for phrase, said in axis.items():
            by_key.setdefault(key_of(phrase), {}).update(said)
        for phrase in phrases:
            found = alone.find_first(phrase)
            if found is not None:
                votes[key_of(phrase)].update(by_key[found])
    return PhraseMatcher(phrases), votes

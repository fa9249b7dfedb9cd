"""Which language a person is answered in: Persian, also for Persian in Latin letters; English for English."""

import re
from typing import Final

from envelope.models import Language

_ARABIC_SCRIPT: Final = re.compile("[\u0600-\u06ff]")
_WORD: Final = re.compile(r"[a-z']+")


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_ENGLISH: Final = _words(
    "a an the is are was were be been have has had i i'm my me we our you your it its this that there",
    "these what when where which who why how can could would will should do does did not don't no yes and",
    "or but if of for from with about please thanks thank hello hi dear regards help status stop info",
    "need want get got because insurance pension",
)
_FINGLISH: Final = _words(
    "salam man ma shoma ro ra ke az ba be dar va ya ham chera chi chie kojast koja kei chand chetor",
    "chejoori lotfan mikham mikhastam bime bimeh hast hastam nist shod shode nashode mishe nemishe daram",
    "dare darim kardam kard kon konid konam sabeghe hoghugh hoghogh bazneshaste bazneshastegi mostamari",
    "pardakht variz shobe daftarche noskhe kheyli kheili mamnun mamnoon merci baraye vase alan hanuz",
    "hanooz dige peygiri mah sal ruz rooz agha",
)
_FEW: Final = 3


def language_of(normalized_text: str) -> Language:
    """English only for Latin script with English function words and no cue of Finglish; else Persian."""
    if not normalized_text or _ARABIC_SCRIPT.search(normalized_text) is not None:
        return Language.FA
    words = _WORD.findall(normalized_text)
    english = sum(word in _ENGLISH for word in words)
    if not english or any(word in _FINGLISH and word not in _ENGLISH for word in words):
        return Language.FA
    return Language.EN if english > 1 or len(words) <= _FEW else Language.FA

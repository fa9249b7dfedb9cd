"""What the desk says: both languages say everything, with the same gaps, and Persian reads as Persian."""

import re
import string

import pytest

from case_store.model import CaseState, LinkRelation, ReferralState, Tier
from case_store.staffing import Role
from case_store.worktime.explain import Counted
from desk.reading.office import reason
from desk.words import LANGUAGES, say, words
from envelope.models import CaseEventType, Purpose
from gateway_sms.providers.kavenegar.tables import RESULTS, Verdict

PERSIAN, ENGLISH = words("fa"), words("en")


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_say_the_same_things():
    assert set(PERSIAN) == set(ENGLISH)


def test_a_sentence_has_the_same_gaps_in_both():
    assert {key: gaps(text) for key, text in PERSIAN.items()} == {
        key: gaps(text) for key, text in ENGLISH.items()
    }
    assert all([*PERSIAN.values(), *ENGLISH.values()])


@pytest.mark.parametrize(
    ("prefix", "terms"),
    [
        ("case.event", CaseEventType),
        ("case.purpose", Purpose),
        ("case.relation", LinkRelation),
        ("common.state", CaseState),
        ("common.referral_state", ReferralState),
        ("common.role", Role),
        ("common.tier", Tier),
        ("case.clock.day", Counted),
    ],
)
def test_every_term_of_the_store_has_its_word(prefix, terms):
    assert {f"{prefix}.{term}" for term in terms} <= set(PERSIAN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_for_which_a_message_is_given_up_has_its_words(language):
    refused = [f"{code}: {told}" for code, (verdict, told) in RESULTS.items() if verdict is Verdict.REJECT]
    for told in (*refused, "402: the operation failed", "too late to be of use"):
        assert reason(told, language) in words(language).values()
    assert reason("712: a reason of tomorrow", language) == "712: a reason of tomorrow"


@pytest.mark.parametrize(
    "wrong",
    [
        "ي",
        "ك",
        "ة",
        r"[\u0660-\u0669]",
        r"(?<![\w/.])[0-9]+(?![\w/.])",
        r"\bمی [\u0600-\u06ff]",
        r"[\u0600-\u06ff] ها\b",
        "  ",
    ],
)
def test_persian_is_written_with_persian_letters_digits_and_half_spaces(wrong):
    found = {key: text for key, text in PERSIAN.items() if re.search(wrong, text)}
    assert not found


def test_numbers_are_told_in_the_digits_of_the_language():
    assert say("fa", "queues.announced", open=1234, late=0) == "۱٬۲۳۴ پروندهٔ باز، ۰ دیرشده"
    assert say("en", "queues.announced", open=1234, late=0) == "1,234 undecided cases, 0 overdue"


def test_a_sentence_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        say("fa", "queues.nothing")


def test_there_are_two_languages():
    assert LANGUAGES == ("fa", "en")

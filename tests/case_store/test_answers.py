"""What we write by ourselves says what it must and fits its SMS parts."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from case_store.answers import Answer, Answers, jalali
from case_store.model import Case, CaseState
from envelope.models import Channel, Language
from envelope.taxonomy import Audience, Kind, Section, Topic

CODE = "9876543210"
SINGLE_UCS2, PART_UCS2, SINGLE_GSM = 70, 67, 160


def a_case(state: CaseState) -> Case:
    opened = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)  # the next day in Tehran
    return Case(
        id=uuid4(),
        contact_id=uuid4(),
        tracking_code=CODE,
        state=state,
        channel=Channel.SMS,
        line="10001420",
        topic=Topic.OTHER,
        section=Section.GENERAL,
        kind=Kind.QUESTION,
        audience=Audience.UNKNOWN,
        province=None,
        desk="triage",
        language=Language.FA,
        opened_at=opened,
        last_activity_at=opened,
    )


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers(reopen_days=14)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("answer", [answer for answer in Answer if answer is not Answer.HELP])
def test_a_persian_answer_is_one_part(answers: Answers, answer: Answer, state: CaseState):
    assert 0 < units(answers.write(answer, Language.FA, a_case(state))) <= SINGLE_UCS2


def test_help_in_persian_is_two_parts(answers: Answers):
    assert units(answers.write(Answer.HELP, Language.FA)) <= 2 * PART_UCS2


@pytest.mark.parametrize("answer", Answer)
def test_an_english_answer_is_one_part_of_plain_letters(answers: Answers, answer: Answer):
    text = answers.write(answer, Language.EN, a_case(CaseState.NEW))
    assert text.isascii()
    assert len(text) <= SINGLE_GSM


def test_the_code_is_grouped_for_reading_in_the_digits_of_the_language(answers: Answers):
    assert "۹۸۷ ۶۵۴ ۳۲۱۰" in answers.write(Answer.ACKNOWLEDGEMENT, Language.FA, a_case(CaseState.NEW))
    assert "987 654 3210" in answers.write(Answer.ACKNOWLEDGEMENT, Language.EN, a_case(CaseState.NEW))


def test_the_date_is_that_of_tehran_in_the_calendar_of_the_language(answers: Answers):
    assert "۱۴۰۵/۰۹/۰۱" in answers.write(Answer.STATUS, Language.FA, a_case(CaseState.OPEN))
    assert "2026-11-22" in answers.write(Answer.STATUS, Language.EN, a_case(CaseState.OPEN))
    assert jalali(datetime(2025, 3, 20, 20, 0, tzinfo=UTC)) == "1403/12/30"
    assert jalali(datetime(2025, 3, 20, 20, 30, tzinfo=UTC)) == "1404/01/01"


@pytest.mark.parametrize("language", Language)
def test_every_state_has_its_own_words_or_shares_them_on_purpose(answers: Answers, language: Language):
    told = {state: answers.write(Answer.STATUS, language, a_case(state)) for state in CaseState}
    assert told[CaseState.NEW] == told[CaseState.TRIAGE]
    assert told[CaseState.OPEN] == told[CaseState.REFERRED]
    assert len(set(told.values())) == len(CaseState) - 2


def test_no_persian_answer_holds_latin_digits_or_arabic_letters(answers: Answers):
    for answer in Answer:
        text = answers.write(answer, Language.FA, a_case(CaseState.NEW))
        assert not set(text) & set("0123456789يك")
        assert "\u200c" not in text.replace("\u200c", "", 0) or " \u200c" not in text

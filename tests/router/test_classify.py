"""What a message is about: by choice, else by rules that give their reasons."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope.models import Classification, DecisionSource, Declared
from envelope.taxonomy import SECTION_OF, Audience, Kind, Section, Topic
from message_router.classify import RuleClassifier
from message_router.lexicon import load_lexicon, parse_lexicon
from message_router.settings import RouterSettings
from persian.normalize import normalize

CLASSIFIER: Final = RuleClassifier(load_lexicon())
LABELLED: Final = [
    json.loads(line)
    for line in (Path(__file__).parent / "messages-labelled.jsonl").read_text(encoding="utf-8").splitlines()
]


def classify(text: str, declared: Declared | None = None) -> Classification:
    return CLASSIFIER.classify(normalize(text), declared)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("ریز سوابق بیمه من ناقص است", Topic.CONTRIBUTION_RECORD),
        ("بیمه خویش فرما چطور حساب میشه", Topic.OPTIONAL_INSURANCE),
        ("مقرری بیکاری این ماه واریز نشده", Topic.UNEMPLOYMENT),
        ("مفاصاحساب پیمان را صادر کنید", Topic.EMPLOYER_LIST),
        ("صاحب کارم بیمه‌ام نکرده", Topic.UNINSURED_WORK),
        ("غرامت دستمزد ایام بیماری", Topic.SHORT_TERM_BENEFIT),
        ("كالابرگ خانواده ما شارژ نشده", Topic.SUPPORT_BASKET),
        ("داروخانه نسخه الکترونیک را نمی‌بیند", Topic.E_PRESCRIPTION),
        ("استحقاق درمان همسرم قطع شده", Topic.TREATMENT_ELIGIBILITY),
        ("درمانگاه ملکی نوبت دکتر ندارد", Topic.HOSPITAL_SERVICE),
        ("بیمه تکمیلی هزینه دندان را می‌دهد؟", Topic.MEDICAL_EXPENSE),
        ("شرایط بازنشستگی پیش از موعد", Topic.RETIREMENT_APPLICATION),
        ("متناسب سازی حقوق بازنشستگان", Topic.PENSION_PAYMENT),
        ("مستمری بازماندگان پدر مرحومم", Topic.SURVIVOR_PENSION),
        ("کمیسیون پزشکی ازکارافتادگی", Topic.DISABILITY_PENSION),
        ("وام ضروری بازنشستگان", Topic.PENSIONER_WELFARE),
        ("رمز عبور سامانه را فراموش کردم", Topic.ONLINE_ACCOUNT),
        ("آدرس شعبه و ساعت کاری", Topic.BRANCH_SERVICE),
        ("فروش ویژه فرش با تخفیف ویژه", Topic.OTHER),
        ("hoghughe bazneshastegi man variz nashode", Topic.PENSION_PAYMENT),
        ("my unemployment benefit", Topic.UNEMPLOYMENT),
    ],
)
def test_plain_words_of_a_topic_are_understood(text: str, topic: Topic) -> None:
    decided = classify(text)
    assert decided.topic is topic
    assert decided.section is SECTION_OF[topic]
    assert decided.confidence >= RouterSettings().abstain_below
    assert decided.source is DecisionSource.RULES


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("چه مدارکی لازم است؟", Kind.QUESTION),
        ("خسته شدم، هیچ کس جوابگو نیست", Kind.COMPLAINT),
        ("پیشنهاد می‌کنم پیامک بدهید", Kind.SUGGESTION),
        ("لطفا اصلاح کنید", Kind.REQUEST),
        ("پرونده من به کجا رسید؟", Kind.STATUS_INQUIRY),
        ("دمتون گرم، خدا خیرتون بده", Kind.APPRECIATION),
    ],
)
def test_what_the_person_wants_is_understood(text: str, kind: Kind) -> None:
    assert classify(text).kind is kind


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        ("بیمه‌شده هستم", Audience.INSURED),
        ("بازنشسته‌ام", Audience.PENSIONER),
        ("همسر مرحومم", Audience.SURVIVOR),
        ("کارگاه ما سه تا کارگر دارد", Audience.EMPLOYER),
        ("سلام", Audience.UNKNOWN),
    ],
)
def test_who_the_person_is_is_understood(text: str, audience: Audience) -> None:
    assert classify(text).audience is audience


def test_what_the_person_chose_wins_over_what_they_wrote() -> None:
    declared = Declared(topic=Topic.SURVIVOR_PENSION, kind=Kind.COMPLAINT, audience=Audience.SURVIVOR)
    decided = classify("لطفا بیمه بیکاری من را واریز کنید", declared)
    assert (decided.topic, decided.kind, decided.audience) == (
        Topic.SURVIVOR_PENSION,
        Kind.COMPLAINT,
        Audience.SURVIVOR,
    )
    assert decided.section is Section.RETIREMENT
    assert decided.confidence == 1
    assert decided.source is DecisionSource.DECLARED


def test_what_the_person_left_open_is_read_from_the_words() -> None:
    decided = classify("لطفا بیمه بیکاری من را واریز کنید", Declared(topic=Topic.OTHER))
    assert (decided.topic, decided.kind, decided.confidence) == (Topic.OTHER, Kind.REQUEST, 1)
    decided = classify("بیمه بیکاری", Declared(kind=Kind.COMPLAINT))
    assert (decided.topic, decided.kind) == (Topic.UNEMPLOYMENT, Kind.COMPLAINT)
    assert decided.confidence < 1


@pytest.mark.parametrize("text", ["", "سلام", "12345", "asdf qwer", "👏"])
def test_where_nothing_was_found_nothing_is_claimed(text: str) -> None:
    decided = classify(text)
    assert (decided.topic, decided.kind, decided.audience) == (Topic.OTHER, Kind.QUESTION, Audience.UNKNOWN)
    assert (decided.confidence, decided.source) == (0, DecisionSource.NONE)


def test_confidence_grows_with_evidence_and_falls_with_rivals() -> None:
    weak, strong = classify("کمیسیون"), classify("کمیسیون پزشکی ازکارافتادگی")
    torn = classify("کمیسیون پزشکی ازکارافتادگی و بیمه بیکاری و مفاصاحساب")
    assert weak.confidence < strong.confidence
    assert torn.confidence < strong.confidence


def test_reasons_are_names_of_rules_and_hold_no_word_of_the_person() -> None:
    decided = classify("سلام من علی رضایی هستم، بیمه بیکاری من واریز نشده")
    assert "unemployment.benefit" in decided.reasons
    assert all(reason.isascii() for reason in decided.reasons)


def test_a_rule_speaks_once_however_often_it_is_heard() -> None:
    assert classify("بیمه بیکاری") == classify("بیمه بیکاری " * 50)


def test_a_rule_may_speak_against_its_label() -> None:
    assert classify("نسخه جدید اپ خراب است").topic is Topic.ONLINE_ACCOUNT


def test_a_phrase_of_one_axis_does_not_hide_its_beginning_on_another() -> None:
    lexicon = parse_lexicon(
        """\
version: "1"
topics: {unemployment: {word: {weight: 5, phrases: [بیکار]}}}
kinds: {}
audiences: {insured: {says_so: {weight: 5, phrases: [بیکار شدم]}}}
""",
        name="own",
    )
    decided = RuleClassifier(lexicon).classify("بیکار شدم")
    assert (decided.topic, decided.audience) == (Topic.UNEMPLOYMENT, Audience.INSURED)


@given(st.text(max_size=200))
def test_any_text_is_classified(text: str) -> None:
    assert 0 <= classify(text).confidence <= 1


def _share(right: Callable[[dict[str, Any], Classification], bool], *, answered: bool = False) -> float:
    decided = [(row, classify(row["text"])) for row in LABELLED]
    least = RouterSettings().abstain_below if answered else 0
    heard = [(row, one) for row, one in decided if one.confidence >= least]
    return sum(right(row, one) for row, one in heard) / len(heard)


def test_the_labelled_messages_are_mostly_understood() -> None:
    """The rules' author knew these messages: a floor against falling back, not a promise for the street."""
    assert _share(lambda row, one: row["topic"] == one.topic) >= 0.93
    assert _share(lambda row, one: row["kind"] == one.kind) >= 0.88
    assert _share(lambda row, one: row["audience"] == one.audience) >= 0.91


def test_what_the_router_answers_is_right_and_it_answers_most() -> None:
    least = RouterSettings().abstain_below
    assert _share(lambda row, one: row["topic"] == one.topic, answered=True) >= 0.96
    assert _share(lambda _row, one: one.confidence >= least) >= 0.9

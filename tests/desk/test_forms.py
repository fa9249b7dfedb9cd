"""A form keeps everything that was typed and says all that is wrong at once."""

import pytest

from desk.forms import Form
from desk.registering import BLANK, registration
from desk.typed import typed_date
from desk.words import words

CALL = {**BLANK, "number": "۰۹۱۲ ۱۲۳ ۴۵۶۷", "text": " فیشم نیامده ", "topic": "pension_payment"}


def test_all_faults_are_noted_and_each_has_its_sentence():
    form = Form({"title": " ", "text": "x" * 11, "from": "فردا"})
    form.text("title")
    form.text("text", most=10)
    form.read("from", typed_date)
    form.refused({"topic": "Input should be …"})
    assert form.faults == {
        "title": "typed.missing",
        "text": "typed.long",
        "from": "typed.date",
        "topic": "typed.refused",
    }
    assert not form.right
    assert set(form.faults.values()) <= set(words("fa"))


def test_a_call_becomes_what_the_store_takes():
    form = Form(CALL)
    assert registration(form, answered=False) == {
        "channel": "phone",
        "address": "+989121234567",
        "text": "فیشم نیامده",
        "topic": "pension_payment",
        "kind": "question",
        "audience": "unknown",
        "notify": True,
    }
    assert form.right


def test_without_a_number_nothing_is_sent_to_it():
    body = registration(Form({**CALL, "number": ""}), answered=False)
    assert body["notify"] is False
    assert "address" not in body


def test_an_answer_given_on_the_spot_goes_along_and_may_close():
    body = registration(Form({**CALL, "answer": "تا پایان ماه", "close": "on"}), answered=True)
    assert (body["answer"], body["close"]) == ("تا پایان ماه", True)


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"number": "1420"}, "number", "register.number_wrong"),
        ({"text": " "}, "text", "typed.missing"),
        ({"topic": ""}, "topic", "register.topic_wrong"),
        ({}, "answer", "register.answer_missing"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(change, field, sentence):
    form = Form({**CALL, **change})
    registration(form, answered=True)
    assert form.faults[field] == sentence
    assert sentence in words("fa")

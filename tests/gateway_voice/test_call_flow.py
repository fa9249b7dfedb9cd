"""The flow alone: what a caller hears and what is done, key by key."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope.models import Language
from envelope.taxonomy import Section
from envelope.tracking import mint
from gateway_voice.calls.flow import advance
from gateway_voice.calls.model import (
    Action,
    Answer,
    Arrived,
    Call,
    Drop,
    Event,
    Found,
    HandOn,
    HangUp,
    HungUp,
    Keep,
    Kept,
    Listen,
    Look,
    NotRecorded,
    Pressed,
    Quiet,
    Record,
    Recorded,
    Resumed,
    Rules,
    Say,
    Step,
)
from gateway_voice.calls.prompts import wording

RULES = Rules(key_seconds=6, shortest=1)
MOBILE = "+989121234567"
CODE = mint(1, b"key")
A = TypeVar("A")


@dataclass
class Telephone:
    """A caller, and everything that was done because of them."""

    call: Call = field(default_factory=lambda: Call(caller=MOBILE))
    done: list[Action] = field(default_factory=list)

    def happens(self, *events: Event) -> "Telephone":
        for event in events:
            self.call, actions = advance(self.call, event, RULES)
            self.done += actions
        return self

    def press(self, keys: str) -> "Telephone":
        return self.happens(*(Pressed(key) for key in keys))

    def speak(self, seconds: float = 8.0, *, spoken: bool = True) -> "Telephone":
        return self.happens(Recorded(self.call.takes, seconds, spoken))

    def quiet(self, times: int = 1) -> "Telephone":
        return self.happens(*[Quiet()] * times)

    def of(self, kind: type[A]) -> list[A]:
        return [action for action in self.done if isinstance(action, kind)]

    @property
    def heard(self) -> tuple[str, ...]:
        return self.of(Say)[-1].prompts


def arrived(caller: str | None = MOBILE) -> Telephone:
    return Telephone(Call(caller=caller)).happens(Arrived(staffed=False))


def at_the_tone(caller: str | None = MOBILE) -> Telephone:
    return arrived(caller).press("11").quiet()


def test_a_call_in_staffed_hours_is_handed_on_unanswered():
    phone = Telephone().happens(Arrived(staffed=True))
    assert phone.done == [HandOn()]
    assert phone.call.step is Step.GONE


def test_a_message_from_welcome_to_goodbye():
    phone = arrived()
    assert phone.done[0] == Answer()
    assert phone.heard == ("fa/welcome", "fa/language", "en/language")
    assert phone.press("1").heard == ("fa/section",)
    assert phone.press("2").heard == ("fa/leave-message",)
    assert phone.call.section is Section.TREATMENT
    phone.quiet()
    assert phone.done[-1] == Record(1)
    assert phone.speak().heard == ("fa/review",)
    assert phone.press("1").heard == ("take/1", "fa/review")
    assert phone.press("3").heard[0] == "fa/callback-is"
    assert _digits(phone.heard) == "09121234567"
    phone.press("1")
    assert phone.done[-1] == Keep(1)
    phone.happens(Kept(CODE))
    assert _digits(phone.heard) == CODE + CODE
    assert phone.heard[-2:] == ("fa/code-by-text", "fa/goodbye")
    phone.quiet()
    assert phone.done[-1] == HangUp()
    assert phone.call.keys == ("1", "2", "1", "3", "1")


def test_english_is_spoken_to_who_chose_it():
    phone = arrived().press("2")
    assert phone.heard == ("en/section",)
    assert phone.call.language is Language.EN


def test_who_presses_nothing_still_leaves_a_message():
    phone = arrived().quiet(3)
    assert phone.call.step is Step.SECTION
    phone.quiet(3)
    assert phone.call.step is Step.INSTRUCTING
    phone.quiet()
    assert phone.done[-1] == Record(1)
    phone.speak().quiet(3)
    assert phone.call.step is Step.CALLBACK
    phone.quiet(3)
    assert phone.done[-1] == Keep(1)
    assert phone.call.section is None


def test_a_wrong_key_is_told_and_a_star_repeats():
    phone = arrived().press("1")
    assert phone.press("7").heard == ("fa/not-a-choice", "fa/section")
    assert phone.press("*").heard == ("fa/section",)


def test_a_key_cuts_the_instructions_short():
    assert arrived().press("11#").done[-1] == Record(1)


@pytest.mark.parametrize("far", ["", "3", "31", "32", "3209"])
def test_hanging_up_after_speaking_keeps_what_was_said(far):
    phone = at_the_tone().speak().press(far).happens(HungUp())
    assert phone.of(Keep) == [Keep(1)]
    assert phone.call.step is Step.GONE


def test_hanging_up_before_speaking_keeps_nothing():
    assert at_the_tone().happens(HungUp()).of(Keep) == []


def test_hanging_up_after_it_was_kept_keeps_it_once():
    phone = at_the_tone().speak().press("31").happens(Kept(CODE), HungUp(), HungUp())
    assert phone.of(Keep) == [Keep(1)]


def test_said_anew_the_first_is_dropped_only_when_there_is_a_second():
    phone = at_the_tone().speak().press("2")
    assert phone.of(Drop) == []
    assert phone.quiet().done[-1] == Record(2)
    phone.speak()
    assert phone.of(Drop) == [Drop(1)]
    assert phone.happens(HungUp()).of(Keep) == [Keep(2)]


def test_hanging_up_instead_of_saying_it_anew_keeps_the_first():
    phone = at_the_tone().speak().press("2").quiet().speak(0.2).happens(HungUp())
    assert (phone.of(Drop), phone.of(Keep)) == ([Drop(2)], [Keep(1)])


def test_a_silent_second_does_not_take_the_place_of_a_spoken_first():
    phone = at_the_tone().speak().press("2").quiet().speak(9, spoken=False)
    assert phone.of(Drop) == [Drop(2)]
    assert phone.happens(HungUp()).of(Keep) == [Keep(1)]


def test_silence_is_told_and_tried_again_and_then_kept_for_somebody_to_hear():
    phone = at_the_tone()
    for _ in range(2):
        assert phone.speak(9, spoken=False).heard == ("fa/unheard",)
        phone.quiet()
    phone.speak(9, spoken=False)
    assert phone.of(Drop) == [Drop(1), Drop(2)]
    assert phone.of(Keep) == [Keep(3)]


def test_three_tries_of_nothing_end_the_call():
    phone = at_the_tone()
    for _ in range(2):
        phone.speak(0.3).quiet()
    phone.speak(0.3)
    assert phone.heard == ("fa/goodbye",)
    assert phone.quiet().done[-1] == HangUp()
    assert phone.of(Keep) == []


def test_a_recording_that_cannot_be_made_is_tried_again():
    phone = at_the_tone().happens(NotRecorded())
    assert phone.heard == ("fa/unheard",)
    assert phone.quiet().done[-1] == Record(2)


def test_a_recording_that_vanished_is_asked_for_again():
    phone = at_the_tone().speak().press("31").happens(NotRecorded())
    assert phone.heard == ("fa/unheard",)
    assert phone.call.take == 0


def test_a_hash_pressed_twice_does_not_skip_the_review():
    assert at_the_tone().speak().press("#").call.step is Step.REVIEW


def test_a_withheld_number_is_asked_for():
    phone = at_the_tone(caller=None).speak().press("3")
    assert phone.heard == ("fa/key-in-number",)
    phone.press("02188776655#")
    assert phone.call.callback == "+982188776655"
    assert _digits(phone.heard) == "02188776655"
    phone.press("1").happens(Kept(CODE))
    assert "fa/code-by-text" not in phone.heard


def test_a_wrong_number_is_asked_for_again_and_in_the_end_left():
    phone = at_the_tone(caller=None).speak().press("3")
    assert phone.press("123#").heard == ("fa/not-a-number", "fa/key-in-number")
    phone.press("9#").press("#")
    assert phone.of(Keep) == [Keep(1)]
    assert phone.call.callback is None


def test_a_star_begins_a_number_anew_and_a_pause_ends_it():
    phone = at_the_tone(caller=None).speak().press("3").press("0999*09351112233").quiet()
    assert phone.call.callback == "+989351112233"


def test_no_digit_of_a_number_or_code_is_among_the_keys_on_record():
    phone = (
        arrived()
        .press("19" + CODE)
        .happens(Found("open"))
        .press("1")
        .quiet()
        .speak()
        .press("3209351112233#1")
    )
    assert phone.call.keys == ("1", "9", "1", "3", "2", "1")


def test_without_a_code_to_mint_the_text_brings_it():
    phone = at_the_tone().speak().press("31").happens(Kept(None))
    assert _digits(phone.heard) == ""
    assert "fa/code-by-text" in phone.heard


def test_the_state_of_a_case_is_told_and_the_menu_comes_again():
    phone = arrived().press("19")
    assert phone.heard == ("fa/key-in-code",)
    phone.press(CODE)
    assert phone.done[-1] == Look(CODE, MOBILE)
    assert phone.happens(Found("referred")).heard == ("fa/state-referred", "fa/section")
    assert phone.quiet(3).heard == ("fa/goodbye",)


def test_a_case_of_another_number_is_told_only_for_that_number():
    phone = arrived().press("19" + CODE).happens(Found("unknown"))
    assert phone.heard == ("fa/key-in-own-number",)
    phone.press("09351112233#")
    assert phone.done[-1] == Look(CODE, "+989351112233")
    assert phone.happens(Found("unknown")).heard == ("fa/no-such-case", "fa/section")
    assert phone.call.callback is None


def test_a_code_with_a_slip_is_not_looked_up():
    slip = CODE[:-1] + str((int(CODE[-1]) + 1) % 10)
    phone = arrived().press("19" + slip)
    assert phone.heard == ("fa/not-a-code", "fa/key-in-code")
    assert phone.of(Look) == []


def test_codes_cannot_be_tried_for_ever():
    phone = arrived().press("1")
    for number in range(10):
        phone.press("9" + mint(number, b"key")).happens(Found("open"))
    assert len(phone.of(Look)) == 6
    assert phone.call.step is Step.LEAVING


def test_a_store_that_is_away_is_told():
    phone = arrived().press("19" + CODE).happens(Found("away"))
    assert phone.heard == ("fa/cannot-look", "fa/section")


def test_after_a_lost_connection_it_is_said_again():
    phone = arrived().press("1")
    assert phone.happens(Resumed()).heard == ("fa/section",)
    before = list(phone.press("1").quiet().done)
    assert phone.happens(Resumed()).done == before


def test_each_digit_is_waited_for_anew():
    phone = arrived().press("191")
    assert phone.done[-1] == Listen(RULES.key_seconds)


_EVENTS = st.one_of(
    st.builds(Arrived, st.booleans()),
    st.builds(Pressed, st.sampled_from("0123456789*#")),
    st.just(Quiet()),
    st.builds(Recorded, st.integers(1, 6), st.sampled_from([None, 0.0, 5.0]), st.booleans()),
    st.just(NotRecorded()),
    st.builds(Kept, st.sampled_from([None, CODE])),
    st.builds(Found, st.sampled_from(["unknown", "away", "open", "new-fangled"])),
    st.just(Resumed()),
)


@given(st.sampled_from([None, MOBILE]), st.lists(_EVENTS, max_size=60))
def test_whatever_happens_a_good_recording_is_kept_and_every_prompt_has_words(caller, events):
    phone = Telephone(Call(caller=caller)).happens(Arrived(staffed=False), *events, HungUp())
    kept, dropped = {each.take for each in phone.of(Keep)}, {each.take for each in phone.of(Drop)}
    assert not kept & dropped
    assert phone.call.step is Step.GONE
    assert not (phone.call.take and phone.call.take not in kept)
    assert _without_words(each for say in phone.of(Say) for each in say.prompts) == []


@given(st.lists(st.just(Quiet()), min_size=60, max_size=60))
def test_a_call_in_which_nobody_does_anything_ends(events):
    phone = arrived()
    for event in events:
        phone.happens(event)
        if phone.call.step is Step.RECORDING:
            phone.speak(0.0, spoken=False)
    assert phone.call.step is Step.GONE


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_prompts(language):
    assert wording(language).keys() == wording(Language.FA).keys()
    assert [name for name, words in wording(language).items() if not words] == ["breath"]


def _digits(prompts: Iterable[str]) -> str:
    return "".join(each[-1] for each in prompts if each.rpartition("/")[2].startswith("digit-"))


def _without_words(prompts: Iterable[str]) -> list[str]:
    found = (each.partition("/") for each in prompts if not each.startswith("take/"))
    return [name for language, _, name in found if name not in wording(Language(language))]

"""The menus that come with the gateway: whatever is typed or found, a screen that fits and leads on."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envelope.addresses import latin_digits
from envelope.parts import Encoding, estimate
from envelope.taxonomy import SECTION_OF, Kind, Section, Topic
from gateway_ussd import conversation, menus
from gateway_ussd.commands.canned import RESULTS, TRACKING_CODE
from gateway_ussd.conversation import Lookup, State, Submit
from gateway_ussd.menus.schema import LookupScreen, MenuScreen
from gateway_ussd.model import Screen
from gateway_ussd.texts import Tongue
from persian.words import PROVINCES, word

MENU = menus.load()
TONGUES = [("fa", False), ("en", False), ("fa", True), ("en", True)]
NATIONAL_ID = "0790419904"

hostile = st.text(max_size=40) | st.sampled_from(
    [
        "",
        " ",
        "*",
        "#",
        "*4*1420#",
        "x" * 10_000,
        "\x00",
        "\ud800",
        "{{ 7*7 }}",
        "{% for %}",
        "<b>",
        "-1",
        "²",
        "0\x00",
    ]
)
keys = st.sampled_from(["0", "8", "9", *"1234567", "11", "12", "۱", "٢", "8", "9"])
values = st.sampled_from([NATIONAL_ID, TRACKING_CODE, "سلام، سابقه من ناقص است."])
typed = st.one_of(keys, keys, values, hostile)
found_texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["", "{{ x }}", "خیابان آزادی، کوچه نسترن، پلاک ۱۲ " * 9, "x" * 3_000, "€[{~" * 50, "😀" * 90]
    ),
    st.none(),
    st.integers(),
)


@st.composite
def results(draw, gives):
    """Of the right shape, of another, nothing, or too late."""
    if draw(st.booleans()):
        return draw(st.sampled_from([None, {}, {"x": 1}, [], "x", dict.fromkeys(gives, 3)]))
    made = {}
    for name, shape in gives.items():
        if isinstance(shape, tuple):
            item = st.fixed_dictionaries(dict.fromkeys(shape, found_texts))
            made[name] = draw(st.lists(item, max_size=12))
        else:
            made[name] = draw(st.booleans() if shape == "flag" else found_texts)
    return made


def settled(state, outcome, answer):
    """The screen that comes of it in the end."""
    while not isinstance(outcome, Screen):
        state = State.model_validate_json(state.model_dump_json())
        state, outcome = answer(state, outcome)
    return state, outcome


def canned(state, outcome):
    if isinstance(outcome, Lookup):
        return conversation.found(MENU, state, RESULTS[outcome.name])
    return conversation.submitted(MENU, state, TRACKING_CODE)


def walked(*answers: str, language="fa", latin=False):
    state, screen = settled(*conversation.begin(MENU, language=language, latin=latin), canned)
    for text in answers:
        state, screen = settled(*conversation.answer(MENU, state, text), canned)
    return state, screen


def fits(screen, state):
    size = estimate(screen.text)
    assert screen.text.strip()
    if state.latin:
        assert size.encoding is Encoding.GSM7
    if size.encoding is Encoding.GSM7:
        assert size.units <= 160
    else:
        assert size.units <= 70
        assert len(screen.text.encode("utf-16-be")) <= 160
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", screen.text)


def leads_on(screen, state):
    """Next where there is more, back where there is something behind, the first screen from everywhere."""
    if screen.ends:
        return
    shown = set(re.findall(r"(?:^| )([980]) ", latin_digits(screen.text.splitlines()[-1])))
    first = state.screen == MENU.start and state.page == 0
    assert first or "0" in shown
    assert first or not state.trail or "8" in shown
    main, _ = conversation.answer(MENU, state, "0")
    assert (main.screen, main.page, main.fields, main.found) == (MENU.start, 0, {}, {})
    if "9" in shown:
        turned, _ = conversation.answer(MENU, state, "9")
        assert turned.hint is None
        assert turned.screen == state.screen
        assert turned.page > state.page


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_input_and_no_result_breaks_a_screen(data):
    language, latin = data.draw(st.sampled_from(TONGUES))

    def any_result(state, outcome):
        if isinstance(outcome, Lookup):
            screen = MENU.screens[state.screen]
            return conversation.found(MENU, state, data.draw(results(screen.gives)))
        assert isinstance(outcome, Submit)
        assert outcome.text
        assert outcome.declared.kind is not None
        return conversation.submitted(MENU, state, data.draw(st.sampled_from([TRACKING_CODE, None])))

    state, screen = settled(*conversation.begin(MENU, language=language, latin=latin), any_result)
    for text in data.draw(st.lists(typed, max_size=25)):
        state, screen = settled(*conversation.answer(MENU, state, text), any_result)
        fits(screen, state)
        leads_on(screen, state)
        resumed, again = settled(*conversation.resume(MENU, state), any_result)
        fits(again, resumed)


def ways():
    """Every way down the menus, to every screen a person may see, with made-up results."""
    waiting, seen = [()], set()
    while waiting:
        way = waiting.pop(0)
        state, screen = walked(*way)
        if state.screen in seen:
            continue
        seen.add(state.screen)
        yield way
        shown = MENU.screens[state.screen]
        if isinstance(shown, MenuScreen):
            waiting += [(*way, str(key)) for key in range(1, 8)]
        elif not screen.ends:
            waiting += [(*way, value) for value in (NATIONAL_ID, TRACKING_CODE, "متن من این است")]


WAYS = list(ways())


@pytest.mark.parametrize(("language", "latin"), TONGUES)
@pytest.mark.parametrize("way", WAYS, ids="*".join)
def test_every_page_of_every_screen_fits_and_every_key_leads_on(way, language, latin):
    state, screen = walked(*way, language=language, latin=latin)
    fits(screen, state)
    leads_on(screen, state)
    for page in conversation.pages(MENU, state):
        assert estimate(page).units <= (70 if estimate(page).encoding is Encoding.UCS2 else 160)


@pytest.mark.parametrize("way", WAYS, ids="*".join)
def test_next_to_the_end_and_back_again_shows_the_same_pages(way):
    state, screen = walked(*way)
    there = [screen]
    while "۹ بعدی" in screen.text:
        state, screen = conversation.answer(MENU, state, "9")
        there.append(screen)
    back = [screen]
    for _ in there[1:]:
        state, screen = conversation.answer(MENU, state, "8")
        back.append(screen)
    assert back == there[::-1]


def test_every_screen_is_come_to():
    seen = {walked(*way)[0].screen for way in WAYS}
    visible = {name for name, screen in MENU.screens.items() if screen.kind in {"menu", "input", "message"}}
    only_when_something_is_away = {"away", "not_handed_in", "case_unknown", "cases_none", "basket_unknown"}
    assert visible - seen == only_when_something_is_away | {"answers_none", "branches_none"}


def handed_in(*answers: str):
    state, outcome = conversation.begin(MENU)
    for text in answers:
        state, outcome = settled_lookups(*conversation.answer(MENU, state, text))
    assert isinstance(outcome, Submit)
    return state, outcome


def settled_lookups(state, outcome):
    while isinstance(outcome, Lookup):
        state, outcome = conversation.found(MENU, state, RESULTS[outcome.name])
    return state, outcome


KINDS = {"1": Kind.QUESTION, "2": Kind.COMPLAINT, "3": Kind.SUGGESTION, "4": Kind.REQUEST}
SECTIONS = {"1": Section.INSURANCE, "2": Section.TREATMENT, "3": Section.RETIREMENT, "4": Section.GENERAL}


def test_every_topic_of_the_taxonomy_can_be_chosen_in_its_section():
    declared = set()
    for key, section in SECTIONS.items():
        topics = [topic for topic in Topic if SECTION_OF[topic] is section]
        for number in range(1, len(topics) + 1):
            _, submit = handed_in("2", "1", key, str(number), "1", "پرسش من این است")
            assert SECTION_OF[submit.declared.topic] is section
            declared.add(submit.declared.topic)
    assert declared == set(Topic)


@pytest.mark.parametrize(("key", "kind"), KINDS.items())
def test_a_message_declares_what_was_chosen_and_says_what_was_typed(key, kind):
    state, submit = handed_in("2", key, "3", "2", "1", "مستمری  من واریز نشد")
    assert (submit.declared.kind, submit.declared.topic) == (kind, Topic.PENSION_PAYMENT)
    assert submit.text == "مستمری  من واریز نشد"
    assert submit.refers_to is None
    assert state.steps == ("2", key, "3", "2", "1", "message")


def test_a_call_can_be_asked_for_instead_of_writing():
    _, submit = handed_in("2", "2", "1", "3", "2")
    assert submit.text == "لطفاً با من تماس بگیرید."
    assert (submit.declared.kind, submit.declared.topic) == (Kind.COMPLAINT, Topic.UNEMPLOYMENT)


def test_the_last_screen_shows_the_tracking_code_and_ends():
    _, screen = walked("2", "2", "1", "3", "1", "کارفرما بیمه‌ام نکرد")
    assert screen == Screen("پیام شما ثبت شد.\nکد پیگیری: ۱۴۲۰۱۴۲۰۱۳\nکد را پیامک هم می‌کنیم.", ends=True)


def test_a_note_goes_to_the_case_that_it_is_about():
    _, submit = handed_in("1", "1", TRACKING_CODE, "1", "هنوز پاسخی نرسیده")
    assert submit.refers_to == TRACKING_CODE
    assert submit.declared.kind is Kind.STATUS_INQUIRY
    _, submit = handed_in("1", "2", "2", "1", "هنوز پاسخی نرسیده")
    assert submit.refers_to == RESULTS["my_cases"]["cases"][1]["code"]


def test_every_province_can_be_chosen_by_its_name():
    asked = set()
    for group in "12345":
        for number in "1234567":
            state, outcome = conversation.begin(MENU)
            for text in ("5", group, number):
                state, outcome = conversation.answer(MENU, state, text)
            if isinstance(outcome, Lookup):
                asked.add(outcome.arguments["province"])
    assert asked == set(PROVINCES)


def test_the_lookups_are_those_that_the_gateway_performs():
    lookups = {
        screen.name: (screen.arguments, dict(screen.gives))
        for screen in MENU.screens.values()
        if isinstance(screen, LookupScreen)
    }
    assert lookups == {
        "my_case": (("code",), {"state": "text", "words": "text", "due": "text"}),
        "my_cases": ((), {"cases": ("code", "words")}),
        "basket": (("national_id",), {"entitled": "flag", "words": "text"}),
        "answers": (("section",), {"answers": ("title", "text")}),
        "branches": (("province",), {"branches": ("name", "address", "phone")}),
    }


def test_terms_are_called_as_on_every_channel_where_the_menu_says_nothing_else():
    [complaint] = [option for option in MENU.screens["ask"].options if option.set["kind"] == "complaint"]
    assert (complaint.label.fa, complaint.label.en) == (word(Kind.COMPLAINT), word(Kind.COMPLAINT, "en"))


def test_persian_is_written_with_persian_letters_and_digits_and_with_half_spaces():
    arabic_or_ascii = re.compile(r"[كيى0-9٠-٩]")
    loose = re.compile(r"\b(می|نمی) \w|\w (ها|های|تر|ترین)\b")
    for way in WAYS:
        for page in conversation.pages(MENU, walked(*way)[0]):
            assert not arabic_or_ascii.search(page)
            assert not loose.search(page)


def test_the_first_screen_offers_what_most_people_dial_for_on_its_first_page():
    assert walked()[1].text.splitlines()[1:4] == ["۱ پیگیری", "۲ سؤال و شکایت", "۳ سبد حمایتی"]
    assert all(text.of(tongue) for text in [MENU.screens["main"].text] for tongue in Tongue)

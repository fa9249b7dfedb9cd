"""What a key, a choice, a typed answer and a result lead to, on menus small enough to see whole."""

import pytest

from gateway_ussd import conversation
from gateway_ussd.conversation import Lookup, State, Submit
from gateway_ussd.conversation.validators import jalali_date, mobile, national_id, tracking_code
from gateway_ussd.menus import load
from gateway_ussd.model import Screen
from gateway_ussd.texts import Hint, Notice, notice, romanized

MENUS = """
start: main
screens:
  main:
    kind: menu
    text: {fa: سلام, en: Hello, finglish: Salam}
    options:
      - label: {fa: شکایت, en: Complain, finglish: Shekayat}
        set: {kind: complaint, topic: other}
        next: message
      - {label: {fa: سبد, en: Basket, finglish: Sabad}, next: id}
      - {label: {fa: پاسخ‌ها, en: Answers, finglish: Pasokhha}, next: find_answers}
      - {label: {fa: انگلیسی, en: English, finglish: English}, language: en, next: main}
      - {label: {fa: متن بلند, en: Long, finglish: Boland}, next: long}
  message:
    kind: input
    text: {fa: بنویسید, en: Write, finglish: Benevisid}
    field: words
    validator: text
    min: 3
    max: 20
    next: hand_in
  hand_in:
    kind: submit
    text: {fa: "{{ words }}", en: "{{ words }}", finglish: "{{ words }}"}
    declares: [kind, topic]
    next: done
    fallback: not_done
  done:
    kind: message
    ends: true
    text:
      fa: "ثبت شد: {{ tracking_code }}"
      en: "Code {{ tracking_code }}"
      finglish: "Kod {{ tracking_code }}"
  not_done:
    kind: message
    text: {fa: ثبت نشد, en: Not taken, finglish: Sabt nashod}
  id:
    kind: input
    text: {fa: کد ملی, en: National ID, finglish: Kode melli}
    field: national_id
    validator: national_id
    next: find_basket
  find_basket:
    kind: lookup
    name: basket
    arguments: [national_id]
    gives: {entitled: flag, words: text}
    next: basket
    fallback: away
  basket:
    kind: message
    text: {fa: "{{ basket.words }}", en: "{{ basket.words }}", finglish: "{{ basket.words }}"}
  find_answers:
    kind: lookup
    name: answers
    gives: {answers: [title, text]}
    next: answers
    empty: none
    fallback: away
  answers:
    kind: menu
    text: {fa: کدام؟, en: "Which?", finglish: "Kodam?"}
    items:
      of: answers.answers
      label: {fa: "{{ item.title }}", en: "{{ item.title }}", finglish: "{{ item.title }}"}
      keep: [text]
      next: answer
  answer:
    kind: message
    text: {fa: "{{ text }}", en: "{{ text }}", finglish: "{{ text }}"}
  none:
    kind: message
    text: {fa: نیست, en: None, finglish: Nist}
  away:
    kind: message
    text: {fa: بعداً بپرسید, en: Ask later, finglish: Badan beporsid}
  long:
    kind: message
    ends: true
    text:
      fa: یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده سیزده چهارده پانزده شانزده هفده هجده نوزده بیست
      en: One
      finglish: Yek
"""
NATIONAL_ID = "0790419904"
CODE = "1420142013"


@pytest.fixture(scope="module")
def menu(tmp_path_factory):
    folder = tmp_path_factory.mktemp("menus")
    (folder / "all.yaml").write_text(MENUS)
    return load(folder)


@pytest.fixture
def after(menu):
    """The state and what comes of it after these answers; a Lookup or a Submit waits."""

    def walked(*typed: str, **begun):
        state, outcome = conversation.begin(menu, **begun)
        for text in typed:
            state, outcome = conversation.answer(menu, state, text)
        return state, outcome

    return walked


def test_it_begins_with_the_first_screen(after):
    _, screen = after()
    assert screen == Screen("سلام\n۱ شکایت\n۲ سبد\n۳ پاسخ‌ها\n۴ انگلیسی\n۵ متن بلند", ends=False)


@pytest.mark.parametrize("typed", ["1", "۱", "١", " 1 ", "\u200f1", "1\r\n"])
def test_an_option_is_chosen_in_any_digits(after, typed):
    state, screen = after(typed)
    assert state.screen == "message"
    assert screen.text == "بنویسید\n۸ قبلی ۰ منو"


@pytest.mark.parametrize(
    "typed",
    ["7", "9", "8", "11", "01", "-1", "1*2", "#", "*", "یک", "\x00", "²", "١١", "😀", "1" * 10_000, "\ud800"],
)
def test_an_unknown_option_is_the_same_screen_with_a_hint(after, typed):
    state, screen = after(typed)
    assert state.screen == "main"
    assert state.hint in {Hint.OPTION, Hint.EMPTY}
    assert screen.text.splitlines()[1:] == ["۱ شکایت", "۲ سبد", "۳ پاسخ‌ها", "۴ انگلیسی", "۵ متن بلند"]


def test_an_empty_answer_has_a_hint_of_its_own(after):
    assert after("")[1].text.startswith("چیزی نرسید.\n")
    assert after("1", "  ")[1].text.startswith("چیزی نرسید.\nبنویسید\n")


def test_a_hint_is_gone_after_the_next_step(after):
    state, screen = after("77", "2")
    assert state.hint is None
    assert screen.text == "کد ملی\n۸ قبلی ۰ منو"


def test_a_message_is_handed_in_with_what_was_chosen(menu, after):
    state, submit = after("1", "  نان گران است ")
    assert isinstance(submit, Submit)
    assert submit.text == "نان گران است"
    assert submit.declared.model_dump(exclude_none=True) == {"kind": "complaint", "topic": "other"}
    assert submit.refers_to is None
    state, screen = conversation.submitted(menu, state, CODE)
    assert screen == Screen("ثبت شد: ۱۴۲۰۱۴۲۰۱۳", ends=True)
    assert (state.submitted, state.fields, state.trail) == (CODE, {}, ())


def test_what_could_not_be_handed_in_says_so_and_leads_back_to_the_words(menu, after):
    state, _ = after("1", "نان گران است")
    state, screen = conversation.submitted(menu, state, None)
    assert screen.text == "ثبت نشد\n۸ قبلی ۰ منو"
    state, _ = conversation.answer(menu, state, "8")
    assert state.screen == "message"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("نا", Hint.SHORT),
        ("ن" * 21, Hint.LONG),
        ("ن" * 10_000, Hint.LONG),
        ("\x00\x07", Hint.EMPTY),
        ("", Hint.EMPTY),
    ],
)
def test_a_text_that_is_too_short_or_too_long_is_asked_for_again(after, typed, hint):
    state, screen = after("1", typed)
    assert (state.screen, state.hint) == ("message", hint)
    assert screen.text.endswith("\n۸ قبلی ۰ منو")


def test_a_text_is_as_typed_but_for_what_no_database_holds(menu, after):
    _, submit = after("1", "a\x00b {{ 7*7 }}\ud800 ۱٢ي")
    assert submit.text == "ab {{ 7*7 }} ۱٢ي"


def test_a_lookup_is_asked_with_its_arguments_and_its_words_are_shown(menu, after):
    state, lookup = after("2", "۰۷۹۰۴۱۹۹۰۴")
    assert lookup == Lookup("basket", {"national_id": NATIONAL_ID})
    _, screen = conversation.found(menu, state, {"entitled": True, "words": "مشمول است", "more": "x"})
    assert screen.text == "مشمول است\n۸ قبلی ۰ منو"


@pytest.mark.parametrize(
    "result",
    [
        None,
        {"entitled": "yes", "words": "x"},
        {"words": "x"},
        {"entitled": True, "words": ["x"]},
        {"entitled": True, "words": {"a": 1}},
        ["entitled"],
        {},
    ],
)
def test_a_result_that_is_late_or_strange_is_the_fallback(menu, after, result):
    state, _ = after("2", NATIONAL_ID)
    state, screen = conversation.found(menu, state, result)
    assert screen.text == "بعداً بپرسید\n۸ قبلی ۰ منو"
    assert conversation.answer(menu, state, "8")[0].screen == "id"


@pytest.mark.parametrize("result", [{}, {"answers": []}, {"answers": [3, {"title": "x"}]}])
def test_nothing_found_has_a_screen_of_its_own(menu, after, result):
    state, _ = after("3")
    assert conversation.found(menu, state, result)[0].screen == "none"


def test_what_was_found_can_be_chosen(menu, after):
    state, _ = after("3")
    rows = [{"title": f"پرسش {number}", "text": f"پاسخ {number}"} for number in range(1, 4)]
    state, screen = conversation.found(menu, state, {"answers": rows})
    assert screen.text == "کدام؟\n۱ پرسش ۱\n۲ پرسش ۲\n۳ پرسش ۳\n۸ قبلی ۰ منو"
    _, screen = conversation.answer(menu, state, "2")
    assert screen.text == "پاسخ ۲\n۸ قبلی ۰ منو"


def test_a_list_of_more_than_seven_counts_from_eleven_so_that_the_keys_stay_keys(menu, after):
    state, _ = after("3")
    rows = [{"title": f"پرسش {number}", "text": f"پاسخ {number}"} for number in range(1, 9)]
    state, screen = conversation.found(menu, state, {"answers": rows})
    assert screen.text.splitlines()[1] == "۱۱ پرسش ۱"
    assert conversation.answer(menu, state, "18")[1].text.startswith("پاسخ ۸")
    assert conversation.answer(menu, state, "8")[0].screen == "main"
    assert conversation.answer(menu, state, "1")[0].hint is Hint.OPTION


def test_what_a_stranger_sends_is_kept_small(menu, after):
    state, _ = after("3")
    rows = [{"title": "t" * 5_000, "text": "x" * 5_000}] * 500
    state, screen = conversation.found(menu, state, {"answers": rows})
    assert isinstance(screen, Screen)
    assert len(state.model_dump_json()) < 20_000


def test_next_and_back_turn_pages_and_the_last_one_ends(menu, after):
    state, first = after("5")
    assert first.text.endswith("\n۹ بعدی ۸ قبلی ۰ منو")
    assert not first.ends
    state, last = conversation.answer(menu, state, "9")
    assert last.ends
    assert "منو" not in last.text
    assert conversation.answer(menu, state, "۸")[1] == first


def test_back_goes_the_way_one_came_and_main_forgets(menu, after):
    state, _ = after("2", NATIONAL_ID)
    state, _ = conversation.found(menu, state, {"entitled": True, "words": "مشمول است"})
    state, _ = conversation.answer(menu, state, "8")
    assert state.screen == "id"
    state, _ = conversation.answer(menu, state, "8")
    assert state.screen == "main"
    state, _ = conversation.answer(menu, after("2", "1")[0], "0")
    assert (state.screen, state.fields, state.found, state.trail) == ("main", {}, {}, ())


def test_a_language_holds_from_the_choice_on(after):
    assert after("4")[1].text == "Hello\n1 Complain\n2 Basket\n3 Answers\n4 English\n5 Long"
    assert after("4", "2", "5")[1].text.splitlines()[0] == "That is not a national ID; it has 10 digits."


def test_a_phone_that_shows_no_persian_gets_latin_letters_whatever_is_found(menu, after):
    state, screen = after("3", latin=True)
    state, _ = conversation.found(
        menu, state, {"answers": [{"title": "کوچه", "text": "خیابان آزادی، پلاک ۵"}]}
    )
    _, screen = conversation.answer(menu, state, "1")
    assert screen.text == "khiaban azadi, pelak 5\n8 Ghabli 0 Menu"


def test_a_dropped_session_goes_on_where_it_was(menu, after):
    state, _ = after("2")
    again, screen = conversation.resume(menu, State.model_validate_json(state.model_dump_json()))
    assert screen.text == "از همان‌جا ادامه می‌دهیم.\nکد ملی\n۸ قبلی ۰ منو"
    assert isinstance(conversation.answer(menu, again, NATIONAL_ID)[1], Lookup)


def test_who_comes_back_to_a_menu_reads_its_text_again(menu, after):
    state, _ = after("3")
    state, _ = conversation.found(menu, state, {"answers": [{"title": "پرسش", "text": "پاسخ"}]})
    _, screen = conversation.resume(menu, state)
    assert screen.text == "از همان‌جا ادامه می‌دهیم.\nکدام؟\n۱ پرسش\n۸ قبلی ۰ منو"


def test_a_session_dropped_while_it_waited_asks_again(menu, after):
    state, _ = after("2", NATIONAL_ID)
    assert conversation.resume(menu, state)[1] == Lookup("basket", {"national_id": NATIONAL_ID})
    assert conversation.answer(menu, state, "1")[1] == Lookup("basket", {"national_id": NATIONAL_ID})


def test_a_state_of_other_menus_begins_anew(menu, after):
    state, _ = after("4", "2")
    resumed, _ = conversation.resume(menu, state.model_copy(update={"menu_version": "other"}))
    assert (resumed.screen, resumed.language) == ("main", "en")
    answered, _ = conversation.answer(menu, state.model_copy(update={"screen": "gone"}), "1")
    assert answered.screen == "main"


def test_a_result_that_nobody_waits_for_changes_nothing(menu, after):
    state, _ = after("2")
    assert conversation.found(menu, state, {"entitled": True, "words": "x"})[0].screen == "id"
    assert conversation.submitted(menu, state, CODE)[0].screen == "id"


def test_what_was_pressed_is_remembered_but_no_words_and_no_number(after):
    state, _ = after("5", "9", "0", "2", "123", NATIONAL_ID)
    assert state.steps == ("5", "9", "0", "2", "?", "national_id")
    assert NATIONAL_ID not in "".join(state.steps)


def test_a_state_in_a_traceback_holds_no_words_and_no_number(menu, after):
    state, _ = after("2", NATIONAL_ID)
    state, _ = conversation.found(menu, state, {"entitled": True, "words": "مشمول است"})
    assert NATIONAL_ID not in repr(state)
    assert "مشمول" not in repr(state)


def test_a_session_that_never_ends_stays_small(after):
    state, _ = after(*["5", "9", "0", "2", "x", "8"] * 100)
    assert len(state.steps) == 60
    assert len(state.trail) <= 20


def test_the_whole_of_a_screen_can_be_told_in_an_sms(menu, after):
    state, _ = after("2", NATIONAL_ID)
    state, _ = conversation.found(menu, state, {"entitled": True, "words": "الف " * 60})
    assert conversation.whole(menu, state) == "الف " * 59 + "الف"


@pytest.mark.parametrize("which", Notice)
@pytest.mark.parametrize(("language", "latin"), [("fa", False), ("en", False), ("fa", True)])
def test_the_last_resorts_fit_and_end(which, language, latin):
    screen = notice(which, language, latin=latin)
    assert screen.ends
    assert len(screen.text) <= (70 if language == "fa" and not latin else 160)
    assert conversation.safe(language, latin) == notice(Notice.SAFE, language, latin=latin)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0790419904", "0790419904"),
        ("۰۷۹۰۴۱۹۹۰۴", "0790419904"),
        ("790419904", "0790419904"),
        ("079-041990-4", "0790419904"),
        ("13542419", "0013542419"),
        ("0499370899", "0499370899"),
        ("0790419905", None),
        ("1111111111", None),
        ("0000000000", None),
        ("00000000", None),
        ("1234567", None),
        ("12345678901", None),
        ("²²²²²²²²²²", None),
        ("०७९०४१९९०४", None),
        ("abc", None),
    ],
)
def test_a_national_id_is_held_to_its_sum(typed, value):
    assert national_id(typed) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("09121234567", "+989121234567"),
        ("۰۹۱۲ ۱۲۳ ۴۵۶۷", "+989121234567"),
        ("+98 912 123 4567", "+989121234567"),
        ("02188901420", None),
        ("1420", None),
        ("+44 7911 123456", None),
    ],
)
def test_a_mobile_number_is_an_iranian_one(typed, value):
    assert mobile(typed) == value


@pytest.mark.parametrize(
    ("typed", "value"), [("۱۴۲۰ ۱۴۲ ۰۱۳", CODE), ("1420-142-013", CODE), ("1420142014", None)]
)
def test_a_tracking_code_is_held_to_its_check_digit(typed, value):
    assert tracking_code(typed) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("۱۴۰۵/۸/۳۰", "1405/08/30"),
        ("1403-12-30", "1403/12/30"),
        ("1404/12/30", None),
        ("9999/1/1", None),
        ("0001/1/1", None),
        ("1405", None),
        ("²²²²/1/1", None),
        ("فردا", None),
    ],
)
def test_a_date_is_one_of_the_persian_calendar(typed, value):
    assert jalali_date(typed) == value


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("خیابان آزادی، کوچه ۱۲", "khiaban azadi, kooche 12"),
        ("شعبه یک تهران؛ باز است؟", "shobe yek tehran; baz ast?"),
        ("رود و خانهٔ خوب", "rod va khane khob"),
        ("plain ASCII", "plain ASCII"),
        ("naïve 😀 `code`", "naive  'code'"),
        ("می‌شود", "mishavad"),
    ],
)
def test_persian_can_be_read_in_latin_letters(text, latin):
    assert romanized(text) == latin

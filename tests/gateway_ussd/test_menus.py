"""Menu files: what is right loads, what is wrong is told with its file and line, all of it at once."""

import shutil
from textwrap import dedent

import pytest

from gateway_ussd import menus
from gateway_ussd.errors import MenuError
from gateway_ussd.menus import SHIPPED

RIGHT = dedent(
    """\
    start: main
    screens:
      main:
        kind: menu
        text: {fa: سلام, en: Hello, finglish: Salam}
        options:
          - label: {fa: شناسه, en: Id, finglish: Shenase}
            next: id
      id:
        kind: input
        text: {fa: کد ملی, en: ID, finglish: Kod}
        field: national_id
        validator: national_id
        next: ask
      ask:
        kind: lookup
        name: basket
        arguments: [national_id]
        gives: {entitled: flag, words: text, rows: [title]}
        next: shown
        fallback: away
      shown:
        kind: message
        text:
          fa: "{{ basket.words }}"
          en: "{% if basket.entitled and basket.words != '' %}Yes{% else %}No{% endif %}"
          finglish: "{{ national_id }}"
      away:
        kind: message
        text: {fa: نیست, en: Away, finglish: Nist}
    """
)


@pytest.fixture
def faults(tmp_path):
    """The faults of these files, by their names."""

    def told(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        with pytest.raises(MenuError) as caught:
            menus.load(tmp_path)
        return list(caught.value.faults)

    return told


def edited(old, new):
    assert old in RIGHT
    return RIGHT.replace(old, new, 1)


def test_the_shipped_menus_have_no_faults():
    menu = menus.load()
    assert menu.start == "main"
    assert len(menu.version) == 12


def test_menus_may_be_spread_over_files(tmp_path):
    first, second = RIGHT.split("  ask:\n")
    (tmp_path / "a.yaml").write_text(first)
    (tmp_path / "b.yaml").write_text("screens:\n  ask:\n" + second)
    assert set(menus.load(tmp_path).screens) == {"main", "id", "ask", "shown", "away"}


def test_the_version_is_that_of_the_content(tmp_path):
    here = shutil.copytree(SHIPPED, tmp_path / "here")
    assert menus.load(here).version == menus.load().version
    with (here / "main.yaml").open("a") as file:
        file.write("# another word\n")
    assert menus.load(here).version != menus.load().version


def test_a_loaded_menu_does_not_change():
    menu = menus.load()
    with pytest.raises(TypeError):
        menu.screens["main"] = menu.screens["away"]
    with pytest.raises(AttributeError):
        menu.start = "away"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("next: id\n", "next: ip\n", "m.yaml:8: main: there is no screen ip"),
        ("next: shown", "next: show", "m.yaml:20: ask: there is no screen show"),
        ("fallback: away", "fallback: gone", "m.yaml:21: ask: there is no screen gone"),
        ("start: main", "start: begin", "m.yaml:1: there is no screen begin"),
        ("start: main\n", "", "menus:1: no file says which screen is the start"),
        ("en: Hello, ", "", "m.yaml:5: main: en is missing"),
        ("en: Hello, ", "en: Hello, de: Hallo, ", "m.yaml:5: main: de is not known here"),
        ("en: Hello", "en: ''", "m.yaml:5: main: the text in en is empty"),
        (
            "finglish: Salam",
            "finglish: سلام",
            "m.yaml:5: main: the text in finglish has characters outside the GSM alphabet",
        ),
        (
            "kind: input\n",
            "kind: question\n",
            "m.yaml:10: id: kind is none of menu, input, lookup, submit, message",
        ),
        ("validator: national_id", "validator: passport", "m.yaml:13: id: validator: "),
        ("    next: ask\n", "", "m.yaml:9: id: next is missing"),
        ("    next: ask\n", "    next: ask\n    colour: red\n", "m.yaml:15: id: colour is not known here"),
        ("  away:\n", "  id:\n    kind: message\n  away:\n", "m.yaml:28: id stands here a second time"),
        ("    next: ask\n", "    next: ask\n    next: ask\n", "m.yaml:15: next stands here a second time"),
        (
            "  away:\n",
            "  lost:\n    kind: message\n    text: {fa: گم, en: Lost, finglish: Gom}\n  away:\n",
            "m.yaml:28: lost: no screen leads here",
        ),
        ("basket.words }}", "basket.word }}", "m.yaml:25: shown: basket has no word"),
        ("basket.words }}", "bascket.words }}", "m.yaml:25: shown: not every way to here sets bascket"),
        ("basket.words }}", "basket }}", "m.yaml:25: shown: basket is no text; one of its fields is"),
        ("{{ national_id }}", "{{ mobile }}", "m.yaml:27: shown: not every way to here sets mobile"),
        ("en: Away", "en: '{{ basket.words }}'", "m.yaml:30: away: not every way to here sets basket"),
        (
            "arguments: [national_id]",
            "arguments: [national_id, province]",
            "m.yaml:18: ask: not every way to here sets province",
        ),
        ("{% endif %}", "", "m.yaml:26: shown: the template does not compile: "),
        (
            "{{ basket.words }}",
            "{{ basket.words | upper }}",
            "m.yaml:25: shown: filter has no place in a text of a menu",
        ),
        ("{{ basket.words }}", "{{ 7 * 7 }}", "m.yaml:25: shown: mul has no place in a text of a menu"),
        (
            "{{ basket.words }}",
            "{{ basket.words.upper() }}",
            "m.yaml:25: shown: call has no place in a text of a menu",
        ),
        ("!= ''", "> 3", "m.yaml:26: shown: operand has no place in a text of a menu"),
        ("name: basket", "name: tracking_code", "m.yaml:17: ask: tracking_code has another meaning already"),
        (
            "arguments: [national_id]",
            "arguments: [basket]",
            "m.yaml:18: ask: not every way to here sets basket",
        ),
        ("field: national_id", "field: basket", "m.yaml:12: id: basket has another meaning already"),
        (
            "        next: id\n",
            "        set: {item: x}\n        next: id\n",
            "m.yaml:8: main: item has another meaning already",
        ),
        ("field: national_id", "field: topic", "m.yaml:12: id: topic has another meaning already"),
        (
            "fa: شناسه",
            "fa: شناسه‌ای که بسیار بلند است و نمی‌گنجد",
            "m.yaml:7: main: the option is too long in fa",
        ),
        (
            "        next: id\n",
            "        set: {kind: joke}\n        next: id\n",
            "m.yaml:7: main: joke is no kind",
        ),
        (
            "        next: id\n",
            "        set: {province: Tehran}\n        next: id\n",
            "m.yaml:7: main: Tehran is no province",
        ),
        ("{fa: نیست,", "{fa: نیست", "m.yaml:30: expected ',' or '}', but got ':'"),
        ("start: main", "\tstart: main", "m.yaml:1: found character '\\t' that cannot start any token"),
    ],
)
def test_a_fault_is_told_by_file_and_line(faults, old, new, fault):
    [told] = [one for one in faults(m=edited(old, new)) if one.startswith(fault)]
    assert told


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"m": "[]"}, "m.yaml:1: "),
        ({"m": ""}, "menus:1: no file says which screen is the start"),
        ({"m": "a: &a [*a]"}, "m.yaml:1: "),
        ({"m": "screens: !!python/object:os.system {}"}, "m.yaml:1: "),
        ({"m": "x: " + "[" * 40 + "]" * 40}, "m.yaml:1: nested too deep"),
        ({"m": "start: !!int main"}, "m.yaml:1: this can be read in two ways"),
        ({"m": "start: 2026-13-45"}, "m.yaml:1: this can be read in two ways"),
        ({"a": RIGHT, "b": "start: id"}, "b.yaml:1: a.yaml says already which screen is the start"),
        (
            {"a": RIGHT, "b": "screens:\n  id:\n    kind: message\n    text: {fa: ب, en: b, finglish: b}\n"},
            "b.yaml:2: id is already in a.yaml",
        ),
    ],
)
def test_files_that_do_not_go_together_are_told(faults, files, fault):
    assert any(told.startswith(fault) for told in faults(**files))


def test_what_one_way_sets_and_another_does_not_is_a_fault(faults):
    past = "      - {label: {fa: میان‌بر, en: Past it, finglish: Mianbor}, next: ask}\n"
    text = RIGHT.replace("    options:\n", "    options:\n" + past)
    assert faults(m=text) == [
        "m.yaml:19: ask: not every way to here sets national_id",
        "m.yaml:28: shown: not every way to here sets national_id",
    ]


def test_an_option_that_stands_for_a_term_is_called_as_on_every_channel(tmp_path):
    term = "      - {label: {finglish: Bazneshastegi}, set: {section: retirement}, next: id}\n"
    ours = "      - {label: {fa: درمان, finglish: Darman}, set: {section: treatment}, next: id}\n"
    (tmp_path / "m.yaml").write_text(RIGHT.replace("    options:\n", "    options:\n" + term + ours))
    first, second, *_ = menus.load(tmp_path).screens["main"].options
    assert (first.label.fa, first.label.en) == ("بازنشستگی", "Retirement")
    assert (second.label.fa, second.label.en) == ("درمان", "Treatment")


def test_every_fault_is_told_at_once(faults):
    text = edited("next: id\n", "next: x\n").replace("next: shown", "next: y")
    assert faults(m=text) == ["m.yaml:8: main: there is no screen x", "m.yaml:20: ask: there is no screen y"]
    assert len(faults(m=RIGHT.replace("finglish: Salam", "").replace("finglish: Nist", ""))) == 2


def test_bytes_that_are_no_text_are_a_fault(tmp_path):
    (tmp_path / "m.yaml").write_bytes(b"start: \xff\xfe")
    with pytest.raises(MenuError, match=r"m\.yaml:1: not UTF-8"):
        menus.load(tmp_path)


def test_a_folder_without_menus_is_a_fault(tmp_path):
    with pytest.raises(MenuError, match="holds no"):
        menus.load(tmp_path)


def test_a_menu_has_either_options_or_items(faults):
    without = RIGHT.replace(RIGHT[RIGHT.index("    options:") : RIGHT.index("  id:\n")], "")
    assert faults(m=without) == ["m.yaml:3: main: a menu has either options or items"]


def test_more_options_than_can_be_numbered_are_refused(faults):
    option = "      - {label: {fa: ب, en: b, finglish: b}, next: id}\n"
    text = RIGHT.replace("    options:\n", "    options:\n" + option * 90)
    assert faults(m=text)[0].startswith("m.yaml:6: main: options: ")


def test_fallbacks_in_a_circle_show_nothing_and_are_refused(faults):
    text = RIGHT.replace("fallback: away", "fallback: ask")
    assert "m.yaml:15: ask: it leads to itself without showing anything" in faults(m=text)


def test_what_a_submit_forgets_cannot_be_told_after_it(faults):
    text = RIGHT.replace("next: ask\n", "next: hand_in\n").replace(
        "  away:\n",
        dedent(
            """\
              hand_in:
                kind: submit
                text: {fa: x, en: x, finglish: x}
                next: ask
                fallback: away
              away:
            """
        )
        .replace("\n", "\n  ")
        .rstrip(" ")
        .replace("hand_in:", "  hand_in:", 1),
    )
    assert any("not every way to here sets national_id" in told for told in faults(m=text))

"""The menus proved, tried and drawn at the terminal."""

import io
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from gateway_ussd import menus
from gateway_ussd.commands import main
from gateway_ussd.commands.canned import RESULTS, TRACKING_CODE, TYPED
from gateway_ussd.commands.dialler import Offline, Online, converse
from gateway_ussd.commands.picture import drawn, put_into
from gateway_ussd.conversation.results import shaped
from gateway_ussd.conversation.validators import accepted
from gateway_ussd.menus.schema import InputScreen, LookupScreen, Validator

DOCUMENT = Path(__file__).parents[2] / "docs" / "ussd-menus.md"
MENU = menus.load()


def test_the_picture_in_the_docs_is_that_of_the_menus():
    document = DOCUMENT.read_text()
    assert document == put_into(document, drawn(MENU)), "run `payam ussd tree --into docs/ussd-menus.md`"


def test_every_screen_is_in_the_picture_and_every_one_that_shows_is_dialled_in_it():
    picture = drawn(MENU)
    for name, screen in MENU.screens.items():
        assert f'"{name}"' in picture
        assert (f"`{name}`: `*4*1420" in picture) == (screen.kind in {"menu", "input", "message"})


def test_a_picture_needs_a_place_to_go(tmp_path):
    with pytest.raises(ValueError, match="no marks"):
        put_into("# Nothing here\n", "picture")
    document = tmp_path / "menus.md"
    document.write_text(DOCUMENT.read_text().replace("flowchart LR", "flowchart TB"))
    assert main(["tree", "--into", str(document)]) == 0
    assert document.read_text() == DOCUMENT.read_text()


def test_lint_says_that_there_is_no_fault(capsys):
    assert main(["lint"]) == 0
    assert f"version {MENU.version}, no faults" in capsys.readouterr().out


def test_lint_tells_every_fault_by_file_and_line(tmp_path, capsys):
    (tmp_path / "m.yaml").write_text(
        "start: main\nscreens:\n  main: {kind: message, text: {fa: ب}}\n  other: {}\n"
    )
    assert main(["lint", "--menus", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "m.yaml:3: main: en is missing",
        "m.yaml:3: main: finglish is missing",
        "m.yaml:4: other: kind is missing",
    ]


def test_lint_of_a_folder_that_is_not_there_is_a_fault(tmp_path, capsys):
    assert main(["lint", "--menus", str(tmp_path / "none")]) == 1
    assert "holds no *.yaml file" in capsys.readouterr().err


def test_the_commands_run_as_a_program_of_their_own():
    run = subprocess.run(
        [sys.executable, "-m", "gateway_ussd", "simulate", "*4*1420*2*2*1*1*2#"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "کد پیگیری: ۱۴۲۰۱۴۲۰۱۳" in run.stdout
    assert run.stdout.rstrip().endswith("62 characters, the end")


def conversed(dialogue, code, *typed: str):
    shown = io.StringIO()
    assert converse(dialogue, code, io.StringIO("".join(f"{line}\n" for line in typed)), shown) == 0
    return shown.getvalue()


def test_a_dialled_way_stops_where_it_is_not_understood():
    shown = conversed(Offline(MENU, language="fa", latin=False), "*4*1420*2*77*1#")
    assert "چنین گزینه‌ای نیست." in shown
    assert "۱ سؤال" in shown


def test_a_conversation_goes_on_until_its_end():
    shown = conversed(
        Offline(MENU, language="en", latin=False), "*4*1420#", "2", "1", "1", "1", "1", "Hello there", "1"
    )
    assert f"Tracking code: {TRACKING_CODE}" in shown
    assert shown.count("┌") == 7


def test_what_is_no_code_of_ours_is_not_dialled():
    shown = io.StringIO()
    assert converse(Offline(MENU, language="fa", latin=False), "*100#", io.StringIO(), shown) == 2
    assert "*4*1420#" in shown.getvalue()


def test_a_running_gateway_is_dialled_in_the_form_of_africas_talking():
    asked = []

    def gateway(request):
        asked.append({name: value for name, [value] in parse_qs(request.content.decode()).items()})
        return httpx.Response(200, text="CON یک\n۱ دو" if len(asked) < 3 else "END خدانگهدار")

    online = Online("http://gateway", "irancell", "+989121234567", httpx.MockTransport(gateway))
    shown = conversed(online, "*4*1420*2#", "1", "متن*تازه", "9")
    assert [form.get("text", "") for form in asked] == ["2", "2*1", "2*1*متن*تازه"]
    assert len({form["sessionId"] for form in asked}) == 1
    assert asked[0]["phoneNumber"] == "+989121234567"
    assert shown.rstrip().endswith("the end")
    assert "CON" not in shown


def test_a_gateway_that_is_away_is_told_without_a_traceback():
    def away(request):
        raise httpx.ConnectError("refused")

    shown = io.StringIO()
    online = Online("http://gateway", "irancell", "+989121234567", httpx.MockTransport(away))
    assert converse(online, "*4*1420#", io.StringIO(), shown) == 1
    assert "does not answer" in shown.getvalue()
    assert "98912" not in shown.getvalue()


def test_what_is_made_up_is_what_the_menus_ask_for():
    for screen in MENU.screens.values():
        if isinstance(screen, LookupScreen):
            assert shaped(screen.gives, RESULTS[screen.name])
    assert set(TYPED) == set(Validator)
    for validator, typed in TYPED.items():
        texts = {"fa": "؟", "en": "?", "finglish": "?"}
        screen = InputScreen(kind="input", text=texts, field="x", validator=validator, next="y")
        assert isinstance(accepted(screen, typed), str)

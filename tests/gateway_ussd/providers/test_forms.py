"""Every payload that an operator was seen to send, and what it is answered with."""

import json
from dataclasses import replace
from typing import NamedTuple

import pytest
from pydantic import SecretStr

from gateway_ussd.model import EndReason, Screen, Step, StepKind
from gateway_ussd.providers import PROVIDERS
from gateway_ussd.providers.huawei.reader import Reader
from gateway_ussd.providers.port import Answer
from gateway_ussd.settings import ProviderSettings
from tests.gateway_ussd.providers.engine import CODE_SHOWN, MENU, Engine
from tests.gateway_ussd.providers.recordings import names, recorded

TYPED = "سابقه بیمه\u200cام نیست"
SYNCHRONOUS = ("africastalking", "comviva", "madapi", "inoti")


class Form(NamedTuple):
    """What is the same in every payload of a form."""

    session_id: str
    msisdn: str

    def step(self, name: str, kind: StepKind, **rest: object) -> Step:
        told = Step(name, self.session_id, self.msisdn, "*4*1420#", kind)
        return replace(told, **rest)  # type: ignore[arg-type]


FORMS = {
    "africastalking": Form("ATUid_0b7c6f2e9d114f0a8c53", "+989121234567"),
    "huawei": Form("320207133", "+989351234567"),
    "comviva": Form("13697502734175597", "+989221234567"),
    "madapi": Form("1637583914172", "+989021234567"),
    "inoti": Form("88412093", "+989121234567"),
}
BEGIN, CONTINUE, END = StepKind.BEGIN, StepKind.CONTINUE, StepKind.END
STEPS: dict[tuple[str, str], tuple[StepKind, dict[str, object]]] = {
    ("africastalking", "begin"): (BEGIN, {"chain": ()}),
    ("africastalking", "begin_deep"): (CONTINUE, {"chain": ("1", "2")}),
    ("africastalking", "begin_plus_unescaped"): (BEGIN, {"chain": ()}),
    ("africastalking", "continue"): (CONTINUE, {"chain": ("1", "2", "0499370899")}),
    ("africastalking", "continue_empty_input"): (CONTINUE, {"chain": ("1", "", "2")}),
    ("africastalking", "continue_persian"): (CONTINUE, {"chain": ("2", "1", TYPED)}),
    ("africastalking", "end_success"): (END, {"reason": EndReason.DONE}),
    ("africastalking", "end_incomplete"): (END, {"reason": EndReason.ABORTED}),
    ("africastalking", "end_failed"): (END, {"reason": EndReason.FAILED}),
    ("huawei", "begin"): (BEGIN, {}),
    ("huawei", "begin_deep"): (BEGIN, {"typed": "1*2"}),
    ("huawei", "begin_shared_code"): (BEGIN, {"typed": "1"}),
    ("huawei", "begin_whole_as_code"): (BEGIN, {"typed": "1*2"}),
    ("huawei", "begin_another_code"): (BEGIN, {"typed": "7", "service_code": "*166#"}),
    ("huawei", "continue"): (CONTINUE, {"typed": "2"}),
    ("huawei", "continue_persian"): (CONTINUE, {"typed": f"{TYPED} & ناقص است"}),
    ("huawei", "end_by_person"): (END, {"reason": EndReason.DONE}),
    ("huawei", "end_released"): (END, {"reason": EndReason.ABORTED}),
    ("huawei", "abort"): (END, {"reason": EndReason.ABORTED, "msisdn": ""}),
    ("comviva", "begin"): (BEGIN, {}),
    ("comviva", "begin_deep"): (BEGIN, {"typed": "1*2"}),
    ("comviva", "begin_form"): (BEGIN, {}),
    ("comviva", "begin_with_credentials"): (BEGIN, {}),
    ("comviva", "continue"): (CONTINUE, {"typed": "2"}),
    ("comviva", "continue_empty"): (CONTINUE, {"typed": ""}),
    ("comviva", "continue_persian"): (CONTINUE, {"typed": TYPED}),
    ("comviva", "clean"): (END, {"reason": EndReason.ABORTED}),
    ("madapi", "begin"): (BEGIN, {}),
    ("madapi", "begin_deep"): (BEGIN, {"typed": "1*2"}),
    ("madapi", "begin_numbers"): (BEGIN, {}),
    ("madapi", "begin_with_bom"): (BEGIN, {}),
    ("madapi", "continue"): (CONTINUE, {"typed": "2"}),
    ("madapi", "continue_persian"): (CONTINUE, {"typed": TYPED}),
    ("madapi", "continue_escaped"): (CONTINUE, {"typed": TYPED}),
    ("madapi", "end"): (END, {"reason": EndReason.DONE}),
    ("madapi", "cancel"): (END, {"reason": EndReason.ABORTED}),
    ("madapi", "timeout"): (END, {"reason": EndReason.TIMED_OUT}),
    ("inoti", "begin"): (BEGIN, {"chain": ()}),
    ("inoti", "begin_deep"): (CONTINUE, {"chain": ("1", "2")}),
    ("inoti", "begin_with_hash"): (BEGIN, {"chain": ()}),
    ("inoti", "begin_without_star"): (BEGIN, {"chain": ()}),
    ("inoti", "continue"): (CONTINUE, {"chain": ("1", "2", "0499370899")}),
    ("inoti", "continue_empty_input"): (CONTINUE, {"chain": ("1", "", "2")}),
    ("inoti", "continue_persian"): (CONTINUE, {"chain": ("2", "1", TYPED)}),
}
NO_STEP = {("madapi", "notification")}
FILES = [(form, name) for form in FORMS for name in names(form)]


async def answered(form: str, name: str, engine: Engine, **settings: object) -> Answer:
    wanted = ProviderSettings.model_validate({"form": form} | settings)
    return await PROVIDERS[form]("operator", wanted, engine).receive(recorded(form, name))


def test_every_file_has_its_row():
    assert set(STEPS) | NO_STEP == set(FILES)


@pytest.mark.parametrize(("form", "name"), STEPS)
async def test_a_request_is_the_step_that_it_means(form, name):
    kind, rest = STEPS[form, name]
    wanted = FORMS[form].step("operator", kind, **rest)
    if form == "huawei":
        assert Reader("operator", "*4*1420#")(recorded(form, name).body).step == wanted
        return
    engine = Engine()
    await answered(form, name, engine)
    assert engine.steps == [wanted]


@pytest.mark.parametrize(("form", "name"), NO_STEP)
async def test_what_is_no_step_is_acknowledged_and_asks_for_nothing(form, name):
    engine = Engine()
    assert (await answered(form, name, engine)).status == 200
    assert engine.steps == []


ANSWERS = {
    "africastalking": ({}, "CON {}", "END {}", ""),
    "comviva": ({"Freeflow": "FC"}, "{}", "{}", ""),
    "inoti": ({}, "{}", "{}[end]", ""),
}


@pytest.mark.parametrize("form", ANSWERS)
@pytest.mark.parametrize("screen", [MENU, CODE_SHOWN, Screen("1) Parvande\n2) Shekayat", ends=False)])
async def test_a_screen_is_written_as_the_operator_reads_it(form, screen):
    answer = await answered(form, "begin", Engine([screen]))
    headers, goes_on, ends, _ = ANSWERS[form]
    assert (answer.status, answer.media_type) == (200, "text/plain; charset=utf-8")
    assert answer.body.decode() == (ends if screen.ends else goes_on).format(screen.text)
    if headers:
        assert answer.headers["Freeflow"] == ("FB" if screen.ends else "FC")
        assert (answer.headers["charge"], answer.headers["Expires"]) == ("N", "-1")


@pytest.mark.parametrize("screen", [MENU, CODE_SHOWN])
async def test_madapi_is_told_whether_a_person_may_answer(screen):
    answer = await answered("madapi", "begin", Engine([screen]))
    assert answer.media_type == "application/json"
    assert json.loads(answer.body) == {
        "statusCode": "0000",
        "statusMessage": "Successful",
        "transactionId": "c9f1f2d04b7e4b0a",
        "data": {
            "inboundResponse": screen.text,
            "userInputRequired": not screen.ends,
            "messageType": "2" if screen.ends else "1",
            "serviceCode": "*4*1420#",
            "msisdn": "989021234567",
        },
    }


@pytest.mark.parametrize(
    ("form", "name"), [(form, name) for (form, name), (kind, _) in STEPS.items() if kind is END]
)
async def test_the_end_of_a_session_is_acknowledged_and_shows_nothing(form, name):
    answer = await answered(form, name, Engine())
    assert answer.status == 200
    assert MENU.text not in answer.body.decode()
    if form == "madapi":
        assert json.loads(answer.body)["data"]["userInputRequired"] is False
    if form in {"africastalking", "comviva"}:
        assert answer.body == b""


async def test_inoti_takes_no_command_from_a_text_of_ours():
    answer = await answered("inoti", "begin", Engine([Screen("نوبت [end] [pay=1000]", ends=False)]))
    assert answer.body.decode() == "نوبت (end) (pay=1000)"


@pytest.mark.parametrize("form", SYNCHRONOUS)
async def test_half_a_surrogate_pair_in_a_screen_becomes_a_question_mark(form):
    answer = await answered(form, "begin", Engine([Screen("a\ud83d", ends=False)]))
    assert "a?" in answer.body.decode()


async def test_another_service_code_is_a_setting():
    engine = Engine()
    await answered("comviva", "begin_deep", engine, service_code="*4#")
    [step] = engine.steps
    assert (step.service_code, step.typed) == ("*4#", "1420*1*2")


def test_no_provider_shows_its_secrets():
    settings = ProviderSettings(
        form="",
        user="u",
        password=SecretStr("s3cret"),
        api_key=SecretStr("s3cret"),
        their_password=SecretStr("s3cret"),
    )
    for form, build in PROVIDERS.items():
        assert "s3cret" not in repr(build(form, settings, Engine()))

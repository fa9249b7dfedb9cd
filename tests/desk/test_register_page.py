"""A call or a visit registered on one page: answered on the spot, left to its desk, or added to a case."""

import re

import pytest

from envelope.models import Channel
from envelope.taxonomy import Topic
from tests.desk.conftest import CODE, routed

NUMBER = "+989120000001"
CALL = {
    "key": "call-1",
    "shown_at": "2026-01-01T00:00:00+00:00",
    "channel": "phone",
    "number": "۰۹۱۲ ۰۰۰ ۰۰۰۱",
    "text": "می‌پرسد فیش مستمری کی می‌آید",
    "topic": "pension_payment",
    "kind": "question",
    "audience": "pensioner",
    "province": "یزد",
    "notify": "yes",
    "do": "refer",
}


@pytest.fixture
async def agent(sign_in):
    return await sign_in("agent", units=["retirement", "general"])


def code_of(html: str) -> str:
    return re.search(r'data-copy="(\d{10})"', html)[1]


async def test_a_call_left_to_its_desk_is_in_the_queue_with_its_code_sent(agent, store):
    done = await agent.fill("/register", 201, **CALL)
    case = await store.case(code_of(done.text))
    assert (case["state"], case["desk"], case["channel"]) == ("new", "retirement", Channel.PHONE)
    assert (case["audience"], case["province"]) == ("pensioner", "یزد")
    assert [sent["purpose"] for sent in case["outbound_messages"]] == ["acknowledgement"]
    assert "کد رهگیری پیامک می‌شود" in done.text


async def test_an_answer_given_on_the_spot_is_kept_and_closes(agent, store):
    answer = {"answer": "تا پایان ماه واریز می‌شود.", "close": "yes", "do": "answered", "notify": ""}
    done = await agent.fill("/register", 201, **CALL | answer)
    case = await store.case(code_of(done.text))
    assert case["state"] == "closed"
    assert answer["answer"] in [told["text"] for told in case["outbound_messages"]]
    assert "پیامکی فرستاده نمی‌شود" in done.text


async def test_a_visit_without_a_number_is_registered_too(agent, store):
    done = await agent.fill(
        "/register", 201, **CALL | {"channel": "in_person", "number": "", "notify": "yes"}
    )
    case = await store.case(code_of(done.text))
    assert case["channel"] == Channel.IN_PERSON
    assert case["outbound_messages"] == []


async def test_a_double_click_registers_once(agent, store):
    first, second = [await agent.fill("/register", 201, **CALL) for _ in range(2)]
    assert code_of(first.text) == code_of(second.text)
    assert await store.count("cases") == 1


async def test_open_cases_of_the_person_are_offered_before_a_new_one_is_made(agent, store):
    await store.file(routed(sender=NUMBER, code=CODE))
    offered = await agent.fill("/register", 422, **CALL)
    assert f"continue:{CODE}" in offered.text
    assert CALL["text"] in offered.text
    assert await store.count("cases") == 1
    again = {"offered": re.search(r'name="offered" value="([^"]+)"', offered.text)[1].replace("&#43;", "+")}
    await agent.fill("/register", 201, **CALL | again)
    assert await store.count("cases") == 2


async def test_a_call_about_an_open_case_becomes_one_more_message_of_it(agent, store):
    await store.file(routed(sender=NUMBER, code=CODE))
    done = await agent.fill("/register", 201, **CALL | {"do": f"continue:{CODE}", "topic": ""})
    assert code_of(done.text) == CODE
    case = await store.case(CODE)
    assert [said["channel"] for said in case["messages"]] == [Channel.SMS, Channel.PHONE]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number": "1420"}, "این شمارهٔ تلفن درست نیست"),
        ({"text": " "}, "این خانه باید پر شود"),
        ({"topic": ""}, "موضوع را از فهرست برگزینید"),
        ({"do": "answered"}, "پاسخ داده‌شده را بنویسید"),
        ({"national_id": "1234567890"}, "این کد ملی درست نیست"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(agent, store, change, sentence):
    refused = await agent.fill("/register", 422, **CALL | {"name": "مریم صادقی"} | change)
    assert sentence in refused.text
    assert "مریم صادقی" in refused.text
    assert 'value="call-1"' in refused.text
    assert await store.count("cases") == 0


async def test_standard_answers_of_the_topic_are_suggested_the_best_fit_first(agent, store):
    await store.knowledge.answers.load_defaults()
    shown = await agent.fill("/register/answers", 200, topic=Topic.PENSION_PAYMENT, text="فیش مستمری")
    assert "فیش و واریز مستمری" in shown.text
    assert "use:" in shown.text
    assert "موضوع را که برگزینید" in (await agent.fill("/register/answers", 200, topic="")).text


async def test_without_script_a_button_puts_the_answer_in(agent, store):
    await store.knowledge.answers.load_defaults()
    looked = await agent.fill("/register", 200, **CALL | {"do": "look"})
    button = re.search(r'value="(use:[^"]+)"', looked.text)[1]
    used = await agent.fill("/register", 200, **CALL | {"do": button})
    assert "my.tamin.ir" in re.search(r'<textarea id="answer".*?</textarea>', used.text, re.DOTALL)[0]


async def test_the_use_of_a_standard_answer_is_counted(agent, store):
    await store.knowledge.answers.load_defaults()
    looked = await agent.fill("/register", 200, **CALL | {"do": "look"})
    used = await agent.fill(
        "/register", 200, **CALL | {"do": re.search(r'value="(use:[^"]+)"', looked.text)[1]}
    )
    told = {
        name: re.search(rf'name="{name}" value="([^"]+)"', used.text)[1]
        for name in ("answer_id", "answer_number")
    }
    await agent.fill("/register", 201, **CALL | told | {"do": "answered", "answer": "در my.tamin.ir است."})
    assert await store.rows("SELECT uses FROM standard_answer WHERE uses > 0") == [{"uses": 1}]


async def test_the_person_behind_a_number_is_shown(agent, store):
    await store.file(routed(sender=NUMBER, code=CODE))
    assert CODE in (await agent.fill("/register/person", 200, number=CALL["number"])).text
    assert "نخستین تماس" in (await agent.fill("/register/person", 200, number="09359998877")).text
    assert "شماره را که بنویسید" in (await agent.fill("/register/person", 200, number="0912")).text


async def test_who_may_not_answer_does_not_register(sign_in, store):
    administrator = await sign_in("administrator", units=[])
    refused = await administrator.fill("/register", 403, **CALL)
    assert "این کار در اختیار شما نیست" in refused.text
    assert CALL["text"] in refused.text

"""What staff do to a case: claim, assign, reply, note, close, reopen, reclassify, link, draft."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from case_store.staffing import Role
from envelope import topics
from envelope.models import CaseEvent, Channel
from envelope.taxonomy import Topic
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Office, opened

CODE, OTHER = mint(100, KEY), mint(101, KEY)
SORTED = {"topic": "pension_payment", "kind": "complaint", "audience": "pensioner"}


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as office:
        await store.file(routed(code=CODE))
        yield office


async def test_a_claimed_case_is_open_and_has_a_name_on_it(office: Office):
    agent = await office.member(name="سارا")
    case = await agent.ok("POST", f"/cases/{CODE}/claim")
    assert case["state"] == "open"
    assert case["assignee"] == {"id": str(agent.actor.staff_id), "name": "سارا"}
    assert [event["type"] for event in case["events"]] == ["case_opened", "case_claimed"]
    again = await agent.post(f"/cases/{CODE}/claim")
    assert (again.status_code, again.headers["ETag"]) == (200, f'"{case["version"]}"')


async def test_of_twenty_at_once_one_gets_the_case_and_the_others_are_told_who(office: Office):
    agents = [await office.member(name=f"کارشناس {n}") for n in range(20)]
    etag = (await agents[0].get(f"/cases/{CODE}")).headers["ETag"]
    answers = await asyncio.gather(
        *(agent.post(f"/cases/{CODE}/claim", headers={"If-Match": etag}) for agent in agents)
    )
    won = [agent for agent, answer in zip(agents, answers, strict=True) if answer.is_success]
    assert len(won) == 1
    for answer in answers:
        if not answer.is_success:
            problem = answer.json()
            assert answer.status_code == 409
            assert problem["holder"] == {"id": str(won[0].actor.staff_id), "name": won[0].actor.name}
            assert won[0].actor.name in problem["detail"]
            assert problem["since"]
    assert len(await office.store.rows("SELECT FROM case_event WHERE type = 'case_claimed'")) == 1


async def test_a_service_is_nobody_who_could_have_a_case(office: Office):
    assert (await office.service().post(f"/cases/{CODE}/claim")).status_code == 403


async def test_a_released_case_waits_for_anybody(office: Office):
    agent, colleague = await office.member(), await office.member()
    await agent.ok("POST", f"/cases/{CODE}/claim")
    refused = await colleague.post(f"/cases/{CODE}/release")
    assert (refused.status_code, refused.json()["holder"]["name"]) == (409, agent.actor.name)
    case = await agent.ok("POST", f"/cases/{CODE}/release")
    assert (case["state"], case["assignee"]) == ("new", None)
    assert (await agent.ok("POST", f"/cases/{CODE}/release"))["version"] == case["version"]
    assert (await colleague.ok("POST", f"/cases/{CODE}/claim"))["assignee"]["name"] == colleague.actor.name


async def test_a_supervisor_gives_a_case_to_somebody_and_takes_it_back(office: Office):
    chief, agent = await office.member(Role.SUPERVISOR), await office.member()
    given = await chief.ok("POST", f"/cases/{CODE}/assign", json={"staff_id": str(agent.actor.staff_id)})
    assert (given["state"], given["assignee"]["name"]) == ("open", agent.actor.name)
    taken = await chief.ok("POST", f"/cases/{CODE}/assign", json={"staff_id": None})
    assert (taken["state"], taken["assignee"]) == ("new", None)
    assert [event["type"] for event in taken["events"]][-2:] == ["case_assigned", "case_released"]


@pytest.mark.parametrize("whom", ["nobody", "another_desk", "liaison"])
async def test_a_case_is_not_given_to_who_could_not_answer_it(office: Office, whom: str):
    chief = await office.member(Role.SUPERVISOR)
    stranger = await office.member(Role.LIAISON if whom == "liaison" else Role.AGENT, units=("treatment",))
    staff_id = uuid4() if whom == "nobody" else stranger.actor.staff_id
    answer = await chief.post(f"/cases/{CODE}/assign", json={"staff_id": str(staff_id)})
    assert answer.status_code == 409
    assert (await chief.ok("GET", f"/cases/{CODE}"))["assignee"] is None


async def test_an_agent_assigns_nothing(office: Office):
    agent = await office.member()
    answer = await agent.post(f"/cases/{CODE}/assign", json={"staff_id": str(agent.actor.staff_id)})
    assert answer.status_code == 403


async def test_two_answer_at_once_and_the_second_is_told_what_happened(office: Office):
    first, second = await office.member(name="مینا"), await office.member(name="رضا")
    etag = (await first.get(f"/cases/{CODE}")).headers["ETag"]
    await office.store.file(routed("کی واریز می‌شود؟"))
    etag_after = (await second.get(f"/cases/{CODE}")).headers["ETag"]
    await second.ok("PUT", f"/cases/{CODE}/draft", json={"text": "پیش‌نویس من"})
    sent = await first.post(
        f"/cases/{CODE}/replies", json={"text": "امروز واریز شد"}, headers={"If-Match": etag_after}
    )
    assert sent.status_code == 201
    late = await second.post(
        f"/cases/{CODE}/replies", json={"text": "فردا واریز می‌شود"}, headers={"If-Match": etag_after}
    )
    problem = late.json()
    assert late.status_code == 412
    assert [(event["type"], event["actor"]) for event in problem["since"]] == [("case_replied", "مینا")]
    assert problem["since"][0]["message_id"] == sent.json()["id"]
    older = await second.post(f"/cases/{CODE}/replies", json={"text": "سلام"}, headers={"If-Match": etag})
    assert [event["type"] for event in older.json()["since"]] == ["message_received", "case_replied"]
    assert "واریز" not in late.text
    case = await second.ok("GET", f"/cases/{CODE}")
    assert problem["version"] == case["version"]
    assert case["draft"]["text"] == "پیش‌نویس من"
    assert len([m for m in case["outbound_messages"] if m["purpose"] == "reply"]) == 1


async def test_a_double_click_of_two_tabs_sends_once(office: Office):
    agent = await office.member()
    etag = (await agent.get(f"/cases/{CODE}")).headers["ETag"]
    body = {"text": "می‌رسد", "reply_id": str(uuid4())}
    answers = await asyncio.gather(
        *(agent.post(f"/cases/{CODE}/replies", json=body, headers={"If-Match": etag}) for _ in range(10))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await office.store.rows("SELECT FROM outbound_message WHERE purpose = 'reply'")) == 1


async def test_a_member_of_the_staff_speaks_for_themselves(office: Office):
    agent = await office.member(name="نسرین")
    sent = await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "سلام", "author": "دیگری"})
    assert sent["author"] == "نسرین"


async def test_a_draft_is_kept_till_it_is_sent_and_is_ones_own(office: Office):
    agent, colleague = await office.member(), await office.member()
    for text in ("سل", "سلام، ", "سلام، فردا "):
        await agent.ok("PUT", f"/cases/{CODE}/draft", json={"text": text})
    version = (await colleague.ok("GET", f"/cases/{CODE}"))["version"]
    assert (await agent.ok("GET", f"/cases/{CODE}"))["draft"]["text"] == "سلام، فردا "
    assert (await colleague.ok("GET", f"/cases/{CODE}"))["draft"] is None
    assert version == 1
    await colleague.ok("POST", f"/cases/{CODE}/replies", json={"text": "از همکار"})
    assert (await agent.ok("GET", f"/cases/{CODE}"))["draft"]["text"] == "سلام، فردا "
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "سلام، فردا واریز می‌شود"})
    assert (await agent.ok("GET", f"/cases/{CODE}"))["draft"] is None


async def test_a_reply_that_fails_leaves_the_draft(office: Office):
    agent = await office.member()
    await office.store.file(routed(code=OTHER, sender="login-1", account=True, channel=Channel.PORTAL))
    await agent.ok("PUT", f"/cases/{OTHER}/draft", json={"text": "سلام"})
    assert (await agent.post(f"/cases/{OTHER}/replies", json={"text": "سلام"})).status_code == 409
    assert (await agent.ok("GET", f"/cases/{OTHER}"))["draft"]["text"] == "سلام"
    assert (await agent.delete(f"/cases/{OTHER}/draft")).status_code == 204
    assert (await agent.ok("GET", f"/cases/{OTHER}"))["draft"] is None


async def test_a_reply_that_asks_something_lets_the_clock_wait_for_the_citizen(office: Office):
    agent = await office.member()
    before = await agent.ok("GET", f"/cases/{CODE}")
    assert before["due_at"] is not None
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "کد ملی شما؟", "awaits_citizen": True})
    asked = await agent.ok("GET", f"/cases/{CODE}")
    assert asked["state"] == "answered"
    assert [event["type"] for event in asked["events"]][-2:] == ["case_replied", "case_waiting"]
    assert [(clock["paused_at"] is None, clock["stopped_at"]) for clock in asked["clocks"]] == [(False, None)]
    await office.store.file(routed("۰۰۱۲۳۴۵۶۷۸ است"))
    back = await agent.ok("GET", f"/cases/{CODE}")
    assert back["state"] == "open"
    assert [(clock["paused_at"], clock["stopped_at"]) for clock in back["clocks"]] == [(None, None)]


async def test_an_answered_case_has_no_deadline_and_a_reopened_one_has_a_new_one(office: Office):
    agent = await office.member()
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "واریز شد"})
    answered = await agent.ok("GET", f"/cases/{CODE}")
    assert (answered["state"], answered["due_at"]) == ("answered", None)
    assert all(clock["stopped_at"] for clock in answered["clocks"])
    closed = await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "پاسخ داده شد"})
    assert (closed["state"], closed["due_at"]) == ("closed", None)
    opened_again = await agent.ok("POST", f"/cases/{CODE}/reopen", json={"reason": "کامل نبود"})
    assert (opened_again["state"], opened_again["closed_at"]) == ("open", None)
    assert opened_again["due_at"] is not None
    assert (
        opened_again["events"][-1] | {"type": "case_reopened", "note": "کامل نبود"}
        == (opened_again["events"][-1])
    )


@pytest.mark.parametrize(
    ("state", "verb", "body", "words"),
    [
        ("new", "reopen", {"reason": "x"}, "not closed"),
        ("closed", "claim", None, "reopen it first"),
        ("referred", "close", {"reason": "x"}, "asked"),
    ],
)
async def test_what_does_not_fit_is_refused_in_plain_words(office: Office, state, verb, body, words):
    closed_at = ", closed_at = now()" if state == "closed" else ""
    await office.store.rows(f"UPDATE cases SET state = '{state}'{closed_at}")  # noqa: S608
    agent = await office.member()
    answer = await agent.post(f"/cases/{CODE}/{verb}", json=body)
    assert answer.status_code == 409
    assert words in answer.json()["detail"]
    assert answer.json()["state"] == state


async def test_a_word_while_somebody_is_asked_leaves_the_case_with_them_and_the_clock_running(office: Office):
    agent = await office.member()
    await office.store.rows("UPDATE cases SET state = 'referred'")
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "در دست بررسی است"})
    case = await agent.ok("GET", f"/cases/{CODE}")
    assert case["state"] == "referred"
    assert [clock["stopped_at"] for clock in case["clocks"]] == [None]


async def test_a_note_is_for_colleagues_and_is_shown_as_it_was_written(office: Office):
    agent = await office.member(name="لیلا")
    text = "<b>مهم</b> \u202eترس"
    written = await agent.ok("POST", f"/cases/{CODE}/notes", json={"text": text})
    case = await agent.ok("GET", f"/cases/{CODE}")
    assert case["notes"] == [written]
    assert (written["text"], written["author"]) == (text, "لیلا")
    assert case["events"][-1]["type"] == "case_noted"
    assert text not in str(await office.store.rows("SELECT detail FROM audit_entry"))


async def test_a_reclassified_case_goes_to_the_desk_that_knows_and_the_classifier_learns(office: Office):
    agent = await office.member(units=("treatment",), name="پریسا")
    await office.store.file(
        routed("سلام وقت بخیر", code=OTHER, topic=Topic.E_PRESCRIPTION, sender="+989120000007")
    )
    await agent.ok("POST", f"/cases/{OTHER}/claim")
    case = await agent.ok("POST", f"/cases/{OTHER}/reclassification", json=SORTED | {"province": "یزد"})
    assert (case["desk"], case["section"], case["topic"]) == ("retirement", "retirement", "pension_payment")
    assert (case["state"], case["assignee"], case["province"]) == ("new", None, "یزد")
    assert (await agent.get(f"/cases/{OTHER}")).status_code == 404
    lessons = (await office.service().ok("GET", "/corrections"))["corrections"]
    assert len(lessons) == 1
    message = (await office.service().ok("GET", f"/cases/{OTHER}"))["messages"][0]
    assert (
        lessons[0]
        | {
            "tracking_code": OTHER,
            "message_id": message["message_id"],
            "classifier": "test",
            "text": "سلام وقت بخیر",
            "topic_before": "e_prescription",
            "kind_before": "question",
            "audience_before": "unknown",
            "corrected_by": "پریسا",
            **SORTED,
        }
        == lessons[0]
    )


async def test_a_case_in_triage_becomes_new_when_somebody_says_whose_it_is(office: Office):
    agent = await office.member(units=("general", "retirement"))
    await office.store.file(routed(code=OTHER, topic=Topic.OTHER, desk="triage", sender="+989120000008"))
    await agent.ok("POST", f"/cases/{OTHER}/claim")
    case = await agent.ok("POST", f"/cases/{OTHER}/reclassification", json=SORTED)
    assert (case["state"], case["desk"], case["assignee"]) == ("new", "retirement", None)


async def test_a_new_topic_of_the_same_section_leaves_the_case_with_whoever_has_it(office: Office):
    agent = await office.member()
    await agent.ok("POST", f"/cases/{CODE}/claim")
    body = SORTED | {"topic": "survivor_pension"}
    case = await agent.ok("POST", f"/cases/{CODE}/reclassification", json=body)
    assert (case["state"], case["desk"]) == ("open", "retirement")
    assert case["assignee"]["id"] == str(agent.actor.staff_id)
    again = await agent.ok("POST", f"/cases/{CODE}/reclassification", json=body)
    assert again["version"] == case["version"]
    assert len(again["corrections"]) == 1


async def test_a_desk_can_be_named_and_must_be_there(office: Office):
    agent = await office.member()
    refused = await agent.post(f"/cases/{CODE}/reclassification", json=SORTED | {"desk": "nowhere"})
    assert refused.status_code == 409
    assert "nowhere" not in refused.text
    case = await agent.ok("POST", f"/cases/{CODE}/reclassification", json=SORTED | {"desk": "general"})
    assert case["desk"] == "general"


async def test_lessons_are_for_who_may_export_or_audit_and_the_words_for_exporters_alone(office: Office):
    agent, auditor = await office.member(), await office.member(Role.AUDITOR)
    keeper = await office.member(Role.ADMINISTRATOR)
    await agent.ok("POST", f"/cases/{CODE}/reclassification", json=SORTED)
    assert (await agent.get("/corrections")).status_code == 403
    assert (await auditor.ok("GET", "/corrections"))["corrections"][0]["text"]
    assert (await keeper.ok("GET", "/corrections"))["corrections"][0]["text"] is None


async def test_lessons_are_paged(office: Office):
    agent = await office.member()
    for kind in ("complaint", "request", "question", "suggestion", "complaint"):
        await agent.ok("POST", f"/cases/{CODE}/reclassification", json=SORTED | {"kind": kind})
    seen, cursor = [], None
    while True:
        parameters = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await office.service().ok("GET", "/corrections", params=parameters)
        seen += [lesson["kind"] for lesson in page["corrections"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["complaint", "suggestion", "question", "request", "complaint"]


async def test_two_linked_cases_are_seen_from_both(office: Office):
    agent = await office.member()
    await office.store.file(routed(code=OTHER, sender="+989120000009"))
    body = {"other_code": OTHER, "relation": "follows"}
    case = await agent.ok("POST", f"/cases/{CODE}/links", json=body)
    other = await agent.ok("GET", f"/cases/{OTHER}")
    assert [(link["tracking_code"], link["relation"], link["outgoing"]) for link in case["links"]] == [
        (OTHER, "follows", True)
    ]
    assert [(link["tracking_code"], link["relation"], link["outgoing"]) for link in other["links"]] == [
        (CODE, "follows", False)
    ]
    assert case["events"][-1]["type"] == other["events"][-1]["type"] == "case_linked"
    assert (await agent.ok("POST", f"/cases/{CODE}/links", json=body))["version"] == case["version"]
    turned = await agent.post(f"/cases/{OTHER}/links", json={"other_code": CODE, "relation": "related"})
    assert turned.status_code == 409
    parted = await agent.ok("DELETE", f"/cases/{OTHER}/links/{CODE}")
    assert parted["links"] == (await agent.ok("GET", f"/cases/{CODE}"))["links"] == []
    assert parted["events"][-1]["type"] == "case_unlinked"


@pytest.mark.parametrize("other", ["itself", "out_of_reach", "nothing"])
async def test_a_case_is_linked_only_to_another_one_within_reach(office: Office, other: str):
    agent = await office.member()
    await office.store.file(routed(code=OTHER, sender="+989120000009", topic=Topic.E_PRESCRIPTION))
    code = {"itself": CODE, "out_of_reach": OTHER, "nothing": mint(999, KEY)}[other]
    answer = await agent.post(f"/cases/{CODE}/links", json={"other_code": code, "relation": "related"})
    assert answer.status_code == (409 if other == "itself" else 404)
    assert await office.store.count("case_link") == 0


async def test_links_made_both_ways_at_once_do_not_kill_each_other(office: Office):
    agent = await office.member()
    await office.store.file(routed(code=OTHER, sender="+989120000009"))
    for _ in range(5):
        answers = await asyncio.gather(
            agent.post(f"/cases/{CODE}/links", json={"other_code": OTHER, "relation": "related"}),
            agent.post(f"/cases/{OTHER}/links", json={"other_code": CODE, "relation": "related"}),
        )
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len((await agent.ok("GET", f"/cases/{CODE}"))["links"]) == 1
        await agent.ok("DELETE", f"/cases/{CODE}/links/{OTHER}")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "claim", None),
        ("POST", "replies", {"text": "سلام"}),
        ("POST", "notes", {"text": "سلام"}),
        ("POST", "close", {"reason": "x"}),
        ("POST", "reclassification", SORTED | {"kind": "request"}),
        ("POST", "links", {"other_code": OTHER, "relation": "related"}),
    ],
)
async def test_every_verb_honours_the_version_that_was_read(office: Office, method: str, path: str, body):
    agent = await office.member()
    await office.store.file(routed(code=OTHER, sender="+989120000009"))
    etag = (await agent.get(f"/cases/{CODE}")).headers["ETag"]
    await office.store.file(routed("یک پیام دیگر"))
    stale = await agent.request(method, f"/cases/{CODE}/{path}", json=body, headers={"If-Match": etag})
    assert stale.status_code == 412
    assert [event["type"] for event in stale.json()["since"]] == ["message_received"]
    fresh = (await agent.get(f"/cases/{CODE}")).headers["ETag"]
    done = await agent.request(method, f"/cases/{CODE}/{path}", json=body, headers={"If-Match": fresh})
    assert done.is_success


async def test_whoever_does_not_reach_a_case_does_nothing_to_it(office: Office):
    stranger = await office.member(units=("treatment",))
    for path, body in (
        ("claim", None),
        ("release", None),
        ("replies", {"text": "سلام"}),
        ("notes", {"text": "سلام"}),
        ("close", {"reason": "x"}),
        ("reopen", {"reason": "x"}),
        ("reclassification", SORTED),
        ("links", {"other_code": CODE, "relation": "related"}),
    ):
        assert (await stranger.post(f"/cases/{CODE}/{path}", json=body)).status_code == 404, path
    assert (await stranger.put(f"/cases/{CODE}/draft", json={"text": "x"})).status_code == 404
    assert (await office.store.case(CODE))["version"] == 1


async def test_every_change_is_in_the_history_the_outbox_and_the_audit(office: Office):
    agent = await office.member(name="هما")
    await agent.ok("POST", f"/cases/{CODE}/claim")
    await agent.ok("POST", f"/cases/{CODE}/notes", json={"text": "یادداشت"})
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "سلام"})
    await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "تمام"})
    await agent.ok("POST", f"/cases/{CODE}/reopen", json={"reason": "نه"})
    expected = ["case_claimed", "case_noted", "case_replied", "case_closed", "case_reopened"]
    history = (await agent.ok("GET", f"/cases/{CODE}"))["events"]
    assert [event["type"] for event in history if event["actor"] == "هما"] == expected
    await office.store.publish_all()
    told = [CaseEvent.from_json(record.value) for record in office.store.bus.of(topics.EVENTS)]
    assert [event.type for event in told if event.actor == "هما"] == expected
    audit = await office.store.rows(
        "SELECT action, subject FROM audit_entry WHERE actor = 'هما' ORDER BY seq"
    )
    assert [(row["action"], row["subject"]) for row in audit] == [(kind, CODE) for kind in expected]

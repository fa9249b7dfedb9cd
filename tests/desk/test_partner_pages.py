"""Partner services at the desk: made, given keys that are shown once, told by webhooks whose log is read."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from tests.desk.conftest import CODE, routed

PARTNER = {"id": "tamin-man", "name": "تأمین من", "per_minute": "۶۰", "per_day": "۱٬۰۰۰", "key": "p1"}
PAGE = "/partners/tamin-man"
KEY = {"label": "اپ موبایل", "scope_messages:write": "yes", "scope_cases:read": "yes"}
HOOK = {"url": "https://partner.example/payam", "type_answered": "yes"}


@pytest.fixture
async def administrator(sign_in):
    administrator = await sign_in("administrator", units=[])
    await administrator.fill("/partners/new", **PARTNER)
    return administrator


def told_once(html: str) -> str:
    return re.search(r'data-copy="([^"]+)"', html)[1]


async def a_key(administrator, **more: str) -> str:
    """A new key's page of its own."""
    answer = await administrator.fill(f"{PAGE}/keys/new", 201, **KEY | more)
    assert answer.headers["cache-control"] == "no-store"
    return told_once(answer.text)


async def a_webhook(administrator, **more: str) -> str:
    answer = await administrator.fill(f"{PAGE}/webhooks/new", 201, **HOOK | more)
    assert told_once(answer.text).startswith("whsec_")
    return re.search(rf'href="({PAGE}/webhooks/[0-9a-f-]{{36}})"', answer.text)[1]


async def test_a_service_is_made_with_quotas_in_persian_digits_and_listed(administrator, store):
    assert "تأمین من" in await administrator.html("/partners")
    [row] = await store.rows("SELECT per_minute, per_day FROM partner")
    assert (row["per_minute"], row["per_day"]) == (60, 1_000)
    assert "هنوز کلیدی ندارد" in await administrator.html(PAGE)


async def test_a_double_click_makes_one(administrator, store):
    await administrator.fill("/partners/new", **PARTNER)
    assert await store.count("partner") == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id": "Tamin"}, "id"),
        ({"name": ""}, "name"),
        ({"per_day": "هزار"}, "per_day"),
        ({"id": "tamin-man"}, "id"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays(administrator, wrong, field):
    refused = await administrator.fill(
        "/partners/new", 422, **PARTNER | {"key": "p2", "per_minute": "۷۷"} | wrong
    )
    assert f'id="{field}-fault"' in refused.text
    assert 'value="۷۷"' in refused.text


async def test_a_change_that_comes_second_is_told_and_kept(administrator):
    typed = {"name": "نام تازه", "per_minute": "5", "per_day": "6", "active": "yes", "version": "1"}
    await administrator.fill(PAGE, **typed)
    assert "نام تازه" in await administrator.html("/partners")
    stale = await administrator.fill(PAGE, 412, **typed | {"name": "نامی دیگر"})
    assert "نامی دیگر" in stale.text
    assert "اکنون در سامانه: نام تازه" in stale.text


async def test_a_service_is_suspended(administrator, store):
    await administrator.fill(PAGE, name="تأمین من", per_minute="60", per_day="1000", version="1")
    assert [row["state"] for row in await store.rows("SELECT state FROM partner")] == ["suspended"]
    assert "غیرفعال" in await administrator.html("/partners")


async def test_a_key_is_shown_this_once_and_never_again(administrator, store):
    key = await a_key(administrator, sandbox="yes", days="۳۰")
    assert key.startswith("payam_test_")
    [row] = await store.rows("SELECT * FROM partner_key")
    assert bytes(row["hash"]) == sha256(key.encode()).digest()
    assert row["scopes"] == ["messages:write", "cases:read"]
    assert timedelta(days=29) < row["expires_at"] - datetime.now(UTC) < timedelta(days=31)
    shown = await administrator.html(PAGE)
    assert key not in shown
    assert "اپ موبایل" in shown
    assert "دیدن وضعیت و پاسخ" in shown


async def test_a_key_that_may_do_nothing_is_refused(administrator, store):
    refused = await administrator.fill(f"{PAGE}/keys/new", 422, label="اپ", days="بسیار")
    assert {"scopes-fault", "days-fault"} <= set(re.findall(r'id="(\w+-fault)"', refused.text))
    assert await store.count("partner_key") == 0


@pytest.mark.parametrize(("when", "left"), [("now", 0), ("day", 1), ("week", 7), ("never", 0)])
async def test_a_key_is_taken_back_now_or_with_time_to_go_over(administrator, store, when, left):
    await a_key(administrator)
    [row] = await store.rows("SELECT id FROM partner_key")
    await administrator.fill(f"{PAGE}/keys/{row['id']}/revocation", when=when)
    [key] = await store.rows("SELECT revoked_at FROM partner_key")
    ends = key["revoked_at"] - datetime.now(UTC)
    assert timedelta(days=left, minutes=-1) < ends < timedelta(days=left, minutes=1)
    shown = await administrator.html(PAGE)
    assert ("پایان‌یافته" in shown) is (left == 0)


async def test_a_webhook_is_added_with_its_secret_shown_once_and_listed(administrator):
    page = await a_webhook(administrator)
    shown = await administrator.html(PAGE)
    assert "https://partner.example/payam" in shown
    assert "whsec_" not in shown + await administrator.html(page)


@pytest.mark.parametrize("wrong", ["ftp://partner.example", "https://me:secret@partner.example", "", "کجا"])
async def test_an_address_that_cannot_be_told_is_refused(administrator, store, wrong):
    refused = await administrator.fill(f"{PAGE}/webhooks/new", 422, **HOOK | {"url": wrong})
    assert 'id="url-fault"' in refused.text
    assert await store.count("webhook") == 0


async def test_a_test_is_logged_and_what_was_given_up_is_sent_again(administrator, store):
    page = await a_webhook(administrator)
    await administrator.fill(f"{page}/test")
    assert "آزمایش" in await administrator.html(page)
    await store.rows(
        """
        UPDATE webhook_delivery SET state = 'dead', next_at = NULL, settled_at = now(), attempts = $1
        """,
        '[{"at": "2026-11-22T08:00:00Z", "status": null, "error": "timeout", "milliseconds": 10000}]',
    )
    dead = await administrator.html(f"{page}?state=dead")
    assert "به‌هنگام پاسخ نداد" in dead
    assert "نرسید" in dead
    assert "هنوز خبری فرستاده نشده است" in await administrator.html(f"{page}?state=delivered")
    [row] = await store.rows("SELECT id FROM webhook_delivery")
    await administrator.fill(f"{page}/deliveries/{row['id']}")
    assert [one["state"] for one in await store.rows("SELECT state FROM webhook_delivery")] == ["pending"]


async def test_an_endpoint_is_turned_off_and_on_given_another_secret_and_taken_away(administrator, store):
    page = await a_webhook(administrator)
    await administrator.fill(f"{page}/state", state="disabled")
    assert "خاموش" in await administrator.html(page)
    await administrator.fill(f"{page}/test")
    assert "این کار اکنون شدنی نیست" in await administrator.html(page)
    await administrator.fill(f"{page}/state", state="active")
    renewed = await administrator.fill(f"{page}/secret", 201)
    assert told_once(renewed.text).startswith("whsec_")
    assert "رمز پیشین تا" in await administrator.html(page)
    await administrator.fill(f"{page}/removal")
    assert await store.count("webhook") == 0


async def test_what_is_not_there_is_a_page_that_says_so(administrator):
    nobody = "0197a1b2-0000-7000-8000-000000000001"
    for path in ("/partners/nobody", f"{PAGE}/webhooks/{nobody}", "/partners/nobody/keys/new"):
        await administrator.html(path, status=404)


async def test_none_of_it_is_a_supervisor_s(sign_in):
    supervisor = await sign_in("supervisor")
    assert "/partners" not in await supervisor.html("/queues")
    await supervisor.html("/partners", status=403)
    await supervisor.fill("/partners/new", 403, **PARTNER)
    await supervisor.html("/partners/tamin-man", status=403)


async def test_an_answer_to_somebody_whom_a_service_alone_reaches_waits_for_that_service(sign_in, store):
    message = routed(code=CODE, sender="tamin-man:7f31", account=True, partner="tamin-man")
    await store.file(message)
    agent = await sign_in("agent")
    await agent.fill(f"/cases/{CODE}/replies", text="پاسخ ما", reply_id=str(uuid4()), version="1")
    waiting = "تا سرویسی که این پیام را ثبت کرده آن را بخواند"
    assert waiting in await agent.html(f"/cases/{CODE}")
    await store.submissions.case("tamin-man", CODE, sandbox=False)
    assert waiting not in await agent.html(f"/cases/{CODE}")

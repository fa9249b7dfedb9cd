"""A morning's work for the office of the browser tests: people's sentences, a case that went all the way."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from envelope.models import Channel, DeliveryReport, DeliveryState
from envelope.taxonomy import Kind, Topic
from envelope.tracking import mint
from tests.browser.office import Office
from tests.case_store.conftest import KEY, Store, routed

SAID = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "router/messages-labelled.jsonl").read_text("utf-8").splitlines()
]
ANSWERS = (
    ("زمان واریز مستمری", "با سلام؛ مستمری هر ماه تا پایان همان ماه و به ترتیب حروف الفبا واریز می‌شود."),
    ("فیش حقوقی بازنشستگان", "با سلام؛ فیش حقوقی را در «تأمین من»، بخش مستمری‌بگیران، ببینید و چاپ کنید."),
    ("متناسب‌سازی", "با سلام؛ متناسب‌سازی در حکم تازه آمده است؛ حکم را در es.tamin.ir می‌توانید ببینید."),
)
TOLD = "قرارداد کار، فیش حقوقی یا رأی هیئت تشخیص آن سال‌ها را به شعبه ببرید تا بررسی و ثبت شود."


def fill(built: Office) -> list[str]:
    """A morning's work: cases of every kind, some answered, one asked about all the way up. → their codes."""
    codes = built.do(_said)
    for title, text in ANSWERS:
        written = built.call(
            "expert", "POST", "/answers", topic="pension_payment", title=title, text=text
        ).json()
        for who, step in (("expert", "submit"), ("supervisor", "approve")):
            built.call(who, "POST", f"/answers/{written['id']}/versions/1/{step}")
    return codes


async def _said(store: Store) -> list[str]:
    now = datetime.now(UTC)
    chosen = [row for row in SAID if row.get("topic") and row.get("kind")][:80]
    codes = [mint(1000 + each, KEY) for each in range(len(chosen))]
    for each, row in enumerate(chosen):
        await store.file(
            routed(
                row["text"],
                code=codes[each],
                sender=f"+98912{each:07}",
                topic=Topic(row["topic"]),
                kind=Kind(row["kind"]),
                channel=Channel(row.get("channel", "sms")),
                at=now - timedelta(hours=3 * (each % 30), minutes=7 * each % 60),
            )
        )
    return codes


async def delivered(
    store: Store, state: DeliveryState = DeliveryState.DELIVERED, reason: str | None = None
) -> None:
    """The operators report on everything that was written."""
    written = await store.rows("SELECT id, text FROM outbound_message WHERE state = 'pending'")
    now = datetime.now(UTC)
    await store.deliveries.record(
        [
            DeliveryReport(
                provider="kavenegar",
                outbound_id=row["id"],
                state=state,
                reason=reason,
                parts=-(-len(row["text"]) // 67),
                cost_rial=1500 * -(-len(row["text"]) // 67),
                reported_at=now,
            )
            for row in written
        ]
    )


def long_story(built: Office) -> str:
    """One case with everything in it: several doors, a note, both tiers, one answer that did not arrive."""
    code = built.case(
        "سلام. من سال ۸۷ تا ۸۹ عسلویه کار کردم ولی در ریز سوابقم فقط ۴ ماهش آمده. با چه مدرکی ثابت کنم؟",
        sender="+989121234567",
        topic=Topic.CONTRIBUTION_RECORD,
    )
    built.do(delivered)
    built.call("agent", "POST", f"/cases/{code}/claim")
    built.call(
        "agent",
        "POST",
        f"/cases/{code}/replies",
        text="با سلام؛ نام کارگاه و شمارهٔ بیمه را بفرستید.",
        awaits_citizen=True,
    )
    built.do(delivered)
    built.do(
        lambda store: store.file(
            routed(
                "شرکت پارس‌جنوب، شماره بیمه را نمی‌دانم",
                sender="+989121234567",
                channel=Channel.PORTAL,
                cites=(code,),
                topic=Topic.CONTRIBUTION_RECORD,
            )
        )
    )
    built.call(
        "colleague",
        "POST",
        f"/cases/{code}/notes",
        text="با شعبهٔ عسلویه تماس گرفتم؛ پروندهٔ کارگاه در بایگانی راکد است.",
    )
    asked = built.call(
        "agent",
        "POST",
        f"/cases/{code}/referrals",
        tier="expert",
        question="سابقهٔ کارگاه منحل‌شده با رأی ادارهٔ کار ثبت می‌شود؟",
    ).json()
    below = built.call(
        *("expert", "POST", f"/cases/{code}/referrals"),
        tier="liaison",
        unit_id="pensions_office",
        parent_id=asked["id"],
        question="لیست‌های کارگاه در سال‌های ۸۷ تا ۸۹ موجود است؟",
    ).json()
    built.call(
        "liaison",
        "POST",
        f"/referrals/{below['id']}/answer",
        text="لیست‌های ۱۳۸۷ و ۱۳۸۸ موجود است؛ برای ۱۳۸۹ رأی هیئت تشخیص لازم است.",
    )
    built.call(
        "expert",
        "POST",
        f"/referrals/{asked['id']}/answer",
        text=f"دو سال نخست ثبت می‌شود؛ برای سال سوم {TOLD}",
    )
    built.call("agent", "POST", f"/cases/{code}/replies", text=f"با سلام؛ دو سال نخست ثبت شد. {TOLD}")
    built.do(lambda store: delivered(store, DeliveryState.UNDELIVERED, "خاموش یا خارج از دسترس"))
    return code

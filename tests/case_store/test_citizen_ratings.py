"""Ratings: the newest word on each case is kept, nothing is opened by one, and no SMS answers it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from case_store.plan.consequences import rating_of
from case_store.staffing import Role, service
from envelope.models import Channel, Intent, RoutedMessage
from envelope.taxonomy import Topic
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import opened
from tests.case_store.test_threads import a_case

ANNE, BERT = "+989120000001", "+989120000002"
CODE, SECOND, ALIAS = mint(700, KEY), mint(701, KEY), mint(702, KEY)
NOW = datetime.now(UTC)


def by_sms(digit: str, **more: Any) -> RoutedMessage:  # noqa: ANN401  (whatever `routed` takes)
    return routed(digit, intent=Intent.RATING, topic=Topic.OTHER, desk="triage", **more)


def by_form(stars: int, words: str = "", code: str = CODE, **more: Any) -> RoutedMessage:  # noqa: ANN401  (as above)
    given: dict[str, Any] = {"channel": Channel.PORTAL, "cites": (code,), "refers_to": code} | more
    return routed(words, intent=Intent.RATING, topic=Topic.OTHER, desk="triage", stars=stars, **given)


async def ratings(store: Store) -> dict[str, tuple[int, str]]:
    rows = await store.rows("SELECT tracking_code, stars, words FROM rating JOIN cases ON id = case_id")
    return {row["tracking_code"]: (row["stars"], row["words"]) for row in rows}


@pytest.fixture
async def two_cases(store: Store) -> None:
    """The second one is the newest."""
    await store.file(
        routed(code=CODE, at=NOW - timedelta(hours=3)),
        routed(code=SECOND, topic=Topic.E_PRESCRIPTION, chosen=True, at=NOW - timedelta(hours=2)),
    )


async def test_a_digit_by_sms_rates_the_newest_case_and_a_form_the_one_it_names(
    store: Store, two_cases: None
):
    await store.file(by_sms("4"))
    assert await ratings(store) == {SECOND: (4, "")}
    await store.file(by_form(2, "دیر بود\0"))
    assert await ratings(store) == {SECOND: (4, ""), CODE: (2, "دیر بود\ufffd")}


@pytest.mark.parametrize("later", ["same batch", "another batch"])
async def test_the_newest_word_counts_in_whatever_order_they_come(store: Store, two_cases: None, later: str):
    old, new = by_form(1, "بد", at=NOW - timedelta(minutes=9)), by_form(5, "خوب", at=NOW)
    older = by_form(3, "میانه", at=NOW - timedelta(minutes=20))
    if later == "same batch":
        await store.file(old, new, older)
    else:
        for message in (old, new, older, old):
            await store.file(message)
    assert await ratings(store) == {CODE: (5, "خوب")}
    [kept] = await store.rows("SELECT message_id, rated_at FROM rating")
    assert kept == {"message_id": new.envelope.message_id, "rated_at": NOW}
    assert await store.count("message") == 5


@pytest.mark.parametrize("state", ["nothing", "new", "answered", "closed"])
@pytest.mark.parametrize("way", ["sms", "form"])
async def test_a_rating_opens_nothing_and_changes_nothing_else(store: Store, state: str, way: str):
    if state != "nothing":
        await store.file(routed(code=CODE, at=NOW - timedelta(hours=1)))
    if state == "answered":
        await store.staff.reply(service(), CODE, "واریز شد", None, key=None, version=None)
    if state == "closed":
        await store.staff.close(service(), CODE, "پاسخ", None, notify=False, version=None)
    before = await store.rows("SELECT * FROM cases"), await store.count("outbound_message")
    clocks = await store.rows("SELECT * FROM clock")
    await store.file(by_sms("3") if way == "sms" else by_form(3, "این را هم بگویم: مستمری من نیامده است"))
    assert (await store.rows("SELECT * FROM cases"), await store.count("outbound_message")) == before
    assert await store.rows("SELECT * FROM clock") == clocks
    assert await store.count("rating") == (0 if state == "nothing" else 1)
    assert await store.count("message") == (1 if state == "nothing" else 2)


async def test_nobody_rates_another_persons_case_nor_their_own_by_mistake(store: Store, two_cases: None):
    await store.file(routed(code=ALIAS, sender=BERT))
    await store.file(by_form(1, "بد", ALIAS))
    await store.file(by_form(1, "بد", mint(799, KEY)))
    assert await ratings(store) == {}
    await store.file(by_form(5, "خوب", ALIAS, sender=BERT))
    assert await ratings(store) == {ALIAS: (5, "خوب")}


async def test_an_alias_leads_to_the_case_that_is_rated(store: Store):
    await store.file(routed(code=CODE), routed("بیشتر", code=ALIAS))
    await store.file(by_form(4, "", ALIAS))
    assert await ratings(store) == {CODE: (4, "")}


async def test_a_case_and_its_rating_may_come_in_one_batch(store: Store):
    await store.file(routed(code=CODE), by_sms("5"))
    assert await ratings(store) == {CODE: (5, "")}


async def test_who_rates_by_ussd_is_not_told_that_they_joined_a_case(store: Store):
    await store.file(routed(code=CODE))
    await store.file(by_form(4, channel=Channel.USSD))
    assert await store.count("outbound_message") == 1
    assert await ratings(store) == {CODE: (4, "")}


async def test_a_rating_goes_with_its_case_when_two_are_one(store: Store):
    await store.file(routed(code=CODE), routed(code=SECOND, sender=BERT))
    await store.file(by_form(2, "بد", SECOND, sender=BERT))
    rows = await store.rows("SELECT contact_id AS id FROM contact_address ORDER BY value")
    await store.consulting.merging.merge(service(), rows[0]["id"], rows[1]["id"], "یک نفر")
    case = await store.citizens.case(ANNE, SECOND)
    assert case["rating"] == 2


async def test_the_api_shows_stars_and_words_and_the_person_their_stars(store: Store):
    async with opened(store) as office:
        agent = await office.member(Role.AGENT)
        await store.file(routed(code=CODE))
        assert (await agent.ok("GET", f"/cases/{CODE}"))["rating"] is None
        await store.file(by_form(4, "بد نبود"))
        given = (await agent.ok("GET", f"/cases/{CODE}"))["rating"]
        assert (given["stars"], given["words"]) == (4, "بد نبود")
        assert datetime.fromisoformat(given["rated_at"]) <= datetime.now(UTC)
        portal = office.service()
        case = await portal.ok("POST", "/citizen/case", json={"msisdn": ANNE, "code": CODE})
        assert (case["rating"], len(case["entries"])) == (4, 1)
        page = await portal.ok("POST", "/citizen/cases", json={"msisdn": ANNE})
        assert [one["rating"] for one in page["cases"]] == [4]


@pytest.mark.parametrize(
    ("text", "stars"),
    [("5", 5), ("1", 1), ("(4)", 4), ("3.", 3), ("", None), ("45", None), ("0", None), ("x", None)],
)
def test_the_stars_of_a_text_are_its_one_digit(text: str, stars: int | None):
    rating = rating_of(by_sms(text), a_case())
    assert (rating and rating.stars) == stars
    assert rating is None or not rating.words


async def test_the_database_takes_one_to_five(store: Store):
    await store.file(routed(code=CODE))
    for stars in (0, 6):
        with pytest.raises(Exception, match="rating_stars_check"):
            await store.rows(
                "INSERT INTO rating SELECT id, $1, '', gen_random_uuid(), now() FROM cases", stars
            )

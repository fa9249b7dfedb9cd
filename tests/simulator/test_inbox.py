"""The inbox: what was shown is read, pages are of 200, spans are bounded."""

import pytest

from simulator.handlers.carriage import Carriage
from simulator.handlers.pushes import Pushes

LINE = {"linenumber": "10001420"}
DAY = 86_400


@pytest.fixture
def people_wrote(world):
    carriage = Carriage(world, Pushes(world, lambda _push: None))

    def write(count: int) -> None:
        for number in range(count):
            carriage.receive_mo(f"0912{number:07}", "10001420", f"پیام {number}")

    return write


async def test_reading_unread_messages_marks_them_read_a_hundred_at_a_time(api, people_wrote):
    people_wrote(150)

    first = await api.entries("sms/receive", **LINE, isread="0")
    second = await api.entries("sms/receive", **LINE, isread="0")
    third = await api.entries("sms/receive", **LINE, isread="0")

    assert (len(first), len(second), len(third)) == (100, 50, 0)
    assert first[0]["message"] == "پیام 0"
    assert len(await api.entries("sms/receive", **LINE, isread="1")) == 100


async def test_pages_of_read_messages_are_of_200_and_count_in_strings(api, people_wrote):
    people_wrote(250)
    for _ in range(3):
        await api.entries("sms/receive", **LINE, isread="0")

    answers = [
        await api.call("sms/inboxpaged", **LINE, isread="1", pagenumber=str(page)) for page in (1, 2, 3)
    ]

    assert [len(answer.json()["entries"]) for answer in answers] == [200, 50, 0]
    assert answers[1].json()["metadata"] == {
        "totalcount": "250",
        "currentpage": "2",
        "totalpages": "2",
        "pagesize": "200",
    }


async def test_the_total_of_unread_ones_leaves_out_what_this_answer_shows(api, people_wrote):
    people_wrote(250)

    first = (await api.call("sms/inboxpaged", **LINE, isread="0")).json()
    second = (await api.call("sms/inboxpaged", **LINE, isread="0")).json()

    assert (len(first["entries"]), first["metadata"]["totalcount"]) == (200, "50")
    assert (len(second["entries"]), second["metadata"]["totalcount"]) == (50, "0")


async def test_a_page_without_dates_covers_the_last_two_days(api, people_wrote, clock):
    people_wrote(1)
    clock.pass_by(2 * DAY + 1)
    people_wrote(2)

    assert len((await api.call("sms/inboxpaged", **LINE, isread="0")).json()["entries"]) == 2


@pytest.mark.parametrize(("span", "code"), [(2 * DAY, 200), (2 * DAY + 1, 417), (-1, 417)])
async def test_a_page_spans_two_days_at_most(api, clock, span, code):
    end = int(clock.now)

    answer = await api.call("sms/inboxpaged", **LINE, isread="0", startdate=str(end - span), enddate=str(end))

    assert answer.status_code == code


async def test_counting_reads_nothing(api, people_wrote, clock):
    people_wrote(3)
    start = str(int(clock.now) - 60)

    [count] = await api.entries("sms/countinbox", **LINE, startdate=start, isread="0")

    assert count["sumcount"] == 3
    assert len(await api.entries("sms/receive", **LINE, isread="0")) == 3


async def test_counting_reaches_sixty_days_back(api, clock):
    long_ago = str(int(clock.now) - 61 * DAY)

    answer = await api.call("sms/countinbox", startdate=long_ago, enddate=str(int(long_ago) + 60))

    assert answer.status_code == 417

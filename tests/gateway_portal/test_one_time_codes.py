"""A code proves a number once, for minutes, in few attempts; nobody learns who is known, nobody floods."""

import asyncio
import re
import time
from itertools import count
from uuid import UUID

import pytest
import structlog
from prometheus_client import REGISTRY, generate_latest

from bus.errors import BusUnavailableError
from chassis.settings import RedisSettings
from envelope import topics
from envelope.addresses import AddressKind, latin_digits
from envelope.models import Channel, Lane, Language, OutboundMessage, Purpose
from envelope.parts import estimate
from gateway_portal.errors import CodesUnavailableError, TooManyError
from gateway_portal.handlers import one_time_codes
from gateway_portal.handlers.one_time_codes import ATTEMPTS, OneTimeCodes
from gateway_portal.handlers.texting import Texting
from gateway_portal.repository.pending import PendingCodes
from gateway_portal.repository.redis import RedisStore
from tests.gateway_portal.conftest import KEY, Bus

FA, EN = Language.FA, Language.EN
SOMEBODY, ELSE = "+989123456789", "+989350000001"
HERE = "198.51.100.7"
SECONDS = 180
MINUTE, DAY = 60, 86_400
TRACKING = "1234567897"
_visitors = (f"203.0.113.{n}" for n in count(1))


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


class Phone:
    """Everything that codes need, and what came out of it."""

    def __init__(self, url: str) -> None:
        self.bus, self.clock = Bus(), Clock()
        self.store = RedisStore(RedisSettings(url=url, timeout_seconds=1))
        pending = PendingCodes(self.store, bytes.fromhex(KEY), SECONDS, self.clock)
        self.codes = OneTimeCodes(pending, Texting(self.bus, "10001420"))

    @property
    def texts(self) -> list[OutboundMessage]:
        return [OutboundMessage.from_json(record.value) for record in self.bus.of(topics.OUTBOUND_SMS)]

    @property
    def last_code(self) -> str:
        return re.findall(r"[0-9]{6}", latin_digits(self.texts[-1].text))[0]

    async def send(self, msisdn: str | None = SOMEBODY, visitor: str | None = None, **more: str) -> str:
        return await self.codes.send(msisdn, visitor or next(_visitors), FA, **more)

    async def refused(self, msisdn: str | None = SOMEBODY, visitor: str | None = None, **more: str) -> int:
        """The seconds that the refusal says to wait."""
        sent = len(self.texts)
        with pytest.raises(TooManyError) as error:
            await self.send(msisdn, visitor, **more)
        assert len(self.texts) == sent
        return error.value.seconds


@pytest.fixture
async def phone(redis):
    phone = Phone(redis.url)
    yield phone
    await phone.store.stop()


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_a_code_proves_its_number_once(phone):
    handle = await phone.send()
    assert await phone.codes.check(handle, phone.last_code) == SOMEBODY
    assert await phone.codes.check(handle, phone.last_code) is None


async def test_the_text_is_one_part_goes_first_and_is_of_no_use_later(phone):
    await phone.send()
    [record] = phone.bus.of(topics.OUTBOUND_SMS)
    [text] = phone.texts
    assert record.key == SOMEBODY.encode()
    assert (text.to.kind, text.to.value) == (AddressKind.MSISDN, SOMEBODY)
    assert (text.channel, text.line, text.lane) == (Channel.SMS, "10001420", Lane.PRIORITY)
    assert text.purpose is Purpose.ONE_TIME_CODE
    assert (text.expires_at - text.created_at).total_seconds() == SECONDS
    assert isinstance(text.id, UUID)
    assert re.search(r"[۰-۹]{6}", text.text)
    assert "نگویید" in text.text


@pytest.mark.parametrize("language", [FA, EN])
async def test_every_text_fits_one_part_in_either_language(phone, language):
    await phone.codes.send(SOMEBODY, HERE, language)
    size = estimate(phone.texts[0].text)
    assert size.parts == 1
    assert size.units <= 70


async def test_an_english_text_carries_latin_digits(phone):
    await phone.codes.send(SOMEBODY, HERE, EN)
    assert re.search(r"\b[0-9]{6}\b", phone.texts[0].text)


async def test_codes_are_six_digits_all_different_with_leading_zeros(phone, monkeypatch):
    monkeypatch.setattr(one_time_codes.secrets, "randbelow", lambda most: 42 if most == 1_000_000 else 0)
    handle = await phone.send()
    assert phone.last_code == "000042"
    assert await phone.codes.check(handle, "000042") == SOMEBODY
    assert await phone.codes.check(handle, "42") is None


@pytest.mark.parametrize(
    "spelling", ["{}", "{:.3} {}", "{:.3}-{}", " {} ", "persian", "arabic", "\u200e{}\u200c"]
)
async def test_a_code_is_taken_however_it_was_typed(phone, spelling):
    handle = await phone.send()
    code = phone.last_code
    if spelling in {"persian", "arabic"}:
        digits = "۰۱۲۳۴۵۶۷۸۹" if spelling == "persian" else "٠١٢٣٤٥٦٧٨٩"
        typed = code.translate(str.maketrans("0123456789", digits))
    elif "{:.3}" in spelling:
        typed = spelling.format(code, code[3:])
    else:
        typed = spelling.format(code)
    assert await phone.codes.check(handle, typed) == SOMEBODY


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "१२३४५६", "1" * 100_000, "\0", "12345\n6\0"]
)
async def test_what_is_not_six_digits_is_no_attempt(phone, typed):
    handle = await phone.send()
    for _ in range(9):
        assert await phone.codes.check(handle, typed) is None
    assert (await phone.codes.standing(handle)).left == ATTEMPTS
    assert await phone.codes.check(handle, phone.last_code) == SOMEBODY


async def test_the_fifth_attempt_may_be_right_and_the_sixth_may_not(phone):
    handle = await phone.send()
    for left in (4, 3, 2, 1):
        assert await phone.codes.check(handle, other(phone.last_code)) is None
        assert (await phone.codes.standing(handle)).left == left
    assert await phone.codes.check(handle, phone.last_code) == SOMEBODY
    phone.clock.pass_(MINUTE)
    handle = await phone.send()
    for _ in range(5):
        assert await phone.codes.check(handle, other(phone.last_code)) is None
    assert await phone.codes.check(handle, phone.last_code) is None
    assert (await phone.codes.standing(handle)).left == 0


async def test_fifty_at_once_have_five_attempts_together(phone, redis):
    handle = await phone.send()
    wrong = [f"{(int(phone.last_code) + n) % 1_000_000:06}" for n in range(1, 51)]
    with redis.client() as client:
        before = client.info("commandstats").get("cmdstat_hincrby", {"calls": 0})["calls"]
        assert set(await asyncio.gather(*(phone.codes.check(handle, code) for code in wrong))) == {None}
        assert client.info("commandstats")["cmdstat_hincrby"]["calls"] - before == ATTEMPTS
    assert await phone.codes.check(handle, phone.last_code) is None


async def test_fifty_who_are_right_at_once_are_let_in_once(phone):
    handle = await phone.send()
    proved = await asyncio.gather(*(phone.codes.check(handle, phone.last_code) for _ in range(50)))
    assert sorted(map(str, proved)) == [SOMEBODY, *["None"] * 49]


async def test_a_code_is_good_for_its_time_and_can_be_asked_for_again_after_it(phone, redis):
    handle = await phone.send()
    phone.clock.pass_(SECONDS - 1)
    assert (await phone.codes.standing(handle)).left == ATTEMPTS
    phone.clock.pass_(1)
    assert await phone.codes.check(handle, phone.last_code) is None
    waiting = await phone.codes.standing(handle)
    assert (waiting.left, waiting.msisdn) == (0, SOMEBODY)
    with redis.client() as client:
        lives = [client.ttl(key) for key in client.keys("payam:portal:code:*")]
        assert [0 < seconds <= SECONDS + 600 for seconds in lives] == [True]
        assert all(client.ttl(key) > 0 for key in client.keys("*"))


async def test_a_new_code_voids_the_older_one_of_its_number_and_nobody_elses(phone):
    first, code = await phone.send(), phone.last_code
    beside, beside_code = await phone.send(ELSE), phone.last_code
    phone.clock.pass_(MINUTE)
    second = await phone.send()
    assert await phone.codes.check(first, code) is None
    assert await phone.codes.standing(first) is None
    assert await phone.codes.check(second, phone.last_code) == SOMEBODY
    assert await phone.codes.check(beside, beside_code) == ELSE


async def test_a_code_is_good_with_its_own_handle_alone(phone):
    mine, mine_code = await phone.send(), phone.last_code
    theirs = await phone.send(ELSE)
    theirs_code = phone.last_code
    if mine_code != theirs_code:
        assert await phone.codes.check(theirs, mine_code) is None
    assert await phone.codes.check(mine, mine_code) == SOMEBODY
    for handle in ("", "x", theirs[:-1], "x" * 100_000, "\0", "\ud800"):
        assert await phone.codes.check(handle, theirs_code) is None
        assert await phone.codes.standing(handle) is None


async def test_a_number_gets_one_a_minute_three_in_ten_minutes_and_eight_a_day(phone):
    await phone.send()
    assert await phone.refused() == 60
    phone.clock.pass_(59)
    assert await phone.refused() == 1
    phone.clock.pass_(1)
    await phone.send()
    phone.clock.pass_(MINUTE)
    await phone.send()
    phone.clock.pass_(MINUTE)
    assert await phone.refused() == 600 - 180
    for sent in range(3, 8):
        phone.clock.pass_(10 * MINUTE)
        await phone.send()
        assert len(phone.texts) == sent + 1
    phone.clock.pass_(10 * MINUTE)
    assert DAY - 2 * 3_600 < await phone.refused() < DAY
    await phone.send(ELSE)
    phone.clock.pass_(DAY)
    await phone.send()


async def test_any_ten_minutes_hold_three_at_most_not_only_those_of_the_clock(phone):
    sent: list[float] = []
    for _ in range(120):
        try:
            await phone.send()
            sent.append(phone.clock.now)
        except TooManyError:
            pass
        phone.clock.pass_(20)
    assert len(sent) > 5
    assert all(sum(at <= other < at + 600 for other in sent) <= 3 for at in sent)


async def test_an_address_gets_thirty_in_ten_minutes_and_three_hundred_a_day(phone):
    numbers = (f"+98912{n:07}" for n in count())
    for _ in range(30):
        await phone.send(next(numbers), HERE)
    assert await phone.refused(next(numbers), HERE) == 600
    await phone.send(next(numbers), "198.51.100.8")
    for _ in range(9):
        phone.clock.pass_(600)
        for _ in range(30):
            await phone.send(next(numbers), HERE)
    phone.clock.pass_(600)
    assert await phone.refused(next(numbers), HERE) > 3_600 * 20


async def test_who_is_refused_is_not_counted_again_for_asking(phone):
    await phone.send()
    for _ in range(30):
        await phone.refused(visitor=HERE)
    phone.clock.pass_(MINUTE)
    await phone.send(visitor=HERE)


async def test_fifty_sends_at_once_send_one(phone):
    sent = await asyncio.gather(*(phone.send() for _ in range(50)), return_exceptions=True)
    assert len([handle for handle in sent if isinstance(handle, str)]) == 1
    assert len(phone.texts) == 1


async def test_the_portal_has_a_ceiling_which_is_told_once_and_counted(phone, monkeypatch):
    monkeypatch.setattr(one_time_codes, "_THE_PORTAL", ((7, 3_600),))
    numbers = (f"+98912{n:07}" for n in count())
    refused = REGISTRY.get_sample_value("gateway_portal_codes_total", {"result": "portal_limit"}) or 0
    for _ in range(7):
        await phone.send(next(numbers))
    phone.clock.pass_(100)
    with structlog.testing.capture_logs() as lines:
        assert await phone.refused(next(numbers)) == 3_500
        assert await phone.refused(next(numbers)) == 3_500
    assert [line["event"] for line in lines] == ["codes_ceiling_reached"]
    now = REGISTRY.get_sample_value("gateway_portal_codes_total", {"result": "portal_limit"})
    assert now == refused + 2
    phone.clock.pass_(3_500)
    await phone.send(next(numbers))


def test_the_ceiling_is_two_thousand_an_hour():
    assert one_time_codes._THE_PORTAL == ((2_000, 3_600),)


async def test_nobody_gets_a_handle_that_never_matches_and_no_text(phone, monkeypatch):
    monkeypatch.setattr(one_time_codes.secrets, "randbelow", lambda _most: 7)
    handle = await phone.send(None)
    other_handle = await phone.send(SOMEBODY)
    assert len(handle) == len(other_handle)
    assert await phone.codes.check(handle, "000007") is None
    assert (await phone.codes.standing(handle)).left == 4
    assert len(phone.texts) == 1


@pytest.mark.parametrize(
    "number", ["+982188888888", "+14155552671", "+98912345678", "+9891234567890", "09123456789"]
)
async def test_nothing_is_sent_but_to_iranian_mobiles(phone, number):
    handle = await phone.send(number)
    assert phone.texts == []
    assert (await phone.codes.standing(handle)).msisdn is None


async def story(phone: Phone, known: str | None, tracking: str) -> list[object]:
    """What somebody sees who asks by a tracking code, again and again, from one address."""
    seen: list[object] = []
    handle = ""
    visitor = next(_visitors)
    for seconds in (0, 1, 30, 29, 60, 60, 60, 3_600, 3_600, 3_600, 3_600, 3_600, 3_600, 3_600):
        phone.clock.pass_(seconds)
        before, handle_before = len(handle), handle
        try:
            handle = await phone.send(known, visitor, asked_by=tracking)
            seen.append(("sent", before and await phone.codes.standing(handle_before)))
            seen += [await phone.codes.check(handle, "000000"), await phone.codes.check(handle, "000001")]
            waiting = await phone.codes.standing(handle)
            seen.append((waiting.left, waiting.asked_by == tracking, phone.codes.again_in(waiting)))
        except TooManyError as error:
            seen.append(error.seconds)
    return seen


async def test_a_tracking_code_tells_nobody_whether_it_is_known(phone, monkeypatch):
    monkeypatch.setattr(one_time_codes.secrets, "randbelow", lambda _most: 123_456)
    known = await story(phone, SOMEBODY, "1000000009")
    sent = len(phone.texts)
    assert sent == 8
    assert await story(phone, None, "1000000017") == known
    assert len(phone.texts) == sent


async def test_the_number_behind_a_tracking_code_has_its_limit_kept_without_a_word(phone):
    handle = await phone.send(SOMEBODY)
    code = phone.last_code
    by_code = await phone.send(SOMEBODY, asked_by=TRACKING)
    assert len(phone.texts) == 1
    assert await phone.codes.check(by_code, code) is None
    assert await phone.codes.check(handle, code) == SOMEBODY
    assert await phone.refused(SOMEBODY, asked_by=TRACKING) == 60
    phone.clock.pass_(MINUTE)
    again = await phone.send(SOMEBODY, asked_by=TRACKING)
    assert await phone.codes.check(again, phone.last_code) == SOMEBODY


@pytest.mark.alone
async def test_nobody_takes_as_long_as_somebody(phone, monkeypatch):
    publish = phone.bus.publish

    async def slowly(records):
        await asyncio.sleep(0.3)
        await publish(records)

    monkeypatch.setattr(phone.bus, "publish", slowly)

    async def seconds(msisdn: str | None) -> float:
        begun = time.perf_counter()
        await phone.send(msisdn)
        return time.perf_counter() - begun

    assert await seconds(SOMEBODY) > 0.28
    assert 0.28 < await seconds(None) < 1


async def test_while_kafka_is_away_nobody_and_somebody_are_told_the_same(phone):
    phone.bus.down = True
    with pytest.raises(CodesUnavailableError):
        await phone.send(SOMEBODY)
    with pytest.raises(CodesUnavailableError):
        await phone.send(None, asked_by=TRACKING)
    phone.bus.down = False
    await phone.send(SOMEBODY)
    await phone.send(None, asked_by=TRACKING)


async def test_what_kafka_did_not_take_is_not_counted_against_the_number(phone):
    phone.bus.down = True
    for _ in range(5):
        with pytest.raises(CodesUnavailableError):
            await phone.send()
    phone.bus.down = False
    handle = await phone.send()
    assert await phone.codes.check(handle, phone.last_code) == SOMEBODY
    assert await phone.refused() == 60


async def test_what_was_withheld_gives_nothing_back(phone, monkeypatch):
    await phone.send(SOMEBODY)

    async def away() -> None:
        raise BusUnavailableError

    monkeypatch.setattr(phone.codes._texting, "text_nobody", away)
    with pytest.raises(CodesUnavailableError):
        await phone.send(SOMEBODY, asked_by=TRACKING)
    assert await phone.refused(SOMEBODY) == 60


async def test_without_redis_nothing_is_sent_or_checked(mortal_redis):
    phone = Phone(mortal_redis.url)
    handle = await phone.send()
    mortal_redis.stop()
    for asked in (
        phone.send(ELSE),
        phone.send(None),
        phone.codes.check(handle, phone.last_code),
        phone.codes.standing(handle),
        phone.codes.admit(HERE),
    ):
        with pytest.raises(CodesUnavailableError):
            await asked
    assert len(phone.texts) == 1
    await phone.store.stop()


async def test_an_address_beyond_its_limit_is_turned_away_at_the_door(phone):
    await phone.codes.admit(HERE)
    numbers = (f"+98912{n:07}" for n in count())
    for _ in range(30):
        await phone.send(next(numbers), HERE)
    phone.clock.pass_(100)
    with pytest.raises(TooManyError) as error:
        await phone.codes.admit(HERE)
    assert error.value.seconds == 500
    await phone.codes.admit("198.51.100.8")


async def test_no_code_number_handle_or_address_is_logged_or_counted_or_named_in_redis(phone, redis):
    with structlog.testing.capture_logs() as lines:
        handle = await phone.send(SOMEBODY, HERE)
        code = phone.last_code
        await phone.codes.check(handle, other(code))
        await phone.send(None, HERE, asked_by=TRACKING)
        await phone.refused(SOMEBODY, HERE)
        with redis.client() as client:
            held = {key: client.dump(key) for key in client.keys("*")}
            kept = [
                value
                for key in held
                if key.startswith(b"payam:portal:code:")
                for value in client.hgetall(key).values()
            ]
        await phone.codes.check(handle, code)
    assert [line["event"] for line in lines] == ["one_time_code_sent"]
    told = str(lines) + generate_latest(REGISTRY).decode()
    for secret in (SOMEBODY[3:], code, handle, HERE, TRACKING):
        assert secret not in told
        assert all(secret.encode() not in key for key in held)
    # Of the code there is a keyed hash alone, and of the handle nothing.
    assert code.encode() not in kept
    assert all(handle.encode() not in value for value in held.values())
    assert len([value for value in kept if re.fullmatch(rb"[0-9a-f]{64}", value)]) == 2

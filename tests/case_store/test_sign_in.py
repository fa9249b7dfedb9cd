"""Signing in: the right password and code let in, everything else is refused alike, guessing gets slower."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import UUID, uuid4

import pyotp
import pytest
from argon2 import PasswordHasher

from case_store.errors import (
    ForbiddenError,
    SecondFactorNeededError,
    StateError,
    UnauthenticatedError,
    WeakPasswordError,
)
from case_store.handlers.passwords import demand_strength, made_up
from case_store.handlers.second_factor import SecondFactor
from case_store.staffing import Actor, LockOut, Right, Role, service
from persian.digits import persian_digits
from tests.case_store.conftest import KEY, Store

pytestmark = pytest.mark.alone
PASSWORD = "کلید ۱۴۲۰ Sesame"
WRONG = "not the password"


class Person:
    """Somebody employed, with a password of their own."""

    def __init__(self, store: Store, staff_id: UUID, username: str) -> None:
        self.store, self.id, self.username = store, staff_id, username

    async def sign_in(self, password: str = PASSWORD, code: str | None = None) -> str:
        return (await self.store.access.sign_in.with_password(self.username, password, code)).token

    async def actor(self, token: str) -> Actor:
        return await self.store.access.sessions.who(token)

    async def refused(self, password: str = PASSWORD, code: str | None = None) -> str:
        with pytest.raises(UnauthenticatedError) as caught:
            await self.sign_in(password, code)
        return str(caught.value)

    async def row(self) -> dict:
        [row] = await self.store.rows("SELECT * FROM staff WHERE id = $1", self.id)
        return row

    async def pause_is_over(self) -> None:
        await self.store.rows(
            "UPDATE staff SET locked_until = now() - interval '1 ms' WHERE locked_until IS NOT NULL"
        )


@pytest.fixture
async def zahra(store: Store) -> Person:
    await store.access.organisation.load_defaults()
    given = {"username": "Z.Karimi", "name": "زهرا", "roles": ["agent"], "units": ["retirement"]}
    employed, _ = await store.access.members.employ(service(), {**given, "sso_subject": None})
    kept = await store.access.accounts._attempts.passwords.hash(PASSWORD)
    await store.rows("UPDATE staff SET password_hash = $1, must_change_password = false", kept)
    return Person(store, employed["id"], employed["username"])


async def test_the_right_password_lets_in_with_rights_units_and_desks(store: Store, zahra: Person):
    signed_in = await store.access.sign_in.with_password(" Z.KARIMI ", PASSWORD, None)
    assert signed_in.staff["username"] == "z.karimi"
    assert Right.ANSWER in signed_in.staff["rights"]
    assert (signed_in.staff["units"], signed_in.staff["desks"]) == (["retirement"], ["retirement"])
    actor = await store.access.sessions.who(signed_in.token)
    assert (actor.staff_id, actor.name, actor.desks) == (zahra.id, "زهرا", {"retirement"})
    [entry] = await store.rows("SELECT * FROM audit_entry WHERE action = 'signed_in'")
    assert (entry["actor_id"], entry["subject"]) == (zahra.id, f"staff:{zahra.id}")


async def test_a_password_is_the_same_from_a_keyboard_that_composes_its_letters(zahra: Person):
    assert await zahra.sign_in(PASSWORD.replace("S", "\uff33"))  # a full-width S


async def test_the_password_is_kept_as_argon2id_alone(zahra: Person):
    kept = (await zahra.row())["password_hash"]
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_whatever_is_wrong_is_refused_in_the_same_words(store: Store, zahra: Person):
    stranger = Person(store, uuid4(), "nobody")
    told = {await zahra.refused(WRONG), await stranger.refused(), await zahra.refused("", "123456")}
    await store.rows("UPDATE staff SET active = false")
    told |= {await zahra.refused()}
    await store.rows("UPDATE staff SET active = true, locked_until = now() + interval '1 hour'")
    told |= {await zahra.refused()}
    await store.rows("UPDATE staff SET locked_until = NULL, password_hash = NULL")
    told |= {await zahra.refused(), await zahra.refused("")}
    assert len(told) == 1


async def test_an_unknown_name_takes_as_long_as_a_known_one(store: Store, zahra: Person):
    await zahra.refused(WRONG)  # warm
    stranger = Person(store, uuid4(), "nobody")
    took: dict[str, list[float]] = {"known": [], "unknown": [], "locked": []}
    for _ in range(7):
        await store.rows("UPDATE staff SET failed_logins = 0, locked_until = NULL")
        for kind, person in (("known", zahra), ("unknown", stranger)):
            began = time.perf_counter()
            await person.refused(WRONG)
            took[kind].append(time.perf_counter() - began)
        await store.rows("UPDATE staff SET locked_until = now() + interval '1 hour'")
        began = time.perf_counter()
        await zahra.refused(WRONG)
        took["locked"].append(time.perf_counter() - began)
    known = median(took["known"])
    assert 0.5 * known < median(took["unknown"]) < 2 * known
    assert 0.5 * known < median(took["locked"]) < 2 * known


async def test_after_five_wrong_guesses_the_right_one_waits_too_and_each_further_one_doubles_it(
    store: Store, zahra: Person
):
    for _ in range(5):
        await zahra.refused(WRONG)
    await zahra.refused(PASSWORD)
    pauses = []
    for _ in range(3):
        row = await zahra.row()
        pauses.append((row["locked_until"] - datetime.now(UTC)).total_seconds())
        await zahra.pause_is_over()
        await zahra.refused(WRONG)
    assert [round(pause, -1) for pause in pauses] == [30, 60, 120]
    await zahra.pause_is_over()
    assert await zahra.sign_in()
    row = await zahra.row()
    assert (row["failed_logins"], row["locked_until"]) == (0, None)


def test_the_pause_grows_to_its_limit():
    lock_out = LockOut(3, timedelta(seconds=10), timedelta(minutes=1))
    pauses = [lock_out.pause_after(failed) for failed in (0, 2, 3, 4, 5, 6, 7, 30_000)]
    assert [pause and pause.total_seconds() for pause in pauses] == [None, None, 10, 20, 40, 60, 60, 60]


async def test_fifty_guesses_at_once_are_no_more_than_five(store: Store, zahra: Person):
    guesses = [zahra.sign_in(f"{WRONG} {n}") for n in range(49)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert all(isinstance(answer, UnauthenticatedError) for answer in answers)
    assert (await zahra.row())["failed_logins"] == 5
    await store.access.witness.flush()
    assert len(await store.rows("SELECT 1 FROM audit_entry WHERE action = 'sign_in_failed'")) == 5


async def test_an_old_hash_is_made_anew_at_the_next_sign_in(store: Store, zahra: Person):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await store.rows("UPDATE staff SET password_hash = $1", weak)
    await zahra.sign_in()
    assert "m=65536" in (await zahra.row())["password_hash"]
    assert await zahra.sign_in()


async def test_nothing_of_a_password_reaches_the_log_or_the_audit(store: Store, zahra: Person, capsys):
    await zahra.refused("a very secret guess")
    await zahra.sign_in()
    await store.access.witness.flush()
    told = capsys.readouterr().out + str(await store.rows("SELECT * FROM audit_entry"))
    assert "secret guess" not in told
    assert "Sesame" not in told


# The second factor


class Phone:
    """A phone with the secret, whose clock can be turned."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        return self._totp.at(datetime.now(UTC) + timedelta(seconds=30 * steps))


@pytest.fixture
async def phone(store: Store, zahra: Person) -> Phone:
    """Set up with a code of the step before, so that the code of now is still good."""
    actor = await zahra.actor(await zahra.sign_in())
    secret, uri = await store.access.accounts.begin_second_factor(actor)
    assert uri.startswith("otpauth://totp/Payam%201420:z.karimi?secret=")
    assert await zahra.sign_in(), "it does not count before it is confirmed"
    phone = Phone(secret)
    await store.access.accounts.confirm_second_factor(actor, phone.code(-1))
    return phone


async def test_with_a_second_factor_the_password_alone_says_so_and_lets_nobody_in(
    zahra: Person, phone: Phone
):
    with pytest.raises(SecondFactorNeededError):
        await zahra.sign_in()
    assert await zahra.sign_in(code=phone.code())


@pytest.mark.parametrize("steps", [0, 1])
async def test_a_code_is_good_once(zahra: Person, phone: Phone, steps: int):
    code = phone.code(steps)
    assert await zahra.sign_in(code=code)
    await zahra.refused(code=code)


async def test_a_code_older_than_one_that_was_used_is_refused(zahra: Person, phone: Phone):
    old = phone.code(0)
    assert await zahra.sign_in(code=phone.code(1))
    await zahra.refused(code=old)


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
async def test_a_code_from_further_away_than_a_step_is_refused(zahra: Person, phone: Phone, steps: int):
    await zahra.refused(code=phone.code(steps))


async def test_a_code_used_twice_at_once_lets_in_once(zahra: Person, phone: Phone):
    code = phone.code()
    answers = await asyncio.gather(*(zahra.sign_in(code=code) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(answer, str) for answer in answers) == 1


async def test_a_code_is_read_in_persian_digits_and_with_a_space(zahra: Person, phone: Phone):
    code = phone.code()
    assert await zahra.sign_in(code=persian_digits(f"{code[:3]} {code[3:]}"))


async def test_wrong_codes_are_counted_and_asking_for_one_neither_counts_nor_forgives(
    zahra: Person, phone: Phone
):
    for _ in range(4):
        await zahra.refused(code="000000")
        with pytest.raises(SecondFactorNeededError):
            await zahra.sign_in()
    assert (await zahra.row())["failed_logins"] == 4
    await zahra.refused(code="000000")
    assert "right" in await zahra.refused(code=phone.code())


async def test_whoever_comes_back_after_the_pause_is_asked_for_the_code_and_let_in(
    zahra: Person, phone: Phone
):
    for _ in range(5):
        await zahra.refused(WRONG)
    await zahra.pause_is_over()
    with pytest.raises(SecondFactorNeededError):
        await zahra.sign_in()
    assert await zahra.sign_in(code=phone.code())


async def test_the_secret_is_sealed_at_rest_and_bound_to_its_owner_and_key(store: Store, zahra: Person):
    actor = await zahra.actor(await zahra.sign_in())
    secret, _ = await store.access.accounts.begin_second_factor(actor)
    sealed = (await zahra.row())["totp_secret"]
    assert secret.encode() not in sealed
    assert SecondFactor(KEY, "x").unseal(sealed, zahra.id) == secret
    assert SecondFactor(KEY, "x").unseal(sealed, uuid4()) is None
    assert SecondFactor(bytes(32), "x").unseal(sealed, zahra.id) is None
    assert SecondFactor(KEY, "x").unseal(sealed[:-2] + b"AA", zahra.id) is None


async def test_a_second_factor_is_confirmed_by_its_phone_alone_and_begun_once(store: Store, zahra: Person):
    accounts = store.access.accounts
    actor = await zahra.actor(await zahra.sign_in())
    with pytest.raises(StateError):
        await accounts.confirm_second_factor(actor, "000000")
    secret, _ = await accounts.begin_second_factor(actor)
    with pytest.raises(ForbiddenError):
        await accounts.confirm_second_factor(actor, "000000")
    await accounts.confirm_second_factor(actor, Phone(secret).code())
    for again in (accounts.begin_second_factor(actor), accounts.confirm_second_factor(actor, "000000")):
        with pytest.raises(StateError):
            await again


async def test_a_second_factor_is_removed_with_a_code_and_guessing_it_is_slowed_down(
    store: Store, zahra: Person, phone: Phone
):
    actor = await zahra.actor(await zahra.sign_in(code=phone.code()))
    for _ in range(5):
        with pytest.raises(ForbiddenError):
            await store.access.accounts.remove_second_factor(actor, "000000")
    with pytest.raises(ForbiddenError):
        await store.access.accounts.remove_second_factor(actor, phone.code(1))
    await zahra.pause_is_over()
    await store.access.accounts.remove_second_factor(actor, phone.code(1))
    assert await zahra.sign_in()


# The password


async def test_until_a_first_password_is_changed_nothing_else_can_be_done(store: Store, zahra: Person):
    administrator, _ = await store.a_member(roles=[Role.ADMINISTRATOR])
    password = await store.access.members.reset_password(administrator, zahra.id, second_factor=False)
    token = await zahra.sign_in(password)
    actor = await zahra.actor(token)
    assert actor.rights == frozenset()
    assert (await store.access.sign_in.current(actor))["must_change_password"] is True
    with pytest.raises(ForbiddenError):
        await store.access.accounts.begin_second_factor(actor)
    await store.access.accounts.change_password(actor, token, password, PASSWORD)
    assert (await zahra.actor(token)).may(Right.ANSWER), "the same session goes on, with its rights"


async def test_a_changed_password_ends_every_other_session(store: Store, zahra: Person):
    one, other = await zahra.sign_in(), await zahra.sign_in()
    await store.access.accounts.change_password(await zahra.actor(one), one, PASSWORD, "another 1420 Sesame")
    assert await zahra.actor(one)
    with pytest.raises(UnauthenticatedError):
        await zahra.actor(other)
    await zahra.refused(PASSWORD)
    assert await zahra.sign_in("another 1420 Sesame")


async def test_a_password_is_not_changed_by_whoever_does_not_know_it_and_guessing_is_slowed_down(
    store: Store, zahra: Person
):
    token = await zahra.sign_in()
    actor = await zahra.actor(token)
    for _ in range(5):
        with pytest.raises(ForbiddenError):
            await store.access.accounts.change_password(actor, token, WRONG, "another 1420 Sesame")
    with pytest.raises(ForbiddenError):
        await store.access.accounts.change_password(actor, token, PASSWORD, "another 1420 Sesame")
    await zahra.pause_is_over()
    await store.access.accounts.change_password(actor, token, PASSWORD, "another 1420 Sesame")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "z.karimi1420", "Z.KARIMI-1234", "کوتاه"])
def test_a_password_that_is_easily_guessed_is_refused(password: str):
    with pytest.raises(WeakPasswordError):
        demand_strength(password, "z.karimi")


@pytest.mark.parametrize(
    "password",
    [pytest.param(made_up(), id="made up"), PASSWORD, "بارانِ بهاریِ شهر", "z.karimi in a longer sentence"],
)
def test_a_long_password_of_any_letters_is_taken(password: str):
    demand_strength(password, "z.karimi")


def test_made_up_passwords_are_long_readable_and_never_the_same():
    made = {made_up() for _ in range(200)}
    assert len(made) == 200
    assert all(len(one) == 19 and not set(one) & set("il1o0") for one in made)


async def test_a_reset_forgets_the_lost_phone_only_when_asked(store: Store, zahra: Person, phone: Phone):
    administrator, _ = await store.a_member(roles=[Role.ADMINISTRATOR])
    members = store.access.members
    token = await zahra.sign_in(code=phone.code())
    password = await members.reset_password(administrator, zahra.id, second_factor=False)
    with pytest.raises(UnauthenticatedError):
        await zahra.actor(token)
    with pytest.raises(SecondFactorNeededError):
        await zahra.sign_in(password)
    password = await members.reset_password(administrator, zahra.id, second_factor=True)
    assert await zahra.sign_in(password)
    with pytest.raises(StateError):
        await members.reset_password(administrator, administrator.staff_id, second_factor=True)


async def test_an_administrator_unlocks_and_signs_out(store: Store, zahra: Person):
    administrator, _ = await store.a_member(roles=[Role.ADMINISTRATOR])
    token = await zahra.sign_in()
    for _ in range(5):
        await zahra.refused(WRONG)
    await store.access.members.unlock(administrator, zahra.id)
    assert await zahra.sign_in()
    assert await store.access.members.sign_out(administrator, zahra.id) == 2
    with pytest.raises(UnauthenticatedError):
        await zahra.actor(token)

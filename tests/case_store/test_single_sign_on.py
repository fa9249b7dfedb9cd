"""Single sign-on against a real provider: whoever it vouches for comes in, and nothing bent gets through."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr, ValidationError

from case_store.clients import OpenIdProvider
from case_store.errors import NotFoundError, ProviderUnavailableError, UnauthenticatedError
from case_store.handlers.single_sign_on import SingleSignOn
from case_store.settings import AccessSettings
from case_store.staffing import service
from tests.case_store.conftest import Store
from tests.case_store.provider import CLIENT_ID, CLIENT_SECRET, Provider, new_key, running

BACK = "https://desk.example/sso"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running() as provider:
        yield provider


def client(provider: Provider, secret: str = CLIENT_SECRET) -> OpenIdProvider:
    return OpenIdProvider(provider.issuer, CLIENT_ID, SecretStr(secret))


@pytest.fixture
def sso(store: Store, provider: Provider) -> SingleSignOn:
    return SingleSignOn(store.database, store.access.sign_in, client(provider), by_username=False)


@pytest.fixture
def employ(store: Store) -> Callable[..., Awaitable[object]]:
    async def employ(subject: str | None = "person-1", username: str = "z.karimi") -> object:
        given = {"username": username, "name": "زهرا", "roles": ["agent"], "units": []}
        employed, password = await store.access.members.employ(service(), {**given, "sso_subject": subject})
        assert (password is None) is (subject is not None)
        return employed["id"]

    return employ


async def go_and_come_back(sso: SingleSignOn, provider: Provider) -> tuple[str, str]:
    address, state = await sso.begin(BACK)
    back, code = await provider.browse(address)
    assert back == state
    return state, code


async def test_whoever_the_provider_vouches_for_comes_in(store: Store, sso, provider, employ):
    staff_id = await employ()
    signed_in = await sso.finish(*await go_and_come_back(sso, provider), BACK)
    assert (await store.access.sessions.who(signed_in.token)).staff_id == staff_id
    [entry] = await store.rows("SELECT detail FROM audit_entry WHERE action = 'signed_in'")
    assert entry["detail"] == {"by": "single_sign_on"}


async def test_what_goes_to_the_provider_tells_nothing_and_is_new_each_time(sso):
    (one, state), (other, _) = await sso.begin(BACK), await sso.begin(BACK)
    asked, again = (parse_qs(urlsplit(address).query) for address in (one, other))
    assert asked["state"] == [state]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != again[name]
        assert len(asked[name][0]) >= 43


async def test_only_the_hash_of_a_state_is_kept(store: Store, sso):
    _, state = await sso.begin(BACK)
    assert state not in str(await store.rows("SELECT * FROM sso_login"))


async def test_a_state_is_good_once(sso, provider, employ):
    await employ()
    address, _ = await sso.begin(BACK)
    await sso.finish(*await provider.browse(address), BACK)
    state, fresh = await provider.browse(address)  # the provider gives another good code for the same state
    with pytest.raises(UnauthenticatedError, match="begin again"):
        await sso.finish(state, fresh, BACK)


async def test_a_state_used_twice_at_once_is_good_once(sso, provider, employ):
    await employ()
    address, _ = await sso.begin(BACK)
    came_back = [await provider.browse(address) for _ in range(5)]
    answers = await asyncio.gather(*(sso.finish(*one, BACK) for one in came_back), return_exceptions=True)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 1


async def test_a_state_of_nobodys_an_old_one_and_one_for_another_page_are_refused(
    store: Store, sso, provider, employ
):
    await employ()
    _, code = await go_and_come_back(sso, provider)
    with pytest.raises(UnauthenticatedError):
        await sso.finish("made up", code, BACK)
    state, code = await go_and_come_back(sso, provider)
    with pytest.raises(UnauthenticatedError):
        await sso.finish(state, code, "https://desk.example/other")
    state, code = await go_and_come_back(sso, provider)
    await store.rows("UPDATE sso_login SET expires_at = now() - interval '1 second'")
    with pytest.raises(UnauthenticatedError):
        await sso.finish(state, code, BACK)
    await sso.begin(BACK)
    await store.rows("UPDATE sso_login SET expires_at = now() - interval '1 second'")
    await sso.forget()
    assert await store.count("sso_login") == 0


async def test_a_code_of_another_sign_in_is_refused(sso, provider, employ):
    await employ()
    mine, _ = await go_and_come_back(sso, provider)
    _, theirs = await go_and_come_back(sso, provider)
    with pytest.raises(UnauthenticatedError, match="refuses the code"):
        await sso.finish(mine, theirs, BACK)


def from_now(away: timedelta) -> int:
    return int(time.time() + away.total_seconds())


@pytest.mark.parametrize(
    "bent",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": None},
        {"azp": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"exp": timedelta(minutes=-2)},
        {"exp": None},
        {"iat": timedelta(minutes=10)},
        {"nbf": timedelta(minutes=10)},
        {"sub": None},
        {"sub": ""},
        {"at_hash": "wrong"},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_us_now_and_here_is_refused(sso, provider, employ, bent):
    await employ()
    provider.bent = {
        name: from_now(value) if isinstance(value, timedelta) else value for name, value in bent.items()
    }
    with pytest.raises(UnauthenticatedError):
        await sso.finish(*await go_and_come_back(sso, provider), BACK)
    provider.bent = {}
    await sso.finish(*await go_and_come_back(sso, provider), BACK)


async def test_a_token_signed_by_somebody_else_is_refused(sso, provider, employ):
    await employ()
    provider.signs_with = new_key()
    with pytest.raises(UnauthenticatedError):
        await sso.finish(*await go_and_come_back(sso, provider), BACK)


@pytest.mark.parametrize("how", ["none", "HS256", "not a token"])
async def test_a_token_that_is_not_signed_with_the_providers_key_is_refused(
    sso, provider, employ, monkeypatch, how: str
):
    await employ()
    now = int(time.time())
    claims = {"iss": provider.issuer, "sub": "person-1", "aud": CLIENT_ID, "iat": now, "exp": now + 300}

    def part(told: dict[str, object]) -> str:
        return urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()

    def forged(nonce: str) -> str:
        if how == "none":
            return "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwZXJzb24tMSJ9."
        if how == "not a token":
            return how
        told = f"{part({'alg': 'HS256'})}.{part({**claims, 'nonce': nonce})}"
        seal = hmac.digest(provider.keys[0].as_pem(private=False), told.encode(), "sha256")
        return f"{told}.{urlsafe_b64encode(seal).rstrip(b'=').decode()}"

    monkeypatch.setattr(provider, "id_token", forged)
    with pytest.raises(UnauthenticatedError):
        await sso.finish(*await go_and_come_back(sso, provider), BACK)


async def test_new_keys_of_the_provider_are_found(sso, provider, employ):
    await employ()
    await sso.finish(*await go_and_come_back(sso, provider), BACK)
    provider.keys = [new_key()]
    await sso.finish(*await go_and_come_back(sso, provider), BACK)


async def test_nobody_is_employed_by_signing_on_and_whoever_was_let_go_stays_out(
    store: Store, sso, provider, employ
):
    with pytest.raises(UnauthenticatedError):
        await sso.finish(*await go_and_come_back(sso, provider), BACK)
    await employ()
    await store.rows("UPDATE staff SET active = false")
    with pytest.raises(UnauthenticatedError):
        await sso.finish(*await go_and_come_back(sso, provider), BACK)
    assert await store.count("staff") == 1
    assert await store.count("staff_session") == 0


async def test_an_account_is_linked_by_its_name_only_where_that_is_set_and_only_once(
    store: Store, sso, provider, employ
):
    staff_id = await employ(subject=None)
    with pytest.raises(UnauthenticatedError):
        await sso.finish(*await go_and_come_back(sso, provider), BACK)
    linking = SingleSignOn(store.database, store.access.sign_in, sso._provider, by_username=True)
    await linking.finish(*await go_and_come_back(linking, provider), BACK)
    [row] = await store.rows("SELECT id, sso_subject FROM staff")
    assert (row["id"], row["sso_subject"]) == (staff_id, "person-1")
    provider.subject = "person-2"
    with pytest.raises(UnauthenticatedError):
        await linking.finish(*await go_and_come_back(linking, provider), BACK)


async def test_our_registration_is_proved_to_the_provider(store: Store, provider, employ):
    await employ()
    sso = SingleSignOn(
        store.database, store.access.sign_in, client(provider, "another secret"), by_username=False
    )
    with pytest.raises(UnauthenticatedError):
        await sso.finish(*await go_and_come_back(sso, provider), BACK)


async def test_a_provider_that_is_away_is_said_to_be_and_may_be_asked_again(sso, provider, employ):
    await employ()
    provider.away = True
    with pytest.raises(ProviderUnavailableError) as caught:
        await sso.begin(BACK)
    assert caught.value.retriable
    provider.away = False
    state, code = await go_and_come_back(sso, provider)
    provider.away = True
    with pytest.raises(ProviderUnavailableError):
        await sso.finish(state, code, BACK)


async def test_a_provider_that_calls_itself_otherwise_is_not_trusted(store: Store, provider):
    other = OpenIdProvider(provider.issuer.replace("127.0.0.1", "localhost"), CLIENT_ID, SecretStr("x"))
    with pytest.raises(ProviderUnavailableError, match="another name"):
        await SingleSignOn(store.database, store.access.sign_in, other, by_username=False).begin(BACK)


async def test_where_it_is_not_set_up_it_is_not_there(store: Store):
    with pytest.raises(NotFoundError):
        await store.access.single_sign_on.begin(BACK)
    with pytest.raises(NotFoundError):
        await store.access.single_sign_on.finish("x", "y", BACK)


@pytest.mark.parametrize("issuer", ["http://provider.example", "ftp://x", "provider.example"])
def test_an_issuer_is_reached_over_tls_except_on_this_machine(issuer: str):
    with pytest.raises(ValidationError):
        AccessSettings(sso_issuer=issuer)
    assert AccessSettings(sso_issuer="http://127.0.0.1:9000").sso_issuer

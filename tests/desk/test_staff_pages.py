"""Staff, units, desks and the audit trail at the desk."""

import re

import pytest

PERSON = {
    "name": "زهرا کریمی",
    "username": "z.karimi",
    "role_agent": "yes",
    "unit_retirement": "yes",
    "key": "s1",
}


@pytest.fixture
async def administrator(sign_in):
    return await sign_in("administrator", units=[])


def version_of(html: str) -> str:
    return re.search(r'name="version" value="(\d+)"', html)[1]


async def employed(administrator) -> str:
    made = await administrator.fill("/staff/new", 201, **PERSON)
    return re.search(r'href="(/staff/[0-9a-f-]{36})"', made.text)[1]


async def test_somebody_new_gets_a_password_that_is_shown_once(administrator, visitor):
    made = await administrator.fill("/staff/new", 201, **PERSON)
    password = re.search(r'data-copy="([^"]+)"', made.text)[1]
    page = re.search(r'href="(/staff/[0-9a-f-]{36})"', made.text)[1]
    assert password not in await administrator.html(page)
    signed_in = await visitor.post("/login", data={"username": "z.karimi", "password": password})
    assert signed_in.status_code == 303


async def test_a_taken_user_name_is_said_beside_its_field(administrator):
    await administrator.fill("/staff/new", 201, **PERSON)
    refused = await administrator.fill("/staff/new", 422, **PERSON | {"key": "s2", "name": "دیگری"})
    assert 'id="username-fault"' in refused.text
    assert "دیگری" in refused.text


async def test_somebody_without_a_role_is_refused(administrator):
    refused = await administrator.fill("/staff/new", 422, **PERSON | {"role_agent": ""})
    assert "دست‌کم یک نقش" in refused.text


async def test_roles_and_units_are_changed_and_a_second_hand_is_told(administrator, store):
    page = await employed(administrator)
    version = version_of(await administrator.html(page))
    changed = PERSON | {"role_expert": "yes", "unit_general": "yes", "active": "yes", "version": version}
    await administrator.fill(page, **changed)
    shown = await administrator.html(page)
    assert re.search(r'name="role_expert"[^>]*checked', shown)
    stale = await administrator.fill(page, 412, **changed | {"name": "نام تازه"})
    assert "نام تازه" in stale.text


async def test_somebody_is_helped_back_in_and_sent_away(administrator, visitor):
    page = await employed(administrator)
    reset = await administrator.fill(f"{page}/password", 200)
    password = re.search(r'data-copy="([^"]+)"', reset.text)[1]
    assert (
        await visitor.post("/login", data={"username": "z.karimi", "password": password})
    ).status_code == 303
    for verb in ("unlock", "sign-out"):
        await administrator.fill(f"{page}/help", do=verb)
    version = version_of(await administrator.html(page))
    await administrator.fill(page, **PERSON | {"active": "", "version": version})
    assert "z.karimi" not in await administrator.html("/staff")
    assert "z.karimi" in await administrator.html("/staff?gone=yes")


async def test_the_staff_are_found_by_name_unit_and_role(administrator):
    await employed(administrator)
    for query, there in (
        ("q=کریمی", True),
        ("q=رضایی", False),
        ("unit=retirement", True),
        ("role=expert", False),
    ):
        assert ("z.karimi" in await administrator.html(f"/staff?{query}")) is there


async def test_a_unit_and_a_desk_are_made_and_changed(administrator, store):
    unit = {
        "id": "claims_office",
        "name_fa": "اداره مطالبات",
        "name_en": "Claims",
        "kind": "specialised",
        "active": "yes",
    }
    await administrator.fill("/organisation/units", **unit)
    assert "اداره مطالبات" in await administrator.html("/organisation")
    edit = await administrator.html("/organisation/units/claims_office")
    changed = unit | {"province": "یزد", "version": version_of(edit)}
    await administrator.fill("/organisation/units", **changed)
    stale = await administrator.fill("/organisation/units", 412, **changed | {"name_fa": "نامی دیگر"})
    assert "نامی دیگر" in stale.text
    assert "اداره مطالبات" in stale.text
    desk = {
        "id": "claims",
        "unit_id": "insurance",
        "name_fa": "میز مطالبات",
        "name_en": "Claims",
        "position": "۹",
        "active": "yes",
    }
    await administrator.fill("/organisation/desks", **desk)
    assert "میز مطالبات" in await administrator.html("/organisation")


async def test_an_id_that_is_there_is_not_overwritten(administrator):
    unit = {"id": "retirement", "name_fa": "الف", "name_en": "A", "kind": "section", "active": "yes"}
    assert 'id="id-fault"' in (await administrator.fill("/organisation/units", 422, **unit)).text


async def test_the_audit_trail_is_read_narrowed_and_verified(administrator):
    await employed(administrator)
    shown = await administrator.html("/audit")
    assert "افزودن همکار" in shown
    assert "افزودن همکار" not in rows_of(await administrator.html("/audit?action=signed_in"))
    verified = await administrator.fill("/audit/verification", 200)
    assert "زنجیره سالم است" in verified.text


def rows_of(html: str) -> str:
    return html.split("<tbody", 1)[-1] if "<tbody" in html else ""


async def test_none_of_it_is_an_agents(sign_in):
    agent = await sign_in("agent")
    await agent.html("/audit", status=403)
    await agent.fill("/staff/new", 403, **PERSON)
    await agent.fill("/organisation/units", 403, id="x_unit", name_fa="الف", name_en="A", kind="section")

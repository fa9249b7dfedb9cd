"""Files come in and go out harmlessly; official replies are issued, printed and revoked."""

import re

import pytest

from tests.desk.conftest import CODE, routed

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
async def case(store):
    await store.file(routed(code=CODE))
    return CODE


async def attached(agent, case: str, name: str, body: bytes, status: int = 303) -> str:
    answer = await agent.post(f"/cases/{case}/attachments", files={"file": (name, body, "text/html")})
    assert answer.status_code == status, answer.text[-500:]
    return answer.text


async def test_a_picture_is_shown_and_everything_else_is_saved(case, sign_in):
    agent = await sign_in("agent")
    await attached(agent, case, "لیست بیمه.png", PNG)
    await attached(agent, case, "نامه.pdf", PDF)
    html = await agent.html(f"/cases/{case}")
    assert "لیست بیمه.png" in html
    kinds = {}
    for address in set(re.findall(rf'href="(/cases/{case}/files/[0-9a-f]+)"', html)):
        given = await agent.get(address)
        kinds[given.headers["content-type"]] = given.headers
        assert "sandbox" in given.headers["content-security-policy"]
        assert given.headers["x-content-type-options"] == "nosniff"
        if given.headers["content-type"] == "image/png":
            assert given.content == PNG
    assert kinds["image/png"]["content-disposition"].startswith("inline")
    saved = await agent.get(
        next(a for a in re.findall(rf'href="(/cases/{case}/files/[0-9a-f]+\?save=1)"', html))
    )
    assert saved.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>.png", "\u202egnp.exe.png", "../../etc.png"])
async def test_a_wicked_name_is_shown_as_text(case, sign_in, name):
    agent = await sign_in("agent")
    await attached(agent, case, name, PNG)
    html = await agent.html(f"/cases/{case}")
    assert "<img src=x" not in html


async def test_what_is_no_file_or_too_large_is_said(case, sign_in):
    agent = await sign_in("agent")
    assert "نپذیرفت" in await attached(agent, case, "x.png", PNG + b"0" * 1_500_000, status=422)
    answer = await agent.post(f"/cases/{case}/attachments", data={"file": "no file"})
    assert answer.status_code == 422


async def test_a_file_of_a_case_out_of_reach_is_not_there(case, sign_in):
    agent, stranger = await sign_in("agent"), await sign_in("agent", units=["treatment"])
    await attached(agent, case, "x.png", PNG)
    [address] = set(
        re.findall(rf'href="(/cases/{case}/files/[0-9a-f]+)"', await agent.html(f"/cases/{case}"))
    )
    assert (await stranger.get(address)).status_code == 404


async def test_an_official_reply_is_issued_printed_and_revoked(case, sign_in):
    boss = await sign_in("supervisor", name="زهرا کاظمی")
    await boss.fill(f"/cases/{case}/official", text="سابقهٔ شما کامل است.")
    html = await boss.html(f"/cases/{case}")
    [letter] = set(re.findall(rf'href="(/cases/{case}/official/[0-9a-f-]+)"', html))
    printed = await boss.html(letter)
    assert "سابقهٔ شما کامل است." in printed
    assert "زهرا کاظمی" in printed
    await boss.fill(f"{letter}/revoke", reason="اشتباه در متن")
    assert "باطل شده است" in await boss.html(letter)
    assert (await boss.get(f"/cases/{case}/official/nothing")).status_code == 404

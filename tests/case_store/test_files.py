"""Files of a case over HTTP: bounded, sniffed, named harmlessly, given back so that no browser runs them."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import pytest

from case_store.handlers.consulting import build_consulting
from case_store.staffing import Role
from envelope.models import Attachment, Playable, Sound
from envelope.tracking import mint
from objects.keyring import Keyring
from objects.store import objects_at, sealed_key_of
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Member, Office, opened

CODE, OTHER_CODE = mint(100, KEY), mint(101, KEY)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2_000)
HASH = sha256(JPEG).hexdigest()
URL = f"/cases/{CODE}/attachments"


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    await store.file(routed(code=CODE))
    async with opened(store) as office:
        yield office


@pytest.fixture
async def agent(office: Office) -> Member:
    return await office.member()


def form(content: bytes = JPEG, name: str = "عکس.jpg", claimed: str = "image/jpeg") -> dict:
    return {"files": {"file": (name, content, claimed)}}


async def test_a_file_is_kept_once_and_given_back_to_be_saved(store: Store, agent: Member):
    added = await agent.ok("POST", URL, **form())
    again = await agent.ok("POST", URL, **form(name="دیگر.jpg"))
    assert added == again
    assert (added["sha256"], added["size"], added["media_type"]) == (HASH, len(JPEG), "image/jpeg")
    assert (added["name"], added["added_by"]) == ("عکس.jpg", agent.actor.name)
    given = await agent.get(f"{URL}/{HASH}")
    assert given.content == JPEG
    assert given.headers["content-type"] == "image/jpeg"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert given.headers["cache-control"] == "private, no-store"
    disposition = given.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="___.jpg"; ')
    assert unquote(disposition.rpartition("''")[2]) == "عکس.jpg"
    case = await store.case(CODE)
    assert [file["sha256"] for file in case["attachments"]] == [HASH]
    events = [event for event in case["events"] if event["type"] == "file_added"]
    assert [(event["actor"], event["note"]) for event in events] == [(agent.actor.name, "عکس.jpg")]
    await store.access.witness.flush()
    looked = await store.rows(
        "SELECT actor FROM audit_entry WHERE action = 'file_seen' AND subject = $1", CODE
    )
    assert looked == [{"actor": agent.actor.name}]
    audited = await store.rows("SELECT detail FROM audit_entry WHERE action = 'file_added'")
    assert [entry["detail"] for entry in audited] == [
        {"sha256": HASH, "size": len(JPEG), "media_type": "image/jpeg"}
    ]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (form(b"MZ\x90\x00 a program", "عکس.jpg"), 415),
        (form(b"", "خالی.jpg"), 415),
        (form(b"PK\x03\x04", "نامه.docx"), 415),
        (form(JPEG + bytes(1_000_000)), 413),
        (form(JPEG + bytes(3_000_000)), 413),
        ({"files": [("file", ("a.jpg", JPEG)), ("file", ("b.jpg", JPEG))]}, 400),
        ({"files": {"other": ("a.jpg", JPEG)}}, 422),
        ({"data": {"file": "no file"}, "files": {"other": ("a.jpg", JPEG)}}, 422),
        ({"json": {"file": "no form"}}, 415),
        ({"content": JPEG, "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 400),
    ],
)
async def test_what_is_not_taken_is_refused_and_leaves_nothing(
    store: Store, agent: Member, sent: dict, status: int
):
    answer = await agent.post(URL, **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["title"]
    assert await store.count("attachment") == 0
    assert (await store.case(CODE))["version"] == 1


HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'


@pytest.mark.parametrize("ending", [b"", b"\r\n--x", b"\r\n--"])
async def test_an_upload_that_was_cut_off_is_no_file(store: Store, agent: Member, ending: bytes):
    cut_off = {
        "content": HEAD + JPEG + ending,
        "headers": {"Content-Type": "multipart/form-data; boundary=x"},
    }
    answer = await agent.post(URL, **cut_off)  # type: ignore[arg-type]
    assert answer.status_code in {400, 422}
    assert await store.count("attachment") == 0


async def test_no_more_is_read_than_is_taken(store: Store, agent: Member):
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield HEAD
        while True:
            sent += 65_536
            yield bytes(65_536)

    answer = await agent.post(
        URL, content=endless(), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 413
    assert answer.json()["most_bytes"] == 1_000_000
    assert sent < 1_300_000


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd.jpg"),
        ("..\\..\\boot.ini", "boot.ini.jpg"),
        ("invoice\u202egpj.exe", "invoicegpj.exe.jpg"),
        ("<img src=x onerror=alert(1)>.jpg", "_img src=x onerror=alert(1)_.jpg"),
        ("n" * 400 + ".jpg", "n" * 116 + ".jpg"),
        ("%0d%0aSet-Cookie: a=b.jpg", "%0d%0aSet-Cookie_ a=b.jpg"),
    ],
)
async def test_a_hostile_name_is_shown_and_saved_harmlessly(agent: Member, name: str, shown: str):
    added = await agent.ok("POST", URL, **form(name=name))
    assert added["name"] == shown
    given = await agent.get(f"{URL}/{HASH}")
    assert unquote(given.headers["content-disposition"].rpartition("''")[2]) == shown
    assert "set-cookie" not in given.headers


async def test_a_page_is_never_served_as_one(agent: Member):
    page = b"<html><script>alert(1)</script></html>"
    both = b"%PDF-1.7\n" + page
    for content, kind, name in (
        (page, "text/plain; charset=utf-8", "x.html.txt"),
        (both, "application/pdf", "x.html.pdf"),
    ):
        added = await agent.ok("POST", URL, **form(content, "x.html", "text/html"))
        given = await agent.get(f"{URL}/{added['sha256']}")
        assert (given.headers["content-type"], added["name"]) == (kind, name)
        assert given.headers["content-disposition"].startswith("attachment;")
        assert given.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_files_are_for_who_reaches_the_case(store: Store, office: Office, agent: Member):
    await agent.ok("POST", URL, **form())
    await store.file(routed(code=OTHER_CODE, sender="+989120000002"))
    elsewhere = await office.member(units=["treatment"])
    auditor = await office.member(Role.AUDITOR, units=[])
    liaison = await office.member(Role.LIAISON, units=["pensions_office"])
    for stranger in (elsewhere, liaison):
        assert (await stranger.get(f"{URL}/{HASH}")).status_code == 404
        assert (await stranger.post(URL, **form())).status_code == 404
    assert (await auditor.get(f"{URL}/{HASH}")).status_code == 200
    assert (await auditor.post(URL, **form())).status_code == 403
    assert (await agent.get(f"/cases/{OTHER_CODE}/attachments/{HASH}")).status_code == 404
    assert (await agent.get(f"{URL}/{'0' * 64}")).status_code == 404
    assert (await agent.get(f"{URL}/../../secrets")).status_code == 404
    assert (await agent.get(f"{URL}/{HASH.upper()}")).status_code == 422
    asked = {"tier": "liaison", "unit_id": "pensions_office", "question": "؟"}
    await agent.ok("POST", f"/cases/{CODE}/referrals", json=asked)
    assert (await liaison.get(f"{URL}/{HASH}")).content == JPEG
    letter = await liaison.ok("POST", URL, **form(b"%PDF-1.4 letter", "نامه.pdf"))
    assert letter["added_by"] == liaison.actor.name


async def test_what_came_with_a_message_is_given_by_its_hash(store: Store, agent: Member):
    sound = b"OggS" + bytes(24) + b"OpusHead"
    digest = sha256(sound).hexdigest()
    page = b"<script>alert(1)</script>"
    called_a_page = sha256(page).hexdigest()
    await store.objects.put(digest, io.BytesIO(sound))
    await store.objects.put(called_a_page, io.BytesIO(page))
    brought = [
        Attachment(uri="a", sha256=digest, media_type="audio/ogg", size=1, seconds=3.0),
        Attachment(uri="b", sha256=called_a_page, media_type="text/html", size=len(page)),
        Attachment(uri="c", sha256="f" * 64, media_type="image/png", size=1),
    ]
    files = json.dumps([json.loads(one.to_json()) for one in brought])
    await store.rows("UPDATE message SET attachments = $1", files)
    given = await agent.get(f"{URL}/{digest}")
    assert (given.content, given.headers["content-type"]) == (sound, "audio/ogg")
    assert given.headers["content-disposition"].startswith(f'attachment; filename="{digest[:12]}.ogg"')
    given = await agent.get(f"{URL}/{called_a_page}")
    assert (given.content, given.headers["content-type"]) == (page, "application/octet-stream")
    assert (await agent.get(f"{URL}/{'f' * 64}")).status_code == 404  # known, and its bytes are not there


async def test_the_copy_of_a_recording_is_given_with_it_to_whoever_reaches_its_case(
    store: Store, office: Office, agent: Member
):
    await store.file(routed(code=OTHER_CODE, sender="+989120000002"))
    copy = b"OggS" + bytes(24) + b"OpusHead and what follows"
    digest = sha256(copy).hexdigest()
    await store.objects.put(digest, io.BytesIO(copy))
    playable = Playable(sha256=digest, media_type="audio/ogg", size=len(copy))
    recorded = Attachment(
        uri="a", sha256="e" * 64, media_type="audio/wav", size=1, seconds=3.0, sound=Sound(playable=playable)
    )
    await store.rows(
        "UPDATE message SET attachments = $1 FROM cases"
        " WHERE cases.id = message.case_id AND cases.tracking_code = $2",
        json.dumps([json.loads(recorded.to_json())]),
        CODE,
    )
    given = await agent.get(f"{URL}/{digest}")
    assert (given.content, given.headers["content-type"]) == (copy, "audio/ogg")
    stranger = await office.member(units=["treatment"])
    assert (await stranger.get(f"{URL}/{digest}")).status_code == 404
    assert (await agent.get(f"/cases/{OTHER_CODE}/attachments/{digest}")).status_code == 404


async def test_the_object_store_away_leaves_the_case_as_it_was(store: Store, tmp_path: Path):
    folder = tmp_path / "objects"
    away = objects_at(str(folder))
    folder.touch()
    store.consulting = build_consulting(
        store.database, store.clocks, away, store.access.witness, most_file_bytes=1_000_000
    )
    await store.file(routed(code=CODE))
    async with opened(store) as office:
        agent = await office.member()
        refused = await agent.post(URL, **form())
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert str(folder) not in refused.text
        assert await store.count("attachment") == 0
        assert (await store.case(CODE))["version"] == 1
        folder.unlink()
        await agent.ok("POST", URL, **form())
        for path in [*folder.rglob("*")]:
            if path.is_file():
                path.unlink()
        assert (await agent.get(f"{URL}/{HASH}")).status_code == 404
        assert (await agent.get(f"/cases/{CODE}")).status_code == 200


async def test_with_keys_a_file_is_sealed_at_rest_and_given_back_only_as_it_was(store: Store, tmp_path: Path):
    ring, other = (Keyring(name, {name: name.encode() * 32}) for name in "ab")
    folder = tmp_path / "objects"

    def kept_with(keyring: Keyring) -> None:
        store.consulting = build_consulting(
            store.database,
            store.clocks,
            objects_at(str(folder), keyring),
            store.access.witness,
            most_file_bytes=1_000_000,
        )

    kept_with(ring)
    await store.file(routed(code=CODE))
    async with opened(store) as office:
        agent = await office.member()
        await agent.ok("POST", URL, **form())
        path = folder / sealed_key_of(HASH)
        assert JPEG[-500:] not in path.read_bytes()
        assert (await agent.get(f"{URL}/{HASH}")).content == JPEG
        path.write_bytes(path.read_bytes()[:-1])
        assert (await agent.get(f"{URL}/{HASH}")).status_code == 404
        await agent.ok("POST", URL, **form())
    kept_with(other)
    async with opened(store) as office:
        agent = await office.member()
        locked = await agent.get(f"{URL}/{HASH}")
        assert (locked.status_code, locked.headers["retry-after"]) == (503, "5")


async def test_one_file_added_by_several_at_once_is_one(store: Store, agent: Member):
    added = await asyncio.gather(*(agent.ok("POST", URL, **form()) for _ in range(5)))
    assert {one["id"] for one in added} == {added[0]["id"]}
    assert await store.count("attachment") == 1
    assert len(await store.rows("SELECT 1 FROM case_event WHERE type = 'file_added'")) == 1

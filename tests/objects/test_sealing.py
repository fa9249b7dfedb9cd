"""Files at rest are sealed: whoever has the disk or the bucket alone reads and changes nothing unseen."""

import io
import json
import os
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import ValidationError

from objects.disk import Disk
from objects.errors import (
    ObjectDamagedError,
    ObjectLockedError,
    ObjectMissingError,
    ObjectsUnavailableError,
)
from objects.keyring import HEAD_BYTES, Keyring
from objects.sealing import PIECE, Sealer, Unsealed
from objects.settings import ObjectsSettings
from objects.store import objects_at, sealed_key_of

OLD = Keyring("old", {"old": b"o" * 32})
NEW = Keyring("new", {"old": b"o" * 32, "new": b"n" * 32})
STRICT = Keyring("new", NEW.keys, plain=False)
ABOUT = b"this one"
CONTENT = b"the word of a citizen " * 20_000
HASH = sha256(CONTENT).hexdigest()
TAG = 16


class Kept(io.BytesIO):
    def close(self) -> None:
        """Stay, to be looked at."""


def sealed(content: bytes, keyring: Keyring = NEW, about: bytes = ABOUT) -> bytes:
    kept = Kept()
    with Sealer(kept, keyring, about) as sealer:
        sealer.write(content)
    return kept.getvalue()


def unsealed(content: bytes, keyring: Keyring = NEW, about: bytes = ABOUT) -> bytes:
    with io.BufferedReader(Unsealed(io.BytesIO(content), keyring, about)) as file:
        return file.read()


@pytest.mark.parametrize(
    "size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7], ids=lambda size: f"{size}-bytes"
)
def test_what_is_sealed_opens_again(size: int):
    content = os.urandom(size)
    kept = sealed(content)
    assert len(kept) == HEAD_BYTES + size + TAG * max(1, -(-size // PIECE))
    assert unsealed(kept) == content


def test_the_same_file_sealed_twice_looks_like_two():
    one, other = sealed(CONTENT), sealed(CONTENT)
    assert len(one) == len(other)
    assert one[HEAD_BYTES:][:PIECE] != other[HEAD_BYTES:][:PIECE]
    assert b"citizen" not in one


def test_any_part_is_read_without_those_before_it():
    content = os.urandom(3 * PIECE + 100)
    damaged = bytearray(sealed(content))
    damaged[HEAD_BYTES + 10] ^= 1  # the first piece, which nobody asks for
    with Unsealed(io.BytesIO(bytes(damaged)), NEW, ABOUT) as file:
        for at in (PIECE, 2 * PIECE - 3, 3 * PIECE + 99):
            file.seek(at)
            assert file.read(1) == content[at : at + 1]
        file.seek(-100, os.SEEK_END)
        assert file.read() == content[-100:]


@pytest.mark.parametrize("at", range(HEAD_BYTES + 2), ids=lambda at: f"byte-{at}")
def test_a_bit_that_flips_is_noticed_wherever_it_is(at: int):
    kept = bytearray(sealed(b"word"))
    kept[at] ^= 1
    with pytest.raises((ObjectDamagedError, ObjectLockedError)):
        unsealed(bytes(kept))


def pieces(kept: bytes) -> tuple[bytes, list[bytes]]:
    body = kept[HEAD_BYTES:]
    step = PIECE + TAG
    return kept[:HEAD_BYTES], [body[at : at + step] for at in range(0, len(body), step)]


def swapped(kept: bytes) -> bytes:
    head, [first, second, *rest] = pieces(kept)
    return head + b"".join([second, first, *rest])


def without_the_last(kept: bytes) -> bytes:
    head, body = pieces(kept)
    return head + b"".join(body[:-1])


def with_one_twice(kept: bytes) -> bytes:
    head, body = pieces(kept)
    return head + b"".join([*body[:-1], body[0], body[-1]])


def of_another(kept: bytes) -> bytes:
    head, body = pieces(kept)
    _, others = pieces(sealed(b"x" * (3 * PIECE)))
    return head + b"".join([others[0], *body[1:]])


WRONGS = {
    "cut in the middle of a piece": lambda kept: kept[:-5],
    "cut at the end of a piece": without_the_last,
    "cut in the head": lambda kept: kept[: HEAD_BYTES - 1],
    "nothing left": lambda _: b"",
    "longer": lambda kept: kept + b"x",
    "two pieces swapped": swapped,
    "one piece twice": with_one_twice,
    "a piece of another file": of_another,
    "never sealed": lambda _: CONTENT,
}


@pytest.mark.parametrize("wrong", WRONGS.values(), ids=WRONGS.keys())
async def test_what_was_cut_moved_or_mixed_does_not_open(wrong, tmp_path: Path):
    content = os.urandom(3 * PIECE)
    with pytest.raises(ObjectDamagedError):
        unsealed(wrong(sealed(content)))
    name = sha256(content).hexdigest()
    objects = objects_at(str(tmp_path), NEW)
    await objects.put(name, io.BytesIO(content))
    path = tmp_path / sealed_key_of(name)
    path.write_bytes(wrong(path.read_bytes()))
    with pytest.raises(ObjectDamagedError):
        await read(objects, name)


def test_the_last_piece_is_known_as_the_last_and_not_by_the_size_alone():
    kept = Kept()
    sealer = Sealer(kept, NEW, ABOUT)
    sealer.write(os.urandom(2 * PIECE))
    sealer.close()
    _, [first, _] = pieces(kept.getvalue())
    with pytest.raises(ObjectDamagedError):
        unsealed(NEW.wrap(sealer._own, PIECE, ABOUT) + first)


def test_another_file_under_its_name_does_not_open():
    with pytest.raises(ObjectDamagedError):
        unsealed(sealed(CONTENT), about=b"that one")


def test_the_right_name_of_the_wrong_key_does_not_open():
    with pytest.raises(ObjectDamagedError):
        unsealed(sealed(CONTENT), Keyring("new", {"new": b"x" * 32}))


async def read(objects, name: str = HASH) -> bytes:
    opened = await objects.open(name)
    content = b"".join([piece async for piece in opened.chunks])
    assert len(content) == opened.size
    return content


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_no_byte_of_a_file_is_on_disk(tmp_path: Path):
    await objects_at(str(tmp_path), NEW).put(HASH, io.BytesIO(CONTENT))
    [path] = files_below(tmp_path)
    assert path == tmp_path / sealed_key_of(HASH)
    assert b"citizen" not in path.read_bytes()


async def test_a_new_key_seals_and_the_old_one_opens_what_it_sealed(tmp_path: Path):
    await objects_at(str(tmp_path), OLD).put(HASH, io.BytesIO(CONTENT))
    later = objects_at(str(tmp_path), NEW)
    assert await read(later) == CONTENT
    await later.put(HASH, io.BytesIO(CONTENT))
    assert await read(later) == CONTENT
    with pytest.raises(ObjectLockedError, match="the key new, which is not among ours"):
        await read(objects_at(str(tmp_path), OLD))


async def test_what_was_kept_before_there_were_keys_opens_unless_that_is_forbidden(tmp_path: Path):
    await objects_at(str(tmp_path)).put(HASH, io.BytesIO(CONTENT))
    assert await read(objects_at(str(tmp_path), NEW)) == CONTENT
    with pytest.raises(ObjectMissingError):
        await read(objects_at(str(tmp_path), STRICT))


async def test_a_plain_file_in_the_place_of_a_sealed_one_is_not_believed(tmp_path: Path):
    await objects_at(str(tmp_path), NEW).put(HASH, io.BytesIO(CONTENT))
    (tmp_path / sealed_key_of(HASH)).write_bytes(b"forged" * 100)
    with pytest.raises(ObjectDamagedError):
        await read(objects_at(str(tmp_path), NEW))


async def test_without_keys_a_sealed_file_is_said_to_be_one(tmp_path: Path):
    await objects_at(str(tmp_path), NEW).put(HASH, io.BytesIO(CONTENT))
    with pytest.raises(ObjectsUnavailableError, match="sealed, and we were given no keys"):
        await read(objects_at(str(tmp_path)))


def test_a_file_on_its_way_is_sealed_and_found_again(tmp_path: Path):
    path, disk = tmp_path / "a", Disk(NEW)
    with disk.write(path) as file:
        file.write(CONTENT)
    assert b"citizen" not in path.read_bytes()
    with disk.read(path.rename(tmp_path / "b")) as file:
        assert file.read() == CONTENT
    with pytest.raises(ObjectLockedError):
        Disk().read(tmp_path / "b")


def test_a_file_on_its_way_from_before_there_were_keys_is_read(tmp_path: Path):
    with Disk().write(tmp_path / "a") as file:
        file.write(CONTENT)
    assert (tmp_path / "a").read_bytes() == CONTENT
    with Disk(NEW).read(tmp_path / "a") as file:
        assert file.read() == CONTENT


KEY = b64encode(b"s" * 32).decode()


def settings(monkeypatch, **told: str) -> ObjectsSettings:
    for name, value in told.items():
        monkeypatch.setenv(f"OBJECTS_{name.upper()}", value)
    return ObjectsSettings()


def test_keys_come_from_the_environment_or_from_a_file(monkeypatch, tmp_path: Path):
    assert settings(monkeypatch).keyring is None
    listed = json.dumps({"1405-09": KEY})
    keyring = settings(monkeypatch, keys=listed, key="1405-09").keyring
    assert keyring == Keyring("1405-09", {"1405-09": b"s" * 32})
    (tmp_path / "keys.json").write_text(listed)
    assert settings(monkeypatch, keys=str(tmp_path / "keys.json"), plain="false").keyring == Keyring(
        "1405-09", {"1405-09": b"s" * 32}, plain=False
    )


@pytest.mark.parametrize(
    "told",
    [
        {"key": "a"},
        {"keys": json.dumps({"a": KEY})},
        {"keys": json.dumps({"a": KEY}), "key": "b"},
        {"keys": json.dumps({"a": KEY[:-8]}), "key": "a"},
        {"keys": json.dumps({"a": KEY + "!"}), "key": "a"},
        {"keys": json.dumps({"a": 7}), "key": "a"},
        {"keys": json.dumps({"A B": KEY}), "key": "A B"},
        {"keys": "{" + KEY, "key": "a"},
        {"keys": "{}", "key": "a"},
        {"keys": f"/nowhere/{KEY[:4]}", "key": "a"},
    ],
    ids=[
        "a-name-alone",
        "keys-alone",
        "another-name",
        "too-short",
        "no-base64",
        "a-number",
        "a-bad-name",
        "no-json",
        "none",
        "no-file",
    ],
)
def test_keys_that_cannot_be_right_stop_the_start_and_are_not_told(monkeypatch, told):
    with pytest.raises(ValidationError) as refused:
        settings(monkeypatch, **told)
    assert KEY[:-8] not in str(refused.value)


def test_a_keyring_shows_no_key():
    assert "nnnn" not in repr(NEW)


def test_every_service_gives_its_keys_to_the_object_store():
    root = Path(__file__).parents[2]
    opened = {
        str(path.relative_to(root)): call
        for folder in ("gateway-*/src", "router/src", "services/*/src")
        for source in root.glob(folder)
        for path in source.rglob("*.py")
        for call in re.findall(r"objects_at\(([^)]*)\)", path.read_text("utf-8"))
    }
    assert len(opened) == 3
    assert {path: call for path, call in opened.items() if "keyring" not in call} == {}

"""Files are kept under their own hash, in a folder and in S3 alike; what goes wrong is said in our words."""

import io
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI, Request, Response

from objects.errors import ObjectMissingError, ObjectsUnavailableError
from objects.keyring import Keyring
from objects.store import ObstoreObjects, key_of, objects_at
from tests.simulator.live import serving

CONTENT = b"voice" * 300_000
HASH = sha256(CONTENT).hexdigest()


def bucket() -> FastAPI:
    """What of S3 we need: one bucket's objects, put, got and asked after."""
    app, kept = FastAPI(), {}

    @app.put("/files/{key:path}")
    async def put(key: str, request: Request) -> Response:
        kept[key] = await request.body()
        return Response(headers={"ETag": f'"{len(kept[key])}"'})

    @app.api_route("/files/{key:path}", methods=["GET", "HEAD"])
    async def get(key: str) -> Response:
        if key not in kept:
            return Response(status_code=404)
        modified = {"ETag": '"1"', "Last-Modified": "Sat, 21 Nov 2026 08:00:00 GMT"}
        return Response(kept[key], headers=modified)

    return app


@pytest.fixture(params=[None, Keyring("k", {"k": bytes(32)})], ids=["plain", "sealed"])
def keyring(request) -> Keyring | None:
    return request.param


@pytest.fixture(params=["folder", "memory", "s3"])
def objects(request, keyring, tmp_path: Path, monkeypatch) -> Iterator[ObstoreObjects]:
    if request.param != "s3":
        url = (tmp_path / "a folder" / "objects").as_uri() if request.param == "folder" else "memory:///"
        yield objects_at(url, keyring)
        return
    with serving(bucket()) as address:
        for name, value in (("ENDPOINT", address), ("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b")):
            monkeypatch.setenv(f"AWS_{name}", value)
        yield objects_at("s3://files/payam", keyring)


async def read(objects: ObstoreObjects, key: str) -> bytes:
    opened = await objects.open(key)
    content = b"".join([piece async for piece in opened.chunks])
    assert len(content) == opened.size
    return content


async def test_what_is_put_is_got_again(objects: ObstoreObjects):
    await objects.probe()
    await objects.put(HASH, io.BytesIO(CONTENT))
    await objects.put(HASH, io.BytesIO(CONTENT))
    assert await read(objects, HASH) == CONTENT
    small = sha256(b"x").hexdigest()
    await objects.put(small, io.BytesIO(b"x"))
    assert await read(objects, small) == b"x"


async def test_what_is_not_there_is_said_so(objects: ObstoreObjects):
    with pytest.raises(ObjectMissingError):
        await objects.open(HASH)


async def test_a_folder_holds_each_file_once_by_its_hash(tmp_path: Path):
    objects = objects_at(str(tmp_path / "objects"))
    for _ in range(2):
        await objects.put(HASH, io.BytesIO(CONTENT))
    assert (tmp_path / "objects").stat().st_mode & 0o777 == 0o700
    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert files == [tmp_path / "objects" / key_of(HASH)]
    assert key_of(HASH) == f"sha256/{HASH[:2]}/{HASH[2:]}"


async def test_a_folder_that_went_away_is_unavailable_and_tells_no_path(tmp_path: Path):
    folder = tmp_path / str(uuid4())
    objects = objects_at(str(folder))
    folder.touch()
    for attempt in (objects.put(HASH, io.BytesIO(CONTENT)), objects.open(HASH), objects.probe()):
        with pytest.raises(ObjectsUnavailableError) as told:
            await attempt
        assert folder.name not in str(told.value)
    folder.unlink()
    await objects.put(HASH, io.BytesIO(CONTENT))
    assert await read(objects, HASH) == CONTENT


async def test_s3_that_is_away_is_unavailable_and_tells_no_key(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-access-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-key")
    objects = objects_at("s3://files")
    for attempt in (objects.put(HASH, io.BytesIO(b"x")), objects.open(HASH), objects.probe()):
        with pytest.raises(ObjectsUnavailableError) as told:
            await attempt
        assert "key" not in str(told.value)

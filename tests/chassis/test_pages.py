"""Pages of every service: locked down, their files kept by version, their templates escaped and Persian."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import UndefinedError

from chassis.auth import declared_auth, open_to_all
from chassis.pages import FOR_EVER, install_pages, static_files, static_url, templates
from chassis.service import build_service


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.css").write_text("body { margin: 0 }")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "page.js").write_text("export {}")
    return tmp_path


@pytest.fixture
def app(folder: Path) -> FastAPI:
    router = APIRouter(dependencies=[Depends(open_to_all("a test"))])

    @router.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<!doctype html>")

    @router.get("/loose")
    async def loose() -> HTMLResponse:
        return HTMLResponse(
            "", headers={"Content-Security-Policy": "default-src *", "Cache-Control": "no-cache"}
        )

    app = build_service(name="pages", description="Under test.", parts=[], routers=[router])
    install_pages(app, static=folder)
    return app


@pytest.fixture
async def client(app: FastAPI):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("path", ["/page", "/static/x/page.css", "/nowhere", "/healthz"])
async def test_every_answer_is_guarded(client: httpx.AsyncClient, path: str):
    headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] in {"no-store", "no-cache"}


async def test_a_route_may_set_a_header_itself(client: httpx.AsyncClient):
    headers = (await client.get("/loose")).headers
    assert headers.get_list("content-security-policy") == ["default-src *"]
    assert headers["cache-control"] == "no-cache"


async def test_the_documentation_is_left_its_scripts(client: httpx.AsyncClient):
    assert "content-security-policy" not in (await client.get("/docs")).headers


@pytest.mark.parametrize(
    "path", ["page.css", "deep/page.js", "shared/vazirmatn.css", "shared/vazirmatn.woff2"]
)
async def test_a_file_at_its_address_is_kept_for_ever(client: httpx.AsyncClient, folder: Path, path: str):
    for method in ("GET", "HEAD"):
        answer = await client.request(method, static_url(path, static=folder))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == FOR_EVER


async def test_an_old_address_gives_the_new_file_and_is_not_kept(client: httpx.AsyncClient):
    answer = await client.get("/static/0123456789ab/page.css")
    assert (answer.text, answer.headers["cache-control"]) == ("body { margin: 0 }", "no-cache")


@pytest.mark.parametrize(
    "path", ["%2e%2e/pages.py", "deep%2f..%2f..%2fx", "/etc/passwd", "nothing.css", "deep", ""]
)
async def test_nothing_but_the_files_is_served(client: httpx.AsyncClient, path: str):
    assert (await client.get(f"/static/x/{path}")).status_code == 404


def test_any_change_changes_every_address(folder: Path):
    before = static_url("page.css", static=folder)
    (folder / "deep" / "page.js").write_text("export default 1")
    static_files.cache_clear()
    assert static_url("page.css", static=folder) != before


def test_a_missing_file_and_an_unknown_kind_show_at_once(folder: Path):
    with pytest.raises(KeyError):
        static_url("missing.css", static=folder)
    (folder / "page.exe").write_bytes(b"")
    static_files.cache_clear()
    with pytest.raises(KeyError):
        static_files(folder)


def test_the_route_of_the_files_declares_that_it_is_open(app: FastAPI):
    [route] = [route for route in app.routes if getattr(route, "path", "").startswith("/static")]
    calls = [dependency.call for dependency in route.dependant.dependencies]
    assert any(declared_auth(call) for call in calls)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ '<b>' }}", "&lt;b&gt;"),
        ("{{ 12|digits }}", "۱۲"),
        ("{{ 1561726|counted }}", "۱٬۵۶۱٬۷۲۶"),
        ("{{ '1234567890'|grouped|digits }}", "۱۲۳ ۴۵۶ ۷۸۹۰"),
        ("{{ moment|jalali|digits }} {{ moment|clock_time|digits }}", "۱۴۰۵/۰۸/۳۰ ۱۱:۳۵"),
        ("{{ moment|jalali_long }}", "شنبه ۳۰ آبان ۱۴۰۵"),
        ("{{ 3|doubled }}", "6"),
    ],
)
def test_templates_escape_and_speak_persian(source: str, shown: str):
    environment = templates("simulator", {"doubled": lambda number: number * 2})
    moment = datetime(2026, 11, 21, 8, 5, tzinfo=UTC)
    assert environment.from_string(source).render(moment=moment) == shown


def test_a_name_that_is_not_there_is_an_error():
    with pytest.raises(UndefinedError):
        templates("simulator").from_string("{{ nothing }}").render()

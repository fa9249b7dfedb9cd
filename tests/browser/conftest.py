"""The simulator's pages with what stands behind them, and what a page complains about."""

import pytest

from tests.browser.stage import stage


@pytest.fixture(scope="session")
def built():
    with stage() as built:
        yield built


@pytest.fixture
def world(built):
    built.begin_anew()
    return built


@pytest.fixture
def errors():
    """What the page complained about; a test that expects none asserts so."""
    return []


@pytest.fixture
def page(browser, world, errors):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="fa-IR")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.goto(world.url)
    page.wait_for_selector("#messages[aria-busy=false]", state="attached")
    yield page
    context.close()

"""A real Chromium and a real playground; with SCREENSHOTS=<directory>, pictures on the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize, async_playwright

from tests.browser.client import DESKTOP, Client, Open
from tests.browser.place import playground

# Chromium's sandbox needs rights that a container does not have; the rest keeps it offline.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

#: Mean seconds of a prediction. Progress is edited at most every 3 s, so that even a quick one of
#: a slow model (the durations vary) shows more than its start.
QUICK, SLOW = 1, 9


def chromium() -> str:
    """The path of a Chromium; skips the test where there is none, but fails on CI."""
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    for name in filter(None, names):
        if path := shutil.which(name):
            return path
    reason = "no Chromium: set CHROMIUM or put chromium or google-chrome on PATH"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """One loop for all of them: it is the browser's, and starting that takes two seconds."""
    for item in items:
        if item.get_closest_marker("browser") is not None:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def address(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A playground of the test's own; started only where there is a browser to visit it."""
    slow = request.node.get_closest_marker("slow_model") is not None
    async with playground(SLOW if slow else QUICK) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, address: str) -> AsyncIterator[Open]:
    errors: list[str] = []
    async with AsyncExitStack() as stack:

        async def open_page(size: ViewportSize = DESKTOP) -> Client:
            context = await browser.new_context(viewport=size)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(address)
            client = Client(page)
            await client.composer.focus()
            return client

        yield open_page
    assert errors == []

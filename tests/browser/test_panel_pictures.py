"""The pictures of docs/: panels and figures of a server that has been busy for a month.

docs/pictures/settings.png, usage.png and me.png are `settings-whole-dark.png` and so on.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, ViewportSize, expect

from playground.stage import Stage
from tests.browser import month
from tests.browser.client import DESKTOP, PATIENCE, PHONE, Client
from tests.playground.test_limits import SECONDS, Panel
from tests.playground.test_whole import playing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        "SCREENSHOTS" not in os.environ, reason="takes pictures when SCREENSHOTS names a directory"
    ),
]

#: The button of the direct messages: a phone has no room for more than the bot's name.
LINE = re.compile("Imagine")
#: High enough for a whole panel.
TALL: ViewportSize = {"width": 900, "height": 1600}
SIZES = pytest.mark.parametrize(
    ("size", "name"), [(DESKTOP, "desktop"), (PHONE, "phone"), (TALL, "whole")]
)


@pytest_asyncio.fixture(loop_scope="session")
async def busy(browser: Browser, tmp_path: Path) -> AsyncIterator[Stage]:
    """The whole playground, as if it had run for a month; limits are set, none is reached."""
    async with playing(tmp_path, seconds=SECONDS) as running:
        panel = await Panel.opened(running, "settings", page="limits")
        artists = next(str(r["id"]) for r in running.world.roles if r["name"] == "Artists")
        await limits(panel, "everyone", day_images="10")
        await limits(panel, "guild", month_images="450", month_micros="25")
        await panel.press("imagine:settings:whose:role")
        form = await panel.choose("imagine-choice:settings:which:role", artists)
        await panel.fill(form, day_images="30")
        await panel.press("imagine:settings:page:overview-0")
        general = str(running.world.channels[1]["id"])
        await panel.choose("imagine-choice:settings:notices:", general)
        month.fill(running, tmp_path / "data" / "imagine.db")
        yield running


async def limits(panel: Panel, whose: str, **values: str) -> None:
    await panel.fill(await panel.press(f"imagine:settings:whose:{whose}"), **values)


async def visit(browser: Browser, address: str, size: ViewportSize, name: str) -> Client:
    page = await browser.new_page(viewport=size)
    await page.goto(address)
    client = Client(page)
    await client.become(name)
    await client.composer.focus()
    return client


async def answer(client: Client, command: str, words: str) -> Locator:
    """Run it, and wait for the answer that holds these words."""
    await client.run(command)
    await expect(client.newest).to_contain_text(words, timeout=PATIENCE)
    return client.newest


async def shown(client: Client, picture: Locator) -> None:
    await expect(picture).to_be_visible(timeout=PATIENCE)
    await expect(picture).to_have_js_property("complete", value=True)


@SIZES
async def test_a_picture_shows_the_settings_and_their_form(
    browser: Browser, busy: Stage, size: ViewportSize, name: str
) -> None:
    client = await visit(browser, busy.address, size, "Olivia")
    panel = await answer(client, "/settings", "Settings of this server")
    await client.save(f"settings-{name}", panel if size is TALL else None)

    await panel.get_by_role("button", name="Limits").click()
    await panel.get_by_role("button", name="This server …").click()
    form = client.page.get_by_role("dialog")
    await expect(form).to_be_visible()
    await client.save(f"settings-form-{name}", form if size is TALL else None)


@SIZES
async def test_a_picture_shows_the_servers_figures(
    browser: Browser, busy: Stage, size: ViewportSize, name: str
) -> None:
    client = await visit(browser, busy.address, size, "Olivia")
    await client.type("/usage")
    await client.press("Enter")
    await client.type("server")
    await client.press("Enter", "Enter", "Enter")
    await expect(client.newest).to_contain_text("Most images this month", timeout=PATIENCE)
    await shown(client, client.newest.get_by_role("img", name="Images in this server"))
    await client.save(f"usage-{name}", client.newest if size is TALL else None)


@SIZES
async def test_a_picture_shows_a_persons_figures(
    browser: Browser, busy: Stage, size: ViewportSize, name: str
) -> None:
    client = await visit(browser, busy.address, size, "Max")
    figures = await answer(client, "/usage", "Last images")
    await shown(client, figures.get_by_role("img", name="Your images"))
    await client.save(f"usage-own-{name}", figures if size is TALL else None)


@SIZES
async def test_a_picture_shows_what_is_stored_of_a_person(
    browser: Browser, busy: Stage, size: ViewportSize, name: str
) -> None:
    client = await visit(browser, busy.address, size, "Max")
    panel = await answer(client, "/me", "You and your data")
    await client.save(f"me-{name}", panel if size is TALL else None)

    await panel.get_by_role("button", name="Delete …").click()
    await expect(panel).to_contain_text("Delete your data?")
    await client.save(f"me-delete-{name}", panel if size is TALL else None)


@SIZES
async def test_a_picture_shows_a_refusal_and_what_the_operator_reads(
    browser: Browser, busy: Stage, size: ViewportSize, name: str
) -> None:
    busy.trouble.switch("no-credit", on=True)
    client = await visit(browser, busy.address, size, "Max")
    for words in ("no credit left", "operator has been told"):
        await client.composer.focus()
        await client.choose_imagine("a red fox")
        await client.press("Enter", "Enter")
        await expect(client.newest).to_contain_text(words, timeout=PATIENCE)
    await client.save(f"refused-{name}", client.newest if size is TALL else None)

    await client.become("Olivia")
    await client.page.get_by_role("button", name=LINE).click()
    await expect(client.newest).to_contain_text("Imagine is paused")
    await expect(client.page.get_by_text("Direct messages with Imagine")).to_be_attached()
    await client.save(f"notice-{name}", client.newest if size is TALL else None)

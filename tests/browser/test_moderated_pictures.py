"""The pictures of docs/moderation.md: a reviewed channel, from its set-up to what is published.

docs/pictures/first-day.png, card.png and appeal.png are `reviewed-team-whole-dark.png`,
`card-whole-dark.png` and `appeal-card-whole-dark.png`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, ViewportSize, expect

from playground.stage import Stage
from tests.browser.client import PATIENCE, Client
from tests.browser.test_panel import OVERFLOW
from tests.browser.test_panel_pictures import SIZES, TALL, visit
from tests.playground.test_first_day import new_server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        "SCREENSHOTS" not in os.environ, reason="takes pictures when SCREENSHOTS names a directory"
    ),
]


@pytest_asyncio.fixture(loop_scope="session")
async def unset(browser: Browser, tmp_path: Path) -> AsyncIterator[Stage]:
    async with new_server(tmp_path) as running:
        yield running


@SIZES
async def test_pictures_show_a_reviewed_channel(
    browser: Browser, unset: Stage, size: ViewportSize, name: str
) -> None:
    client = await visit(browser, unset.address, size, "Olivia")
    await set_up(client, name, size)
    await go(client, "Mona", "moderators")
    await press(client, "Approve")
    await go(client, "Nia", "imagine")
    await expect(client.newest.get_by_role("img")).to_be_visible(timeout=PATIENCE)
    await save(client, f"published-{name}")

    await go(client, "Max", "imagine")
    await imagine(client, "a red fox in snow, oil painting")
    await expect(client.newest).to_contain_text("Waiting for a moderator", timeout=PATIENCE)
    await save(client, f"waiting-{name}")
    await go(client, "Milo", "moderators")
    await expect(client.newest).to_contain_text("a red fox", timeout=PATIENCE)
    await client.newest.get_by_text("Spoiler", exact=True).click()
    await save(client, f"card-{name}", client.newest if size is TALL else None)
    await reject(client, name)
    await go(client, "Max", "imagine")
    await expect(client.newest).to_contain_text("A moderator rejected this", timeout=PATIENCE)
    await save(client, f"rejected-{name}")
    await appeal(client, name, size)
    await report(client, name, size)


async def set_up(client: Client, name: str, size: ViewportSize) -> None:
    """The first day, by Olivia, who asks for an image of her own on the way."""
    await imagine(client, "a lighthouse at dawn, woodcut")
    await client.newest.get_by_role("button", name="This channel only").click()
    await save(client, f"first-day-{name}")
    await client.newest.get_by_role("button", name="Reviewed team").click()
    menu = client.newest.get_by_role("combobox")
    await expect(menu).to_be_visible()
    await save(client, f"reviewed-team-{name}", client.newest if size is TALL else None)
    await menu.click()
    await save(client, f"first-day-desk-{name}")
    await client.page.get_by_role("option", name="moderators").click()
    await expect(client.newest).to_contain_text("Waiting for a moderator", timeout=PATIENCE)


async def reject(client: Client, name: str) -> None:
    await press(client, "Reject …")
    form = client.page.get_by_role("dialog")
    await form.get_by_role("textbox").fill("No animals in the week of landscapes.")
    await save(client, f"reject-{name}")
    await form.get_by_role("button", name="Submit").click()
    await expect(client.newest).to_contain_text("Rejected", timeout=PATIENCE)
    await save(client, f"decided-{name}")


async def appeal(client: Client, name: str, size: ViewportSize) -> None:
    """By Max, decided by Mona, since it was Milo who rejected it."""
    await press(client, "Appeal …")
    form = client.page.get_by_role("dialog")
    await form.get_by_role("textbox").fill("The week of landscapes ended on Sunday.")
    await save(client, f"appeal-form-{name}")
    await form.get_by_role("button", name="Submit").click()
    await expect(client.newest).to_contain_text("Your appeal waits", timeout=PATIENCE)
    await save(client, f"appealing-{name}")
    await go(client, "Mona", "moderators")
    await expect(client.newest).to_contain_text("ended on Sunday", timeout=PATIENCE)
    await save(client, f"appeal-card-{name}", client.newest if size is TALL else None)
    await press(client, "Approve")


async def report(client: Client, name: str, size: ViewportSize) -> None:
    """By Nia, who sees the image; Mona removes it."""
    await go(client, "Nia", "imagine")
    await expect(client.newest.get_by_role("img")).to_be_visible(timeout=PATIENCE)
    await press(client, "More")
    await expect(client.newest).to_contain_text("Image details", timeout=PATIENCE)
    await save(client, f"details-{name}", client.newest if size is TALL else None)
    await press(client, "Report …")
    form = client.page.get_by_role("dialog")
    await form.get_by_role("textbox").fill("The fox has three tails.")
    await save(client, f"report-form-{name}")
    await form.get_by_role("button", name="Submit").click()
    await expect(client.newest).to_contain_text("Reported", timeout=PATIENCE)
    await go(client, "Mona", "moderators")
    await expect(client.newest).to_contain_text("three tails", timeout=PATIENCE)
    await save(client, f"report-card-{name}", client.newest if size is TALL else None)
    await press(client, "Remove …")
    await form.get_by_role("button", name="Submit").click()
    await expect(client.page.get_by_text("Its message goes").first).to_be_visible(timeout=PATIENCE)
    await save(client, f"removed-{name}")


async def imagine(client: Client, prompt: str) -> None:
    await client.composer.focus()
    await client.choose_imagine(prompt)
    await client.press("Enter", "Enter")


async def go(client: Client, person: str, channel: str) -> None:
    await client.become(person)
    await place(client, channel).click()
    await expect(place(client, channel)).to_have_attribute("aria-current", "page")


def place(client: Client, channel: str) -> Locator:
    return client.page.locator("#channels").get_by_role("button", name=channel, exact=True)


async def press(client: Client, label: str) -> None:
    await client.newest.get_by_role("button", name=label, exact=True).click(timeout=PATIENCE)


async def save(client: Client, name: str, part: Locator | None = None) -> None:
    assert await client.page.evaluate(OVERFLOW) == []
    await client.page.mouse.move(0, 0)  # what is pointed at shows its menu
    await client.save(name, part)

"""The pictures of docs/together.md: the pages of `/history`, its filter, and one image.

docs/pictures/history.png and history-image.png are `history-whole-dark.png` and so on.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, ViewportSize, expect

from playground.stage import Stage
from tests.browser.client import DESKTOP, PHONE
from tests.browser.test_panel_pictures import answer, visit
from tests.playground.test_history import made, switched_on
from tests.playground.test_limits import SECONDS
from tests.playground.test_whole import playing
from tests.playground.visitor import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        "SCREENSHOTS" not in os.environ, reason="takes pictures when SCREENSHOTS names a directory"
    ),
]

PROMPTS = (
    "an amber lighthouse above a sea of clouds",
    "a fox in a library, reading by candlelight",
    "a paper boat on a puddle that mirrors a city of glass",
    "a greenhouse full of ferns at dawn, seen through wet glass, with one red door left open",
    "an astronaut tending bees",
    "a tea house on stilts in the rain",
    "the map of an island that looks like a sleeping cat",
)
#: High enough for a whole panel.
TALL: ViewportSize = {"width": 900, "height": 1400}
SIZES = pytest.mark.parametrize(
    ("size", "name"), [(DESKTOP, "desktop"), (PHONE, "phone"), (TALL, "whole")]
)


@pytest_asyncio.fixture(loop_scope="session")
async def drawn(tmp_path: Path) -> AsyncIterator[Stage]:
    """Where images can be saved, and Max has made some."""
    async with playing(tmp_path, seconds=SECONDS) as running:
        await switched_on(Visitor(running, "owner"))
        for prompt in PROMPTS:
            await made(Visitor(running, "member"), prompt)
        yield running


async def loaded(panel: Locator, pictures: int) -> None:
    """All thumbnails are there."""
    await expect(panel.get_by_role("img")).to_have_count(pictures)
    for picture in await panel.get_by_role("img").all():
        await expect(picture).to_have_js_property("complete", value=True)


@SIZES
async def test_a_picture_shows_the_history_and_one_of_its_images(
    browser: Browser, drawn: Stage, size: ViewportSize, name: str
) -> None:
    client = await visit(browser, drawn.address, size, "Max")
    panel = await answer(client, "/history", "Your images")
    whole = panel if size is TALL else None
    await client.save(f"history-{name}", whole)

    await panel.get_by_role("button", name="Filter").click()
    form = client.page.get_by_role("dialog")
    await form.get_by_label("Words in the prompt").fill("GLASS")
    await client.save(f"history-filter-{name}", form if size is TALL else None)
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("Words: “GLASS”")
    await client.save(f"history-filtered-{name}", whole)

    await panel.get_by_role("button", name="Image 2").click()
    await panel.get_by_role("button", name="Save").click()
    await expect(panel).to_contain_text("Saved: everybody")
    await client.save(f"history-image-{name}", whole)
    await panel.get_by_role("button", name="Back").click()
    await panel.get_by_role("button", name="Clear filter").click()
    await panel.get_by_role("button", name="Saved here").click()
    await expect(panel).to_contain_text("by @Max")
    await client.save(f"history-saved-{name}", whole)

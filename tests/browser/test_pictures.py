"""The pictures of the README: two people's images, one finished and one on its way."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.client import DESKTOP, PATIENCE, PHONE, Client, Open

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow_model,
    pytest.mark.skipif(
        "SCREENSHOTS" not in os.environ, reason="takes pictures when SCREENSHOTS names a directory"
    ),
]


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "desktop"), (PHONE, "phone")])
async def test_a_picture_shows_one_image_and_one_on_its_way(
    open_page: Open, size: ViewportSize, name: str
) -> None:
    client = await open_page(size)
    await imagine(client, "a red fox in snow, oil painting")
    await expect(client.newest.get_by_role("img")).to_be_visible(timeout=PATIENCE)
    await client.become("Olivia")
    await imagine(client, "a lighthouse at dawn, woodcut")
    await expect(client.newest).to_contain_text("Generating", timeout=PATIENCE)

    await client.save(name)


async def imagine(client: Client, prompt: str) -> None:
    await client.composer.focus()
    await client.choose_imagine(prompt)
    await client.press("Enter", "Enter")
    await expect(client.newest).to_contain_text(prompt)

"""The page follows the conversation as long as nobody scrolls away from it."""

from __future__ import annotations

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.client import DESKTOP, PATIENCE, PHONE, Open

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280px", "390px"])
async def test_the_newest_image_is_in_view_also_after_several(
    open_page: Open, size: ViewportSize
) -> None:
    client = await open_page(size)

    for prompt in ("first fox", "second fox", "third fox", "fourth fox"):
        await client.choose_imagine(prompt)
        await client.press("Enter", "Enter")
        await expect(client.newest).to_contain_text(prompt)

    image = client.newest.get_by_role("img", name="fourth fox", exact=True)
    await expect(image).to_be_visible(timeout=PATIENCE)
    await expect(image).to_be_in_viewport(ratio=0.9)

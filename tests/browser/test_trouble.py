"""The page's panel of trouble, threads and direct messages, by keyboard, with the real bot."""

from __future__ import annotations

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.client import DESKTOP, PATIENCE, PHONE, Client, Open

pytestmark = pytest.mark.browser


async def panel(client: Client) -> None:
    await client.page.get_by_role("button", name="Trouble").focus()
    await client.press("Enter")
    await expect(client.page.get_by_role("heading", name="Trouble")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280px", "390px"])
async def test_a_fault_is_switched_by_keyboard_and_changes_what_happens_next(
    open_page: Open, size: ViewportSize
) -> None:
    client = await open_page(size)
    await panel(client)
    await client.page.get_by_role("checkbox", name="no-credit").focus()
    await client.press("Space")
    await expect(client.page.get_by_role("button", name="Trouble (1 on)")).to_be_attached()
    await client.save("trouble" if size is DESKTOP else "trouble-phone")
    await client.press("Escape")
    await expect(client.page.get_by_role("heading", name="Trouble")).to_be_hidden()

    await client.composer.focus()
    await client.choose_imagine("a red fox")
    await client.press("Enter", "Enter")

    await expect(client.newest).to_contain_text("no credit", ignore_case=True, timeout=PATIENCE)
    await expect(client.newest.get_by_role("img", name="a red fox")).to_have_count(0)


async def test_the_bot_is_killed_and_started_from_the_panel(open_page: Open) -> None:
    client = await open_page()
    await panel(client)
    state = client.page.locator("#bot-state")
    await client.page.get_by_role("button", name="Kill the bot").click()
    await expect(state).to_have_text("The bot is not running.")
    await client.page.get_by_role("button", name="Start the bot", exact=True).click()

    await expect(state).to_have_text("The bot is running.")


async def test_threads_and_direct_messages_are_reached_from_the_list(open_page: Open) -> None:
    client = await open_page()
    await panel(client)
    await client.page.get_by_role("button", name="Start a thread here").click()
    await expect(client.page.get_by_role("heading", name="A thread")).to_be_visible()
    await client.page.get_by_role("button", name="Lock this thread").click()
    await expect(client.page.get_by_role("button", name="A thread locked")).to_be_attached()
    await client.page.get_by_role("button", name="Close my direct messages").click()
    await client.press("Escape")

    await client.page.get_by_role("button", name="Direct message").click()

    await expect(client.page.get_by_role("heading", name="Imagine")).to_be_visible()
    await expect(client.page.get_by_role("button", name="Direct message")).to_contain_text("closed")

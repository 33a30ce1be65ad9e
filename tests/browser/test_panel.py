"""Menus, forms, layouts and files in the page, with a bot that has them all."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, ViewportSize, expect

from playground.world import World
from tests.browser.client import DESKTOP, PHONE, Client
from tests.playground.panel import panel_bot
from tests.playground.place import Place, open_place, picture

pytestmark = pytest.mark.browser

OVERFLOW = """() => [document.documentElement, ...document.querySelectorAll("body, .scroll, form")]
  .filter((element) => element.scrollWidth > element.clientWidth)
  .map((element) => element.className || element.tagName)"""


@pytest_asyncio.fixture(loop_scope="session")
async def place(browser: Browser) -> AsyncIterator[Place]:
    """A world with the bot of the panel, connected; started only where there is a browser."""
    bot = panel_bot()

    @bot.tree.command(description="What was used")
    async def usage(
        interaction: discord.Interaction,
        member: discord.Member | None = None,
        server: bool = False,  # noqa: FBT002, an option of a command
        days: discord.app_commands.Range[int, 1, 30] = 7,
        file: discord.Attachment | None = None,
    ) -> None:
        name = member.display_name if member else "nobody"
        sent = f"{name}, {server}, {days} days, {file.filename if file else 'no file'}"
        await interaction.response.send_message(sent)

    @bot.tree.context_menu(name="Use as input")
    async def use(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Used: {message.content}")

    @bot.tree.command(description="A picture that is hidden at first")
    async def hidden(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(file=picture("SPOILER_hen.png", alt="a hen"))

    async with open_place(World.create()) as here, here.running(bot):
        yield here


async def visit(browser: Browser, place: Place, size: ViewportSize = DESKTOP) -> Client:
    page = await browser.new_page(viewport=size)
    await page.goto(place.address)
    client = Client(page)
    await client.composer.focus()
    return client


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "desktop"), (PHONE, "phone")])
async def test_a_panel_is_used_by_keyboard_menu_and_form(
    browser: Browser, place: Place, size: ViewportSize, name: str
) -> None:
    client = await visit(browser, place, size)
    await client.run("/panel")
    model = client.newest.get_by_role("combobox", name="Choose a model")
    await expect(model).to_have_text("flux-schnell")
    await client.save(f"panel-{name}")

    await model.focus()
    await client.press("ArrowDown", "ArrowDown", "Enter")
    await expect(model).to_have_text("flux-pro")
    await expect(model).to_be_focused()
    change = client.newest.get_by_role("button", name="Change")
    await change.focus()
    await client.press("Enter")

    form = client.page.get_by_role("dialog", name="Daily limit")
    amount = form.get_by_role("textbox", name="Images a day")
    await expect(amount).to_be_focused()
    await expect(amount).to_have_value("20")
    assert await client.page.evaluate(OVERFLOW) == []
    await client.save(f"form-{name}")
    await amount.fill("7")
    await form.get_by_role("combobox", name="Not for").focus()
    await client.press("ArrowDown", "A", "Space", "Escape")
    await expect(form).to_be_visible()
    await form.get_by_role("radio", name="From tomorrow").check()
    await amount.focus()
    await client.press("Enter")

    await expect(form).to_have_count(0)
    told = "amount=7, why=, exempt=['Artists'], style=tomorrow"
    await expect(client.newest).to_contain_text(told)
    await expect(client.newest).to_contain_text("Only you can see this")
    assert await client.page.evaluate(OVERFLOW) == []


async def test_a_form_says_what_is_wrong_and_escape_closes_it(
    browser: Browser, place: Place
) -> None:
    client = await visit(browser, place)
    await client.run("/form")
    form = client.page.get_by_role("dialog")
    amount = form.get_by_role("textbox", name="Images a day")
    await amount.fill("")
    await form.get_by_role("textbox", name="Reason").fill("abc")
    await form.get_by_role("button", name="Submit").click()

    await expect(amount).to_be_focused()
    await expect(amount).to_have_attribute("aria-invalid", "true")
    await expect(form).to_contain_text("This field is required.")
    await expect(form).to_contain_text("This takes at least 5 characters; it has 3.")
    await client.press("Escape")
    await expect(form).to_have_count(0)
    await expect(client.composer).to_be_focused()
    await expect(client.page.get_by_role("article")).to_have_count(0)


async def test_several_people_are_chosen_and_shown_by_the_edit(
    browser: Browser, place: Place
) -> None:
    client = await visit(browser, place)
    await client.run("/panel")
    menu = client.newest.get_by_role("combobox", name="Block somebody")
    await menu.click()
    options = client.page.get_by_role("option")
    await expect(options).to_have_count(6)
    for name in ("Mona", "Nia"):
        await options.filter(has_text=name).click()
    await client.page.get_by_role("button", name="Done").click()

    await expect(client.newest).to_contain_text("blocked: Mona, Nia")
    await expect(menu).to_have_text("Mona, Nia")
    await expect(client.newest.get_by_role("combobox", name="Not yet")).to_be_disabled()


async def test_a_person_yes_or_no_a_number_and_a_file_are_picked_for_a_command(
    browser: Browser, place: Place
) -> None:
    client = await visit(browser, place)
    await client.type("/usage")
    options = client.page.get_by_role("option")
    await expect(options).to_have_count(1)
    await client.press("Enter")
    await expect(options).to_have_count(4)
    await client.type("member")
    await client.press("Enter")
    await expect(client.page.get_by_role("combobox", name="member")).to_be_focused()
    await client.type("Mo")
    await expect(options).to_have_count(1)
    await client.press("Enter", "Tab")
    await client.type("server")
    await client.press("Enter")
    await expect(options).to_have_text(["True", "False"])
    await client.press("Enter", "Tab")
    await client.type("days")
    await client.press("Enter")
    await client.type("31")
    await client.press("Tab")
    await client.type("file")
    await client.press("Enter")
    fox: FilePayload = {"name": "fox.txt", "mimeType": "text/plain", "buffer": b"a fox"}
    field = client.page.get_by_label("file", exact=True)
    async with client.page.expect_response(re.compile("/attached/")):
        await field.set_input_files(fox)
    await client.page.get_by_role("button", name="Send").click()
    await expect(client.page.get_by_text("This takes a number from 1 to 30.")).to_be_visible()
    await client.page.get_by_label("days", exact=True).fill("30")
    await client.press("Enter")

    await expect(client.newest).to_contain_text("Mona, True, 30 days, fox.txt")


async def test_a_direct_message_is_announced_and_read_in_its_own_line(
    browser: Browser, place: Place
) -> None:
    client = await visit(browser, place)
    direct = client.page.get_by_role("button", name="Direct message")
    await expect(direct).not_to_contain_text("new")
    path, recipient = "/users/@me/channels", {"recipient_id": place.person}
    _, line = await place.call("POST", path, json=recipient)
    await place.call("POST", f"/channels/{line['id']}/messages", json={"content": "for you"})

    await expect(direct).to_contain_text("new")
    await expect(client.page.get_by_role("article")).to_have_count(0)
    await direct.click()
    await expect(client.newest).to_contain_text("for you")
    await expect(direct).not_to_contain_text("new")


async def test_a_picture_that_is_a_spoiler_is_shown_when_asked_for(
    browser: Browser, place: Place
) -> None:
    client = await visit(browser, place)
    await client.run("/hidden")
    image = client.newest.get_by_role("img", name="a hen", include_hidden=True)
    spoiler = client.newest.get_by_text("Spoiler")
    await expect(spoiler).to_be_visible()
    await expect(image).to_be_hidden()

    await spoiler.click()

    await expect(image).to_be_visible()


async def test_a_layout_and_several_files_are_shown_and_downloaded(
    browser: Browser, place: Place, tmp_path: Path
) -> None:
    client = await visit(browser, place)
    await client.run("/files")
    await expect(client.newest.get_by_role("heading", name="Your images")).to_be_visible()
    picture = client.newest.get_by_role("img", name="a red fox")
    await expect(picture).to_have_js_property("naturalWidth", 8)
    await expect(client.newest.get_by_text("Spoiler")).to_be_visible()
    await client.save("files")
    await client.run("/several")
    await expect(client.newest.locator("img")).to_have_count(1)
    await expect(client.newest.get_by_role("link", name=re.compile("zip"))).to_have_count(2)
    async with client.page.expect_download() as started:
        await client.newest.get_by_role("link", name="more.zip").click()
    download = await started.value

    assert download.suggested_filename == "more.zip"
    await download.save_as(tmp_path / "more.zip")
    assert (tmp_path / "more.zip").read_bytes().startswith(b"PK")


async def test_a_messages_apps_are_used_by_keyboard(browser: Browser, place: Place) -> None:
    client = await visit(browser, place)
    await client.type("a red fox")
    await client.press("Enter")
    await expect(client.newest).to_contain_text("a red fox")

    await client.newest.get_by_role("button", name="Use as input").focus()
    await client.press("Enter")

    await expect(client.newest).to_contain_text("Used: a red fox")

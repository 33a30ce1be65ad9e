"""The playground's page in a real browser with the real bot behind it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from playground.serving import claim
from tests.browser.client import DESKTOP, PATIENCE, PHONE, Client, Open
from tests.browser.place import without_bot

pytestmark = pytest.mark.browser

# Notes each text of the newest message and whether its image was there. Times are left out: a
# clock that ticks is not progress.
WATCH = """() => {
  window.seen = [];
  const log = document.getElementById("log");
  new MutationObserver(() => {
    const copy = log.lastElementChild?.cloneNode(true);
    if (!copy) return;
    copy.querySelectorAll("time, .edited").forEach((element) => element.remove());
    const text = copy.querySelector(".content").textContent;
    const state = { text, image: copy.querySelector("img") !== null };
    if (JSON.stringify(state) !== JSON.stringify(window.seen.at(-1))) window.seen.push(state);
  }).observe(log, { childList: true, subtree: true, characterData: true });
}"""

OVERFLOW = """() => [document.documentElement, ...document.querySelectorAll("body, .scroll, .line")]
  .filter((element) => element.scrollWidth > element.clientWidth)
  .map((element) => element.className || element.tagName)"""


@pytest.mark.parametrize(
    ("size", "name"),
    [(DESKTOP, "desktop"), (PHONE, "phone")],
    ids=["1280px", "390px"],
)
@pytest.mark.slow_model
async def test_a_whole_imagine_by_keyboard_shows_progress_and_then_the_image(
    open_page: Open, size: ViewportSize, name: str
) -> None:
    client = await open_page(size)
    await client.page.evaluate(WATCH)

    await client.choose_imagine("a red fox in snow")
    await client.save(f"{name}-choices")
    await client.press("Enter", "Enter")

    await expect(client.newest).to_contain_text("Max used /imagine")
    await expect(client.newest).to_contain_text("Generating", timeout=PATIENCE)
    await client.save(f"{name}-progress")
    image = client.newest.get_by_role("img", name="a red fox in snow", exact=True)
    await expect(image).to_be_visible(timeout=PATIENCE)
    await expect(image).to_have_js_property("complete", True)
    width = await image.evaluate("image => image.naturalWidth")
    height = await image.evaluate("image => image.naturalHeight")
    assert width > height > 0
    before = [state["text"] for state in await client.page.evaluate("seen") if not state["image"]]
    assert "thinking" in before[0]
    assert "Generating" in before[-1]
    assert await client.page.evaluate(OVERFLOW) == []
    await client.save(f"{name}-finished")


async def test_an_ephemeral_reply_is_seen_only_by_whom_it_is_for(open_page: Open) -> None:
    as_max, as_mona = await open_page(), await open_page()
    await as_mona.become("Mona")
    private = as_max.page.get_by_text("Only you can see this")

    await as_max.run("/usage")
    await expect(private).to_be_visible()
    await as_max.composer.focus()
    await as_max.type("that was private")
    await as_max.press("Enter")

    # Pushed after the private one, so whatever Mona may see of that has arrived.
    await expect(as_mona.page.get_by_text("that was private")).to_be_visible()
    await expect(as_mona.page.get_by_role("article")).to_have_count(1)
    await as_max.become("Olivia")
    await expect(private).to_be_hidden()
    await as_max.become("Max")
    await expect(private).to_be_visible()
    await as_max.save("private")


async def test_what_people_type_is_shown_as_they_typed_it(open_page: Open) -> None:
    client = await open_page()
    prompt = "<script>alert(1)</script> **bold** `code` @everyone [a](https://b.example) <@1> ||x||"

    await client.choose_imagine(prompt)
    await client.press("Enter", "Enter")
    quote = client.newest.locator("blockquote")

    await expect(quote).to_have_text(prompt)
    await expect(quote.locator("script, strong, code, a, .mention, .spoiler")).to_have_count(0)
    image = client.newest.get_by_role("img")
    await expect(image).to_have_attribute("alt", prompt, timeout=PATIENCE)


@pytest.mark.slow_model
async def test_a_button_reaches_the_bot_and_its_answer_the_page(open_page: Open) -> None:
    client = await open_page()
    await client.choose_imagine("a boat")
    await client.press("Enter", "Enter")

    cancel = client.newest.get_by_role("button", name="Cancel")
    await cancel.focus()
    await client.press("Enter")

    await expect(client.newest).to_contain_text("Canceled.", timeout=PATIENCE)
    await expect(cancel).to_have_count(0)


@pytest.mark.parametrize("way", ["typed", "pasted"])
async def test_a_command_written_out_is_chosen_and_the_rest_is_its_first_option(
    open_page: Open, way: str
) -> None:
    client = await open_page()
    await client.composer.focus()

    if way == "typed":
        await client.type("/imagine a red fox")
    else:
        await client.page.keyboard.insert_text("/imagine a red fox")

    field = client.page.get_by_role("textbox", name="prompt")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("a red fox")
    await client.press("Enter")
    await expect(client.newest).to_contain_text("Max used /imagine")


async def test_text_behind_a_command_that_takes_none_is_not_dropped_without_a_word(
    open_page: Open,
) -> None:
    client = await open_page()
    await client.composer.focus()

    await client.page.keyboard.insert_text("/help a red fox")

    await expect(client.page.get_by_role("group", name="/help")).to_be_visible()
    await expect(client.page.get_by_text("“a red fox” was left out")).to_be_visible()


async def test_a_missing_prompt_is_said_in_words_and_nothing_is_sent(open_page: Open) -> None:
    client = await open_page()
    await client.type("/imagine")
    await expect(client.page.get_by_role("option")).to_have_count(1)

    await client.press("Enter", "Enter")

    field = client.page.get_by_role("textbox", name="prompt")
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(client.page.get_by_text("This option is required.")).to_be_visible()
    await expect(client.page.get_by_role("article")).to_have_count(0)


async def test_a_moderator_may_delete_what_others_wrote_and_a_member_may_not(
    open_page: Open,
) -> None:
    as_max, as_mona = await open_page(), await open_page()
    await as_mona.become("Mona")
    await as_mona.composer.focus()
    await as_mona.type("hello")
    await as_mona.press("Enter")
    await expect(as_max.newest).to_contain_text("hello")
    await expect(as_max.page.get_by_role("button", name="Delete message")).to_have_count(0)
    await as_max.composer.focus()
    await as_max.type("goodbye")
    await as_max.press("Enter")

    goodbye = as_mona.page.get_by_role("article").filter(has_text="goodbye")
    await goodbye.get_by_role("button", name="Delete message").click()

    await expect(as_max.page.get_by_text("goodbye")).to_have_count(0)
    await expect(as_max.page.get_by_text("hello")).to_be_visible()


async def test_a_command_that_nobody_answers_is_said_in_words_and_kept(browser: Browser) -> None:
    async with without_bot(claim()) as address:
        page = await browser.new_page()
        await page.goto(address)
        client = Client(page)

        await client.run("/help")

        await expect(page.get_by_role("alert")).to_contain_text("did not respond")
        await expect(page.get_by_role("group", name="/help")).to_be_visible()
        await page.close()


async def test_the_page_comes_back_by_itself_when_the_playground_does(browser: Browser) -> None:
    listening = claim()
    port = listening.getsockname()[1]
    async with without_bot(listening) as address:
        page = await browser.new_page()
        await page.goto(address)
        await expect(page.get_by_role("heading", name="imagine")).to_be_visible()
    notice = page.get_by_role("status")
    await expect(notice).to_contain_text("not answering")

    async with without_bot(claim(port)):
        await expect(notice).to_be_empty()
        await page.close()

"""The pictures of docs/together.md: an image with its buttons, their forms, the details, the pager.

docs/pictures/together-*.png are `together-<what>-<language>-<size>-dark.png` and so on.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from bot.domain.origin import Derivation
from bot.language import _, speaking
from bot.wording import derivations, images
from playground.replicate import Faults
from playground.serving import claim
from playground.stage import Plan, Stage, stage
from tests.browser.client import DESKTOP, PATIENCE, PHONE, Client
from tests.browser.test_moderated_pictures import press, save
from tests.browser.test_panel_pictures import TALL, visit
from tests.playground.test_limits import SECONDS
from tests.playground.test_whole import PATIENCE as LONG
from tests.playground.visitor import Message, Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        "SCREENSHOTS" not in os.environ, reason="takes pictures when SCREENSHOTS names a directory"
    ),
]

PROMPTS = {
    "en-US": (
        "a tea house on stilts in the rain",
        "an astronaut tending bees",
        "a fox in a library",
        "a greenhouse full of ferns at dawn",
        "a paper boat on a puddle",
        "an amber lighthouse above a sea of clouds",
    ),
    "ja": (
        "雨の中の高床の茶室",
        "蜂を世話する宇宙飛行士",
        "図書館のキツネ",
        "夜明けのシダの温室",
        "水たまりに浮かぶ紙の舟",
        "雲海の上に立つ琥珀色の灯台",
    ),
}


@asynccontextmanager
async def speaking_stage(folder: Path, locale: str) -> AsyncIterator[Stage]:
    data = folder / "data"
    data.mkdir()
    plan = Plan(claim(0), folder, data, SECONDS, Faults.parse(()), locale=locale)
    async with asyncio.timeout(LONG), stage(plan) as running:
        await running.ready()
        yield running


def said(sentence: str, locale: str) -> str:
    with speaking(locale):
        return _(sentence)


@pytest.mark.parametrize("locale", PROMPTS)
@pytest.mark.parametrize(
    ("size", "name"), [(DESKTOP, "desktop"), (PHONE, "phone"), (TALL, "whole")]
)
async def test_pictures_show_what_is_done_with_an_image(
    browser: Browser, tmp_path: Path, size: ViewportSize, name: str, locale: str
) -> None:
    async with speaking_stage(tmp_path, locale) as running:
        await made(running, locale)
        client = await visit(browser, running.address, size, "Max")
        await shown(client, f"{locale[:2]}-{name}", locale, whole=size is TALL)


async def made(running: Stage, locale: str) -> None:
    """More than a page of them; the last two at once."""
    member = Visitor(running, "member")
    for prompt, count in zip(PROMPTS[locale], "111112", strict=True):
        reply = await member.command("imagine", prompt=prompt, count=count)
        shown_in = partial(_is_shown, str(reply["id"]))
        await member.sees(shown_in)


def _is_shown(reply: str, message: Message) -> bool:
    return message["id"] == reply and bool(message["attachments"])


async def shown(client: Client, name: str, locale: str, *, whole: bool) -> None:
    again, change, edit = (said(derivations.LABELS[by], locale) for by in _THREE)
    await expect(client.newest.get_by_role("button", name=again)).to_be_visible(timeout=PATIENCE)
    await expect(client.newest.get_by_role("img").first).to_be_visible()
    await save(client, f"together-buttons-{name}", client.newest if whole else None)
    form = client.page.get_by_role("dialog")
    for label, what in ((change, "change"), (edit, "edit")):
        await press(client, label)
        await expect(form).to_be_visible(timeout=PATIENCE)
        await save(client, f"together-{what}-{name}", form if whole else None)
        await client.press("Escape")
        await expect(form).not_to_be_visible()
    await press(client, said(images.MORE, locale))
    title = said(images.TITLE, locale).partition("**")[2].partition("**")[0]
    await expect(client.newest).to_contain_text(title, timeout=PATIENCE)
    await save(client, f"together-details-{name}", client.newest if whole else None)
    await client.composer.focus()
    await client.run("/history")
    await expect(client.newest).to_contain_text(PROMPTS[locale][1], timeout=PATIENCE)
    await save(client, f"together-history-{name}", client.newest if whole else None)


_THREE = (Derivation.AGAIN, Derivation.CHANGE, Derivation.EDIT)

"""What a person does with the page, by keyboard."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Locator, Page, ViewportSize, expect

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")

PATIENCE = 30_000
"""Milliseconds for a whole generation on a busy machine; a failure is reported, not waited for."""


@dataclass
class Client:
    """One person's window."""

    page: Page

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("combobox", name="Message #")

    @property
    def newest(self) -> Locator:
        return self.page.get_by_role("log").get_by_role("article").last

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def become(self, name: str) -> None:
        await self.page.get_by_role("radio", name=name).check(force=True)
        await expect(self.page.get_by_role("radio", name=name)).to_be_checked()

    async def run(self, command: str) -> None:
        """A command without options, by keyboard."""
        await self.composer.focus()
        await self.type(command)
        await expect(self.page.get_by_role("option")).to_have_count(1)
        await self.press("Enter", "Enter")

    async def choose_imagine(self, prompt: str) -> None:
        """`/`, the command, its prompt and a shape from the list of choices, all by keyboard.

        The list is left open on the shape: Enter takes it, Enter again sends.
        """
        options = self.page.get_by_role("option")
        await self.type("/")
        await expect(options.filter(has_text="/imagine")).to_be_visible()
        await expect(options.filter(has_text="/help")).to_be_visible()
        await self.type("im")
        await expect(options).to_have_count(1)
        await self.press("Enter")
        field = self.page.get_by_role("textbox", name="prompt")
        await expect(field).to_be_focused()
        await expect(field).to_have_attribute("aria-required", "true")
        await self.type(prompt)
        await self.press("Tab")
        await expect(options.filter(has_text="aspect_ratio")).to_be_visible()
        await self.type("aspect")
        await expect(options).to_have_count(1)
        await self.press("Enter")
        await expect(self.page.get_by_role("combobox", name="aspect_ratio")).to_be_focused()
        await expect(options.filter(has_text="Square 1:1")).to_be_visible()
        await self.type("16:9")
        await expect(options).to_have_count(1)

    async def save(self, name: str, part: Locator | None = None) -> None:
        """Pictures in both colour schemes, where SCREENSHOTS names a directory.

        Of the page as far as it is in the window, or of `part`, as far as the window is large
        enough.
        """
        directory = os.environ.get("SCREENSHOTS")
        if directory and part:  # the focus' outline may reach into it, and the pointer's menu
            await self.page.evaluate("document.activeElement.blur()")
            await self.page.mouse.move(0, 0)
        for scheme in SCHEMES if directory else ():
            await self.page.emulate_media(color_scheme=scheme)
            path = Path(directory or "") / f"{name}-{scheme}.png"
            await (part or self.page).screenshot(path=path)


Open = Callable[..., Coroutine[Any, Any, Client]]
"""open_page(size=DESKTOP): a new window, with the composer focused."""

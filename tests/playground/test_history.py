"""Find it again: an image is saved, the bot is killed and started, another member sees it there."""

from __future__ import annotations

from pathlib import Path

from simcord.components import walk_components

from tests.playground.test_limits import SECONDS, restart
from tests.playground.test_whole import playing
from tests.playground.visitor import Message, Visitor, text


def thumbnails(message: Message) -> list[str]:
    """Where their bytes are, as Discord tells clients."""
    parts = walk_components(message["components"])
    return [each["media"]["url"] for each in parts if "media" in each]


async def switched_on(manager: Visitor) -> None:
    """Four clicks."""
    settings = await manager.command("settings")
    await manager.press(settings, "Review")
    await manager.says(settings, "**Saved images** · no")
    await manager.press_id(settings, "imagine:settings:ask:saving-0")
    change = "imagine:settings:set:saving-1-0"
    await manager.sees(lambda each: change in str(each["components"]))
    await manager.press_id(settings, change)
    await manager.says(settings, "**Saved images** · yes")


async def made(member: Visitor, prompt: str) -> None:
    reply = await member.command("imagine", prompt=prompt)
    await member.sees(lambda each: each["id"] == reply["id"] and each["attachments"])


async def test_an_image_is_saved_found_again_a_restart_later_and_deleted(tmp_path: Path) -> None:
    async with playing(tmp_path, seconds=SECONDS) as running:
        olivia, max_, nia = (Visitor(running, role) for role in ("owner", "member", "newcomer"))
        await switched_on(olivia)
        for prompt in ("an amber fox", "a green fox"):
            await made(max_, prompt)

        panel = await max_.command("history")
        panel = await max_.says(panel, "a green fox")
        assert len(set(thumbnails(panel))) == 2
        form = await max_.press(panel, "Filter")
        await max_.fill(form, text="AMBER")
        await max_.sees(lambda each: each["id"] == panel["id"] and "green" not in text(each))
        await max_.press(panel, "Image 1")
        await max_.says(panel, "## An image")
        await max_.press(panel, "Save")
        await max_.says(panel, "Saved: everybody")

        await restart(running)
        theirs = await nia.command("history")
        await nia.says(theirs, "No images yet")
        await nia.press(theirs, "Saved here")
        theirs = await nia.says(theirs, "an amber fox")
        assert "a green fox" not in text(theirs)
        assert len(thumbnails(theirs)) == 1

        await max_.press(panel, "Delete …")
        asked = await max_.sees(lambda each: "Delete this image?" in each["content"])
        await max_.press(asked, "Delete it")
        await max_.says(asked, "Deleted.")
        await max_.press(panel, "Back")
        await max_.says(panel, "No image matches")
        await nia.press(theirs, "✓ Saved here")
        await nia.says(theirs, "No saved image yet")
        assert len(list((tmp_path / "data" / "images").glob("*"))) == 2

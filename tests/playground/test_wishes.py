"""Preferences and styles with real processes: chosen once, and beyond a restart."""

from __future__ import annotations

from pathlib import Path

from tests.playground.test_limits import restart
from tests.playground.test_whole import playing
from tests.playground.visitor import Visitor, is_private, text

SECONDS = 0.3
"""A prediction's, on average."""


async def test_a_style_and_what_somebody_prefers_hold_for_the_next_image_after_a_restart(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, seconds=SECONDS) as running:
        owner, member = Visitor(running, "owner"), Visitor(running, "member")
        settings = await owner.command("settings")
        await owner.press(settings, "Styles …")
        form = await owner.press(settings, "Add …")
        await owner.fill(form, name="Noir", prefix="film noir,", suffix="")
        await owner.says(settings, "1 of 25")
        me = await member.command("me")
        await member.press(me, "Preferences …")
        await member.choose(me, "preferences:choose:aspect-ratio", "16:9")
        await member.says(me, "**Shape** · 16:9")
        await member.press(me, "Only for me")
        await member.says(me, "only you see them")

        await restart(running)
        reply = await member.command("imagine", prompt="a fox", style="noir")
        done = await member.says(reply, "AI-generated")

        assert is_private(done)
        assert "In the style **Noir**: “film noir,” before it" in text(done)
        assert "16:9" in text(done)
        await owner.press(settings, "Back")
        assert "styles: \\+ Noir" in text(owner.now(settings))

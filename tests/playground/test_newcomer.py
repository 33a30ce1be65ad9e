"""A newcomer's first quarter of an hour, with the bot's own process."""

from __future__ import annotations

from pathlib import Path

from tests.playground.test_history import switched_on
from tests.playground.test_limits import SECONDS, restart
from tests.playground.test_whole import playing, usage
from tests.playground.visitor import Message, Visitor, is_private, text


async def finished(who: Visitor, words: str) -> Message:
    """The newest image whose message says that."""
    return await who.sees(lambda each: words in text(each) and each["attachments"])


async def test_make_change_edit_save_find_it_a_restart_later_and_delete_it(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, seconds=SECONDS) as running:
        await switched_on(Visitor(running, "owner"))
        nia = Visitor(running, "newcomer")

        await nia.command("imagine", prompt="a fox in a hat")
        made = await finished(nia, "AI-generated")
        form = await nia.press(made, "Change image")
        await nia.fill(form, prompt="make the hat red")
        changed = await finished(nia, "changed from [↗]")
        form = await nia.press(changed, "Edit prompt")
        await nia.fill(form, prompt="make the hat blue")
        edited = await finished(nia, "edited from [↗]")
        assert not any(map(is_private, (made, changed, edited)))
        await usage(running)  # so that all of it is on record

        await nia.press(edited, "More")
        details = await nia.sees(lambda each: "Image details" in text(each))
        await nia.press(details, "Save")
        await nia.sees(lambda each: "Saved: everybody" in text(each))
        await restart(running)

        panel = await nia.command("history")
        await nia.says(panel, "make the hat red")
        form = await nia.press(panel, "Filter")
        await nia.fill(form, text="BLUE")
        await nia.sees(lambda each: each["id"] == panel["id"] and "red" not in text(each))
        await nia.press(panel, "Saved here")
        await nia.says(panel, "make the hat blue")
        await nia.press(panel, "Image 1")
        await nia.says(panel, "## An image")
        await nia.press(panel, "Delete …")
        asked = await nia.sees(lambda each: "Delete this image?" in text(each))
        await nia.press(asked, "Delete it")
        await nia.says(asked, "Deleted.")

        assert edited["id"] not in {each["id"] for each in nia.seen()}
        assert {made["id"], changed["id"]} <= {each["id"] for each in nia.seen()}
        assert len(running.small.invoice) == 3

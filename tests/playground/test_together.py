"""Creating together, with a real process that is killed on the way."""

from __future__ import annotations

from pathlib import Path

from playground.stage import Stage
from tests.playground.test_limits import restart
from tests.playground.test_whole import playing, usage
from tests.playground.visitor import Message, Visitor, text

#: Two, two again, and one that was changed, which was edited.
MADE = 6


async def delivered(who: Visitor, words: str) -> Message:
    return await who.sees(lambda each: words in text(each) and each["attachments"])


def second_image(running: Stage, form: str) -> str:
    """The second value of the form's menu."""
    modal = running.world.backend.interactions[int(form)].modal
    assert modal is not None
    menu = next(part["component"] for part in modal["components"] if "options" in part["component"])
    return str(menu["options"][1]["value"])


async def test_an_image_is_made_again_changed_and_edited_also_after_a_restart(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path) as running:
        await walk(running)


async def walk(running: Stage) -> None:
    max, nia = Visitor(running, "member"), Visitor(running, "newcomer")
    first = await max.command("imagine", prompt="an amber lighthouse", count="2")
    first = await max.says(first, "AI-generated")

    await nia.press(first, "Again")
    await delivered(nia, "again from [↗]")
    await restart(running)
    form = await nia.press(first, "Change image")
    await restart(running)  # while somebody types
    words = {"prompt": "make it snow", "which": [second_image(running, form)]}
    await running.world.submit(nia.id, form, words)
    changed = await delivered(nia, "changed from [↗]")
    form = await max.press(changed, "Edit prompt")
    await max.fill(form, prompt="make it rain")
    edited = await delivered(max, "edited from [↗]")

    await usage(running)  # so that its delivery is on record
    await max.press(edited, "More")
    details = await max.sees(lambda each: "Image details" in text(each))
    steps = [line for line in text(details).splitlines() if "↳" in line]
    assert ["edited" in steps[0], "changed" in steps[1]] == [True, True]
    assert len(running.small.invoice) == MADE

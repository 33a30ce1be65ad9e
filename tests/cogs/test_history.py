"""`/history`: what was made, sent again to whoever asked for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.turns import PLENTY
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


async def made(world: World, *prompts: str) -> Any:
    for prompt in prompts:
        await world.imagine(prompt=prompt)
    await world.env.advance_time(15)
    return await world.alice.slash(world.channel, "history")


async def test_history_lists_the_last_images_privately_newest_first(world: World) -> None:
    result = await made(world, "a red fox", "a blue fox")

    assert result.ephemeral
    lines = result.response.content.splitlines()[1:]
    assert [line.split(" · ")[1] for line in lines] == ["a blue fox", "a red fox"]


async def test_a_press_sends_that_image_again_to_them_alone(world: World) -> None:
    result = await made(world, "a red fox", "a blue fox")

    sent = await world.alice.click(result.response, label="2")

    assert sent.ephemeral
    assert [a.description for a in sent.response.attachments] == ["a red fox"]


async def test_somebody_elses_image_is_not_sent(world: World) -> None:
    await made(world, "a red fox")
    [image] = await world.bot.imagine.history(world.alice.id)
    theirs = await world.bob.slash(world.channel, "history")
    assert "No images yet" in theirs.response.content

    await world.imagine(world.bob, prompt="x")
    await world.env.advance_time(15)
    listed = await world.bob.slash(world.channel, "history")
    stored = world.env.backend.messages[world.channel.id][listed.response.id]
    stored.components[0]["components"][0]["custom_id"] = f"imagine:resend:{image.id}"

    sent = await world.bob.click(listed.response, custom_id=f"imagine:resend:{image.id}")

    assert sent.response.attachments == []
    assert "not stored" in sent.response.content


async def test_an_image_that_is_gone_from_the_disk_says_so(world: World) -> None:
    result = await made(world, "a red fox")
    for file in (world.folder / "images").iterdir():
        file.unlink()

    sent = await world.alice.click(result.response, label="1")

    assert "not stored" in sent.response.content


@pytest.mark.rules(capacity=PLENTY)
@pytest.mark.parametrize("prompt", ["[" * 100, "a" * 100, "\U0001f98a" * 60])
async def test_twenty_five_images_fit_one_message_and_have_a_button_each(
    world: World, prompt: str
) -> None:
    result = await made(world, *[prompt] * 20)

    assert len(result.response.content.encode("utf-16-le")) // 2 <= 2000 * 20 / 25
    buttons = [b for row in result.response.components for b in row["components"]]
    assert [b["label"] for b in buttons] == [str(n) for n in range(1, 21)]

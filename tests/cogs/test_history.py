"""`/history`: one's own images by pages, found by words and days, and what is done about one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cogs.test_desk import restarted
from tests.turns import PLENTY
from tests.world import World

pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(capacity=PLENTY, person=None)]


async def made(world: World, *prompts: str, who: Any = None, **options: Any) -> None:
    for prompt in prompts:
        await world.imagine(who, prompt=prompt, **options)
        await world.env.advance_time(15)


async def opened(world: World, who: Any = None, channel: Any = None) -> Any:
    """The panel's message."""
    result = await (who or world.alice).slash(channel or world.channel, "history")
    assert result.ephemeral
    return result.response


async def press(world: World, panel: Any, label: str, who: Any = None) -> Any:
    return await (who or world.alice).click(panel, label=label)


def parts(found: Any) -> list[dict[str, Any]]:
    """All components, in their order."""
    inner = [*found.get("components", ()), *filter(None, [found.get("accessory")])]
    return [found, *(each for part in inner for each in parts(part))]


def components(panel: Any) -> list[dict[str, Any]]:
    return [each for top in panel.components for each in parts(top)]


def texts(panel: Any) -> str:
    return "\n".join(each["content"] for each in components(panel) if "content" in each)


def labels(panel: Any) -> list[str]:
    return [each["label"] for each in components(panel) if each.get("type") == 2]


def prompts(panel: Any) -> list[str]:
    return [line[2:] for line in texts(panel).splitlines() if line.startswith("> ")]


async def filtered(world: World, panel: Any, **said: str) -> Any:
    form = await press(world, panel, "Filter")
    return await world.alice.submit_modal(form, said)


async def test_the_own_images_are_listed_privately_newest_first(world: World) -> None:
    await made(world, "a red fox", "a blue fox")

    panel = await opened(world)

    assert prompts(panel) == ["a blue fox", "a red fox"]

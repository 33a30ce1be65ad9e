"""A new server with a real process: asked, answered, and what was asked for goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from simcord.components import walk_components

from playground.replicate import Faults
from playground.serving import claim
from playground.stage import Plan, Stage, stage
from tests.playground.test_limits import Panel, ask, image, refused, restart
from tests.playground.test_whole import PATIENCE, messages, person, until


@asynccontextmanager
async def new_server(folder: Path) -> AsyncIterator[Stage]:
    data = folder / "data"
    data.mkdir()
    settings = {"NEW_SERVERS": "ask"}
    plan = Plan(claim(0), folder, data, 0.3, Faults.parse(()), settings=settings)
    async with asyncio.timeout(PATIENCE), stage(plan) as running:
        await running.ready()
        yield running


def labelled(running: Stage, panel: dict[str, Any], label: str) -> str:
    """The custom id of a panel's button."""
    owner = person(running, "owner")
    [shown] = [each for each in messages(running, owner) if each["id"] == panel["id"]]
    parts = walk_components(shown["components"])
    return next(str(part["custom_id"]) for part in parts if part.get("label") == label)


async def test_a_manager_sets_a_new_server_up_and_their_image_arrives(tmp_path: Path) -> None:
    async with new_server(tmp_path) as running:
        assert "Manage Server" in await refused(running)
        asked = await ask(running, "owner")
        panel = Panel(running, "owner", asked)

        await panel.press(labelled(running, asked, "Everywhere"))
        await panel.press(labelled(running, asked, "Open"))
        owner = person(running, "owner")
        await until(running, lambda: any(m["attachments"] for m in messages(running, owner)))

        assert "`/imagine` works now" in panel.text
        await image(running)


@pytest.mark.fault(
    "the bot is killed (-9) while a manager sets a new server up",
    sees="the panel, which goes on where it was; `/imagine` has to be typed again",
    charged="nothing",
)
async def test_a_restart_between_the_answers_keeps_them(tmp_path: Path) -> None:
    async with new_server(tmp_path) as running:
        asked = await ask(running, "owner")
        panel = Panel(running, "owner", asked)
        await panel.press(labelled(running, asked, "Everywhere"))
        await restart(running)

        await panel.press(labelled(running, asked, "Open"))

        assert "`/imagine` works now" in panel.text
        assert running.small.invoice == []
        await image(running)

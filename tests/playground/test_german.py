"""The bot's own process where people and their server speak German."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playground.replicate import Faults
from playground.serving import claim
from playground.stage import Plan, Stage, stage
from tests.playground.test_whole import PATIENCE
from tests.playground.visitor import Visitor, text


@asynccontextmanager
async def german(folder: Path) -> AsyncIterator[Stage]:
    data = folder / "data"
    data.mkdir()
    settings = {"NEW_SERVERS": "ask"}
    plan = Plan(claim(0), folder, data, 0.3, Faults.parse(()), settings=settings, locale="de")
    async with asyncio.timeout(PATIENCE), stage(plan) as running:
        await running.ready()
        yield running


async def test_a_server_is_set_up_and_moderated_in_its_language(tmp_path: Path) -> None:
    async with german(tmp_path) as running:
        olivia, max = Visitor(running, "owner"), Visitor(running, "member")
        assert "Dieser Bot ist hier neu" in text(await max.command("imagine", prompt="ein Fuchs"))

        asked = await olivia.command("imagine", prompt="ein Fuchs")
        await olivia.press(asked, "Überall")
        await olivia.press(asked, "Offen")
        await olivia.says(asked, "## `/imagine` funktioniert jetzt")
        panel = await olivia.command("settings")
        assert "## Einstellungen dieses Servers" in text(panel)
        form = await olivia.press(panel, "Ändern")
        await olivia.fill(form, zone="Mitteleuropa")
        wrong = await olivia.sees(lambda each: "Nichts wurde geändert." in text(each))
        assert "**Zeitzone**: Gib einen Namen an, wie UTC oder Europe/Berlin." in text(wrong)

        said = await max.command("usage")
        await max.says(said, "**Heute** · 0 Bilder")


async def test_commands_are_described_in_german(tmp_path: Path) -> None:
    async with german(tmp_path) as running:
        backend = running.world.backend
        commands = {each["name"]: each for each in backend.commands[None].values()}

        said = commands["imagine"]["description_localizations"]
        assert said["de"] == "Aus Worten ein Bild machen"

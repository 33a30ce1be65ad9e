"""One run of the real bot that all tests of what it shows look at."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.operating.watched import watched
from tests.playground.test_limits import PROMPT
from tests.playground.test_whole import person


@dataclass(frozen=True)
class Seen:
    """What a bot showed that has made an image: its page, its log, and what must be in neither."""

    page: str
    log: list[dict[str, Any]]
    private: dict[str, str] = field(repr=False)

    @property
    def families(self) -> dict[str, Metric]:
        """By the names that the page's TYPE lines have."""
        found = text_string_to_metric_families(self.page)
        return {each.name + ("_total" if each.type == "counter" else ""): each for each in found}


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    async def run() -> Seen:
        async with watched(tmp_path_factory.mktemp("watched")) as here:
            await here.imagine()
            _, page = await here.page("/metrics")
            settings = here.running.command.settings
            private = {
                "prompt": PROMPT,
                "person": person(here.running),
                "token": settings["DISCORD_TOKEN"],
                "server": str(here.running.world.guild_id),
            }
        return Seen(page, here.log(), private)

    return asyncio.run(run())

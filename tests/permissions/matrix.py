"""Who may do what, as one table: every cell of it is performed with the real bot."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.permissions.actions import ACTIONS
from tests.permissions.scene import PEOPLE, REFUSALS, scenes
from tests.world import World, open_world

HEAD = f"| | {' | '.join(PEOPLE)} |"


async def row(world: World, action: str) -> str:
    """The action's line, tried by everybody in the same new world."""
    act = ACTIONS[action]
    cells = [shown(await act(scene)) async for scene in scenes(world)]
    return f"| {action} | {' | '.join(cells)} |"


def shown(verdict: str) -> str:
    return f"– ({verdict})" if verdict in REFUSALS else verdict


def refusals() -> str:
    """What the letters stand for."""
    return "\n".join(f"- ({letter}) “{words}”" for letter, words in REFUSALS.items())


async def matrix() -> str:
    """All of it; each line takes a second."""
    rows = []
    for action in ACTIONS:
        with tempfile.TemporaryDirectory() as folder:
            async with open_world(Path(folder)) as world:
                with world.env.time_context():
                    rows.append(await row(world, action))
    head = "\n".join((HEAD, "|---" * (len(PEOPLE) + 1) + "|"))
    return "\n".join((head, *rows)) + f"\n\n{refusals()}"

"""The playground's server has an AutoMod rule, and the bot applies it: over real sockets."""

from __future__ import annotations

from pathlib import Path

from playground.stage import Stage
from tests.playground.test_limits import EPHEMERAL, SECONDS, Panel, ask, image, restart
from tests.playground.test_whole import playing

RULE = "No slop"


async def read(running: Stage, words: str) -> None:
    """Once the panel says so: the bot reads in the background."""
    panel = await Panel.opened(running, "settings")
    while True:
        await panel.press("imagine:automod:open:")
        if words in panel.text:
            return
        await panel.press("imagine:settings:open:")


async def refused(running: Stage, prompt: str) -> str:
    answer = await ask(running, prompt=prompt)
    assert answer["flags"] & EPHEMERAL
    return str(answer["content"])


async def test_a_rule_holds_from_the_start_as_changed_and_after_a_restart(tmp_path: Path) -> None:
    async with playing(tmp_path, seconds=SECONDS) as running:
        await read(running, f"{RULE}: 1 keyword")
        assert "No slop here" in await refused(running, "a Sloppy fox")
        await image(running, prompt="a fox on a slope")

        backend = running.world.backend
        [rule] = backend.get_guild(running.world.guild_id).auto_mod_rules.values()
        about = {**rule.trigger_metadata, "keyword_filter": ["slop*", "slope"], "allow_list": []}
        backend.edit_auto_mod_rule(rule.guild_id, rule.id, {"trigger_metadata": about})
        await read(running, f"{RULE}: 2 keywords")
        assert "No slop here" in await refused(running, "a fox on a slope")

        await restart(running)

        assert "No slop here" in await refused(running, "slop")
        assert len(running.small.invoice) == 1

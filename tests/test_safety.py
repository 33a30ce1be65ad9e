"""docs/safety.md: everything that it tells somebody in a hurry to type is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.commands import app
from bot.settings.config import Settings
from bot.settings.setting import reference
from tests.world import World

TEXT = (Path(__file__).parents[1] / "docs" / "safety.md").read_text(encoding="utf-8")

#: What stands for something that only the reader has.
STANDS_FOR = {
    "LINK": "https://discord.com/channels/1/2/3",
    "SHA256": "ab" * 32,
    "HASH": "ab" * 32,
    "USER_ID": "5",
    "GUILD_ID": "7",
}

COMMANDS = sorted(
    {
        " ".join(found.split())
        for found in re.findall(r"python -m bot ([^`#\n]+)", TEXT.replace("\n   ", " "))
    }
)


@pytest.mark.parametrize("typed", COMMANDS)
def test_every_command_can_be_typed_as_it_stands_there(typed: str) -> None:
    words = [STANDS_FOR.get(word, word) for word in shlex.split(typed)]

    # What it does not know it refuses first; else it explains itself, and does nothing.
    outcome = CliRunner().invoke(app, [*words, "--help"])

    assert outcome.exit_code == 0, outcome.output
    assert f"{words[0]} " in outcome.output


def test_there_are_commands_to_check() -> None:
    assert {each.split()[0] for each in COMMANDS} >= {"takedown", "block", "pause", "audit"}


def test_every_setting_that_it_names_exists() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", TEXT))

    assert named - set(STANDS_FOR) <= {setting.key for setting in reference(Settings)}


@pytest.mark.usefixtures("env")
async def test_every_command_in_discord_that_it_names_exists(world: World) -> None:
    known = {f"/{each.qualified_name}" for each in world.bot.tree.walk_commands()}
    named = set(re.findall(r"`(/[a-z]+(?: [a-z]+)?)`", TEXT))

    assert len(named) > 3
    assert named <= known


def test_every_place_that_it_points_to_exists() -> None:
    folder = Path(__file__).parents[1] / "docs"
    for name, anchor in re.findall(r"\]\(([\w.]+)(?:#([\w-]+))?\)", TEXT):
        text = (folder / name).read_text(encoding="utf-8")
        headings = {
            re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
            for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        }
        assert not anchor or anchor in headings

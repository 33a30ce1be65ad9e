"""docs/commands.md: every command with its options, in Discord and on the command line."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import discord
import typer

from bot.cli.commands import app
from bot.domain.command import COMMON, NAME
from bot.domain.offer import Offer
from bot.replicate import catalogue
from tests.documents.pages import table
from tests.world import open_world

#: Whom Discord shows a command, unless a server's managers say otherwise.
_SHOWN_TO = {
    None: "everybody",
    discord.Permissions(manage_guild=True).value: "members with Manage Server",
    discord.Permissions(moderate_members=True).value: "members with Timeout Members",
}
_SUBCOMMAND, _OF_A_MESSAGE = 1, 3
_TEXT_MODEL = "maker/words"


@cache
def registered() -> list[dict[str, Any]]:
    """What Discord is told, where all models that are shipped are on offer and prompts improved."""

    async def ask() -> list[dict[str, Any]]:
        rules = {"offer": Offer(catalogue.load(catalogue.names())), "prompt_model": _TEXT_MODEL}
        with tempfile.TemporaryDirectory() as folder:
            async with open_world(Path(folder), **rules) as world:
                tree = world.bot.tree
                found = [each.to_dict(tree) for each in tree.get_commands()]
        return sorted(found, key=lambda each: str(each["name"]))

    return asyncio.run(ask())


def slash() -> str:
    rows = []
    for command in registered():
        shown_to = _SHOWN_TO[command["default_member_permissions"]]
        for name, about, options in _leaves(command):
            rows.append((f"`/{name}`", shown_to, about, _explained(name, options)))
    return table(("Command", "Shown to", "Does", "Options"), rows)


def _leaves(command: Mapping[str, Any]) -> Iterator[tuple[str, str, Sequence[Any]]]:
    """A command, or the ones below it; its name, what it does, its options."""
    if command["type"] == _OF_A_MESSAGE:
        return
    options = command.get("options", [])
    below = [each for each in options if each["type"] == _SUBCOMMAND]
    for each in below:
        yield f"{command['name']} {each['name']}", each["description"], each["options"]
    if not below:
        yield command["name"], command["description"], options


def _explained(command: str, options: Sequence[Mapping[str, Any]]) -> str:
    """Each option on a line; those of a model, which another one may not have, on the last."""
    shown, models = [], []
    for each in options:
        if command == NAME and each["name"] not in COMMON:
            models.append(f"`{each['name']}`")
            continue
        needed = " (needed)" if each["required"] else ""
        shown.append(f"`{each['name']}`{needed}: {each['description']}")
    if models:
        shown.append(f"and what the models on offer take; of those that ship: {', '.join(models)}")
    return "\n".join(shown) or "–"


def menu() -> str:
    """The entries of a message's *Apps* menu."""
    found = (each["name"] for each in registered() if each["type"] == _OF_A_MESSAGE)
    return ", ".join(f"*{name}*" for name in found)


def command_line() -> str:
    rows = [
        (f"`{_usage(name, command)}`", _paragraphs(command.help), _with_help(command))
        for name, command in sorted(_below(typer.main.get_command(app), "python -m bot"))
    ]
    return table(("Command", "Does", "Options"), rows)


def _below(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(command, typer.core.TyperGroup):
        yield name, command
        return
    for each, below in command.commands.items():
        yield from _below(below, f"{name} {each}")


def _paragraphs(text: str) -> str:
    return "\n".join(" ".join(each.split()) for each in text.split("\n\n"))


def _usage(name: str, command: Any) -> str:
    return " ".join([name, *(_in_usage(each) for each in command.params)])


def _in_usage(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        shown = parameter.metavar
        return shown if parameter.required or shown.startswith("[") else f"[{shown}]"
    return f"[{_option(parameter)}]" + ("..." if parameter.multiple else "")


def _option(parameter: Any) -> str:
    [name] = parameter.opts
    if parameter.is_flag:
        return str(name)
    default = parameter.default
    known = "|".join(type(default)) if isinstance(default, Enum) else None
    return f"{name} {parameter.metavar or known or name.strip('-').upper()}"


def _with_help(command: Any) -> str:
    shown = (each for each in command.params if each.help)
    return "\n".join(f"`{_name(each)}`: {each.help}" for each in shown) or "–"


def _name(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    return _option(parameter) if is_option else str(parameter.metavar)

"""A slash command whose options are known only once the models on offer are."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.domain.command import ABOUT, LONGEST_STRING, MOST_CHOICES, NAME, Field
from bot.domain.model import Choice, Kind

#: What an option can be, there.
Suggest = Callable[[discord.Interaction[Any]], Sequence[Choice]]
Run = Callable[[discord.Interaction[Any], Mapping[str, Any]], Awaitable[None]]


def slash(
    fields: Sequence[Field], run: Run, live: Mapping[str, Suggest] | None = None
) -> app_commands.Command[Any, ..., None]:
    """The command; `run` gets, by their names, the options that somebody filled in.

    `live`, by their names: what is suggested for those whose choices depend on the place.

    discord.py reads a command's options from a function's signature, so one is written for it.
    """
    # Options may have names that Python's parameters cannot have.
    parameters = {f"option_{number}": field for number, field in enumerate(fields)}

    async def imagine(interaction: discord.Interaction[Any], **values: Any) -> None:
        given = {
            parameters[name].name: value for name, value in values.items() if value is not None
        }
        await run(interaction, given)

    own = inspect.Parameter.POSITIONAL_OR_KEYWORD
    interaction = inspect.Parameter("interaction", own, annotation=discord.Interaction)
    described = [_parameter(name, field) for name, field in parameters.items()]
    imagine.__signature__ = inspect.Signature([interaction, *described])  # type: ignore[attr-defined]  # what inspect.signature looks for first
    decorated: Any = imagine
    for decorate in _decorations(parameters, live or {}):
        decorated = decorate(decorated)
    return app_commands.Command(name=NAME, description=ABOUT, callback=decorated)


def _parameter(name: str, field: Field) -> inspect.Parameter:
    annotation: Any = _annotation(field)
    default = inspect.Parameter.empty if field.required else None
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    if not field.required:
        annotation = annotation | None if isinstance(annotation, type) else annotation
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _annotation(field: Field) -> Any:
    match field.kind:
        case None:
            return discord.Attachment
        case Kind.BOOLEAN:
            return bool
        case Kind.STRING:
            longest = int(min(field.maximum or LONGEST_STRING, LONGEST_STRING))
            shortest = int(max(field.minimum or 0, field.required))
            return str if field.choices else app_commands.Range[str, shortest, longest]
        case Kind.INTEGER:
            return _range(int, field)
        case Kind.NUMBER:
            return _range(float, field)


def _range(kind: type[int | float], field: Field) -> Any:
    """Choices need no range, and discord.py takes none without any bound."""
    bounds = [None if bound is None else kind(bound) for bound in (field.minimum, field.maximum)]
    if field.choices or bounds == [None, None]:
        return kind
    return app_commands.Range[kind, *bounds]


def _decorations(
    parameters: Mapping[str, Field], live: Mapping[str, Suggest]
) -> list[Callable[[Any], Any]]:
    about = {name: field.description for name, field in parameters.items()}
    renamed = {name: field.name for name, field in parameters.items()}
    listed = {
        name: [_choice(choice) for choice in field.choices]
        for name, field in parameters.items()
        if field.choices and not field.suggests
    }
    suggested = {
        name: _suggestions(live.get(field.name, _listed(field.choices)))
        for name, field in parameters.items()
        if field.suggests
    }
    return [
        app_commands.describe(**about),
        app_commands.rename(**renamed),
        app_commands.choices(**listed),
        app_commands.autocomplete(**suggested),
    ]


def _choice(choice: Choice) -> app_commands.Choice[Any]:
    return app_commands.Choice(name=choice.label, value=choice.value)


def _listed(choices: Sequence[Choice]) -> Suggest:
    return lambda _: choices


def _suggestions(listed: Suggest) -> Callable[..., Any]:
    """From memory: Discord waits for three seconds, and asks at every key."""

    async def suggest(
        interaction: discord.Interaction[Any], typed: str
    ) -> list[app_commands.Choice[Any]]:
        return [_choice(choice) for choice in suggested(listed(interaction), str(typed))]

    return suggest


def suggested(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """Those that contain what was typed, those that begin with it first; as many as are shown."""
    wanted = typed.strip().casefold()
    found = [choice for choice in choices if wanted in choice.label.casefold()]
    found.sort(key=lambda choice: not choice.label.casefold().startswith(wanted))
    return found[:MOST_CHOICES]

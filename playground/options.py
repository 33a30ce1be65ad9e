"""What Discord's client checks before it sends a command, said as a person would read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simcord.backend.errors import OptionError, SetupError
from simcord.enums import AppCommandType, OptionType
from simcord.interactions import nest_options, parse_option_input, walk_to_subcommand

from playground.errors import WorldError
from playground.resolved import Kind, Resolved

_KINDS = {
    OptionType.USER: (Kind.USER,),
    OptionType.CHANNEL: (Kind.CHANNEL,),
    OptionType.ROLE: (Kind.ROLE,),
    OptionType.MENTIONABLE: (Kind.USER, Kind.ROLE),
}


def fill(
    command: Mapping[str, Any], path: list[str], typed: Mapping[str, str], resolved: Resolved
) -> dict[str, Any]:
    """The `data` of an interaction that runs `command`, from what was typed.

    `path` are the names of subcommand groups and subcommands below the command, mostly none;
    people, roles, channels and files are given by their ids, and enclosed in `resolved`.
    Raises WorldError for anything that Discord's client would not have let through.
    """
    try:
        leaf, nesting = walk_to_subcommand(dict(command), path)
    except SetupError:
        raise WorldError(f"There is no command /{' '.join([command['name'], *path])}.") from None
    declared = {option["name"]: option for option in leaf.get("options") or []}
    _refuse_unknown_and_missing(command["name"], declared, typed)
    leaf_options = [
        {
            "name": name,
            "type": option["type"],
            "value": _value(command["name"], option, typed[name], resolved),
        }
        for name, option in declared.items()
        if name in typed
    ]
    options = nest_options(dict(command), nesting, leaf_options)
    named = {"id": command["id"], "name": command["name"], "type": AppCommandType.CHAT_INPUT}
    return {**named, "options": options}


def typing(command: Mapping[str, Any], path: list[str], option: str, typed: str) -> dict[str, Any]:
    """The `data` of an interaction that asks what to suggest for `option`, so far `typed`.

    Raises WorldError where nothing is suggested.
    """
    leaf, nesting = walk_to_subcommand(dict(command), path)
    options = leaf.get("options") or []
    declared: Mapping[str, Any] = next((each for each in options if each["name"] == option), {})
    if not declared.get("autocomplete"):
        raise WorldError(f"/{command['name']} suggests nothing for “{option}”.")
    asked = {"name": option, "type": declared["type"], "value": typed, "focused": True}
    nested = nest_options(dict(command), nesting, [asked])
    named = {"id": command["id"], "name": command["name"], "type": AppCommandType.CHAT_INPUT}
    return {**named, "options": nested}


def _refuse_unknown_and_missing(
    command: str, declared: Mapping[str, Mapping[str, Any]], typed: Mapping[str, str]
) -> None:
    for name in typed:
        if name not in declared:
            raise WorldError(f"/{command} has no option “{name}”.")
    for name, option in declared.items():
        if option["type"] in (OptionType.SUBCOMMAND, OptionType.SUBCOMMAND_GROUP):
            raise WorldError(f"/{command} needs one of its subcommands, such as “{name}”.")
        if option.get("required") and name not in typed:
            raise WorldError(f"Fill in “{name}”: /{command} requires it.")


def _value(command: str, option: dict[str, Any], typed: str, resolved: Resolved) -> Any:
    if option["type"] in _KINDS:
        types = option.get("channel_types") or ()
        return resolved.take(typed, *_KINDS[option["type"]], channel_types=types)
    if option["type"] == OptionType.ATTACHMENT:
        return resolved.take_file(typed)
    booleans = {"true": True, "false": False}
    raw: Any = booleans.get(typed.lower(), typed) if option["type"] == OptionType.BOOLEAN else typed
    try:
        return parse_option_input(command, option, raw)
    except OptionError as error:
        raise WorldError(_sentence(option, error.code, typed)) from None


def _sentence(option: Mapping[str, Any], code: str, typed: str) -> str:
    name = f"“{option['name']}”"
    if code == "option-choice":
        labels = ", ".join(f"{choice['name']} ({choice['value']})" for choice in option["choices"])
        return f"{name} must be one of: {labels}."
    if code == "option-length":
        low, high = option.get("min_length", 0), option.get("max_length", 6000)
        return f"{name} takes {low} to {high:,} characters; this is {len(typed):,}."
    if code in ("option-range", "option-integer-range"):
        low, high = option.get("min_value", "any"), option.get("max_value", "any")
        return f"{name} must be a number from {low} to {high}."
    kinds = {
        OptionType.INTEGER: "a whole number",
        OptionType.NUMBER: "a number",
        OptionType.BOOLEAN: "true or false",
    }
    kind = kinds.get(option["type"])
    return f"{name} must be {kind}." if kind else f"{name} cannot be filled in from the playground."

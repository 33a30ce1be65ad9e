"""What Discord's client checks before it sends a command, said as a person would read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simcord.backend.errors import OptionError, SetupError
from simcord.backend.models import Message
from simcord.components import walk_components
from simcord.enums import ComponentType, OptionType
from simcord.interactions import nest_options, parse_option_input, walk_to_subcommand

_LINK_STYLES = (5, 6)  # link and premium buttons never reach the application


class WorldError(Exception):
    """Something a person cannot do here; the text is a sentence for that person."""


def fill(
    command: Mapping[str, Any], path: list[str], typed: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The `options` of an interaction for `command`, from what was typed.

    `path` are the names of subcommand groups and subcommands below the command, mostly none.
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
            "value": _value(command["name"], option, typed[name]),
        }
        for name, option in declared.items()
        if name in typed
    ]
    return nest_options(dict(command), nesting, leaf_options)


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


def _value(command: str, option: dict[str, Any], typed: str) -> Any:
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


def pressed(message: Message, custom_id: str) -> Mapping[str, Any]:
    """The button that carries this id. Raises WorldError if nobody can press it."""
    for component in walk_components(message.components):
        if component.get("type") != ComponentType.BUTTON or component.get("custom_id") != custom_id:
            continue
        if component.get("disabled") or component.get("style") in _LINK_STYLES:
            raise WorldError("That button cannot be pressed now.")
        return component
    raise WorldError("That button is no longer there.")

"""Buttons and select menus of a message: what a person can do with them, and what is sent then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simcord.backend.models import Message
from simcord.components import walk_components
from simcord.enums import SELECT_TYPES, ComponentType

from playground.errors import WorldError
from playground.resolved import Kind, Resolved

_LINK_STYLES = (5, 6)  # link and premium buttons never reach the application

_KINDS = {
    ComponentType.USER_SELECT: (Kind.USER,),
    ComponentType.ROLE_SELECT: (Kind.ROLE,),
    ComponentType.MENTIONABLE_SELECT: (Kind.USER, Kind.ROLE),
    ComponentType.CHANNEL_SELECT: (Kind.CHANNEL,),
}


def pressed(message: Message, custom_id: str) -> dict[str, Any]:
    """The `data` of a press of this button. Raises WorldError if nobody can press it."""
    button = _find(message, custom_id, (ComponentType.BUTTON,))
    if button is None:
        raise WorldError("That button is no longer there.")
    if button.get("disabled") or button.get("style") in _LINK_STYLES:
        raise WorldError("That button cannot be pressed now.")
    return _named(button)


def chosen(
    message: Message, custom_id: str, values: Sequence[str], resolved: Resolved
) -> dict[str, Any]:
    """The `data` of choosing `values` in this select menu.

    Raises WorldError for anything that Discord's client would not have let through.
    """
    select = _find(message, custom_id, SELECT_TYPES)
    if select is None:
        raise WorldError("That menu is no longer there.")
    if select.get("disabled"):
        raise WorldError("That menu cannot be used now.")
    return {**_named(select), "values": choice(select, values, resolved)}


def choice(select: Mapping[str, Any], values: Sequence[str], resolved: Resolved) -> list[str]:
    """What was chosen in a select menu, checked; people, roles and channels by their ids."""
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    if len(set(values)) != len(values) or not low <= len(values) <= high:
        raise WorldError(f"Choose {amount(low, high)} here.")
    kind = ComponentType(select["type"])
    if kind is ComponentType.STRING_SELECT:
        require_options(select, values)
        return list(values)
    types = select.get("channel_types") or ()
    return [resolved.take(value, *_KINDS[kind], channel_types=types) for value in values]


def require_options(component: Mapping[str, Any], values: Sequence[str]) -> None:
    """Raises WorldError for a value that is none of the component's options."""
    offered = {option["value"] for option in component.get("options") or []}
    for value in values:
        if value not in offered:
            raise WorldError(f"“{value}” is not offered here.")


def amount(low: int, high: int) -> str:
    """“1 to 3 values”, for a sentence."""
    if low == high:
        return "one value" if low == 1 else f"{low} values"
    return f"{low} to {high} values"


def _find(
    message: Message, custom_id: str, kinds: Sequence[ComponentType]
) -> dict[str, Any] | None:
    for component in walk_components(message.components):
        if component.get("type") in kinds and component.get("custom_id") == custom_id:
            return component
    return None


def _named(component: Mapping[str, Any]) -> dict[str, Any]:
    data = {"custom_id": component["custom_id"], "component_type": component["type"]}
    return {**data, "id": component["id"]} if "id" in component else data

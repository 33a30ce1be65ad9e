"""Forms that the bot opens: what the page shows of one, and what is sent when it is submitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simcord.backend.models import Interaction
from simcord.components import walk_components
from simcord.enums import SELECT_TYPES, ComponentType

from playground.backend import spell_ids
from playground.components import amount, choice, require_options
from playground.errors import WorldError
from playground.resolved import Resolved

Modal = dict[str, Any]
"""`id` (to submit it with), `custom_id`, `title` and `components`, as Discord's client has them."""

TEXT_MAX_LENGTH = 4000
"""Characters of a text input that states no limit of its own (Discord, component reference)."""


def opened(record: Interaction) -> Modal | None:
    """The form that the bot answered this interaction with, if it did."""
    if record.modal is None:
        return None
    spell_ids(record.modal["components"])
    return {"id": str(record.id), **record.modal}


def filled(modal: Modal, values: Mapping[str, Any], resolved: Resolved) -> list[dict[str, Any]]:
    """The `components` of the submission, from the `values` by custom id.

    A text input takes a string, a select menu and a checkbox group a list of strings, a radio
    group a string or None, a checkbox a boolean, a file upload a list of what `World.attached`
    returned; what is missing was left as the form came.
    Raises WorldError for anything that Discord's client would not have let through.
    """
    known = {field.get("custom_id") for field in walk_components(modal["components"])}
    for custom_id in values:
        if custom_id not in known:
            raise WorldError(f"This form has no field “{custom_id}”.")
    return [_component(component, values, resolved) for component in modal["components"]]


def _component(
    component: Mapping[str, Any], values: Mapping[str, Any], resolved: Resolved
) -> dict[str, Any]:
    """The answer to one component, nested as the form is."""
    kind = ComponentType(component["type"])
    shell = {"type": component["type"], "id": component["id"]}
    if kind is ComponentType.TEXT_DISPLAY:
        return shell
    if kind is ComponentType.LABEL:
        return {**shell, "component": _component(component["component"], values, resolved)}
    if kind is ComponentType.ACTION_ROW:
        children = [_component(child, values, resolved) for child in component["components"]]
        return {**shell, "components": children}
    given = values.get(component["custom_id"], _preset(component))
    if kind in SELECT_TYPES:
        answer: dict[str, Any] = {"values": _selected(component, given, resolved)}
    elif kind is ComponentType.FILE_UPLOAD:
        ids = _several(component, given, component.get("max_values", 1))
        answer = {"values": [resolved.take_file(id) for id in ids]}
    else:
        answer = _FIELDS[kind](component, given)
    return {**shell, "custom_id": component["custom_id"], **answer}


def _preset(component: Mapping[str, Any]) -> Any:
    """What the field holds when the form opens."""
    options = [
        option["value"] for option in component.get("options") or [] if option.get("default")
    ]
    match ComponentType(component["type"]):
        case ComponentType.TEXT_INPUT:
            return component.get("value") or ""
        case ComponentType.RADIO_GROUP:
            return options[0] if options else None
        case ComponentType.CHECKBOX:
            return component.get("default", False)
        case _:
            entities = component.get("default_values") or []
            return [*options, *(entity["id"] for entity in entities)]


def _required(component: Mapping[str, Any]) -> bool:
    return bool(component.get("required", True))


def _text(component: Mapping[str, Any], given: Any) -> dict[str, Any]:
    if not isinstance(given, str):
        raise WorldError("A text field takes text.")
    if not given and _required(component):
        raise WorldError("Fill in every field that is required.")
    low, high = component.get("min_length", 0), component.get("max_length", TEXT_MAX_LENGTH)
    if len(given) > high or 0 < len(given) < low:
        raise WorldError(f"This takes {low:,} to {high:,} characters; it has {len(given):,}.")
    return {"value": given}


def _strings(given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(value, str) for value in given):
        raise WorldError("A menu takes a list of values.")
    return given


def _selected(component: Mapping[str, Any], given: Any, resolved: Resolved) -> list[str]:
    values = _strings(given)
    if not values:
        if _required(component):
            raise WorldError("Fill in every field that is required.")
        return []
    return choice(component, values, resolved)


def _radio(component: Mapping[str, Any], given: Any) -> dict[str, Any]:
    if given is None:
        if _required(component):
            raise WorldError("Choose one value here.")
        return {"value": None}
    if not isinstance(given, str):
        raise WorldError("A radio group takes one value.")
    require_options(component, [given])
    return {"value": given}


def _several(component: Mapping[str, Any], given: Any, high: int) -> list[str]:
    values = _strings(given)
    if not values and not _required(component):
        return []
    low = component.get("min_values", 1)
    if len(set(values)) != len(values) or not low <= len(values) <= high:
        raise WorldError(f"Choose {amount(low, high)} here.")
    return values


def _checkboxes(component: Mapping[str, Any], given: Any) -> dict[str, Any]:
    high = component.get("max_values", len(component["options"]))
    values = _several(component, given, high)
    require_options(component, values)
    return {"values": values}


def _checkbox(component: Mapping[str, Any], given: Any) -> dict[str, Any]:
    if not isinstance(given, bool):
        raise WorldError("A checkbox is on or off.")
    return {"value": given}


_FIELDS: Mapping[ComponentType, Callable[[Mapping[str, Any], Any], dict[str, Any]]] = {
    ComponentType.TEXT_INPUT: _text,
    ComponentType.RADIO_GROUP: _radio,
    ComponentType.CHECKBOX_GROUP: _checkboxes,
    ComponentType.CHECKBOX: _checkbox,
}

"""The tables of docs/models.md: what is shipped, and by which names inputs are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.domain.model import Model
from bot.replicate import catalogue, roles, safety
from bot.text import money
from tests.documents.pages import table


def shipped() -> str:
    head = ("Model", "Title", "Can", "Price of an image", "As of, by whose word")
    rows = (
        (f"`{model.name}`", model.title, ", ".join(sorted(model.abilities)), *_price(model))
        for model in catalogue.load(catalogue.names())
    )
    return table(head, rows)


def _price(model: Model) -> tuple[str, str]:
    if model.price is None:
        return "not known", "–"
    return money(model.price.micros), f"{model.price.as_of}, {model.price.source}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


NAMES: Mapping[str, Callable[[], str]] = {
    "prompts": lambda: _listed(roles.PROMPTS),
    "pictures": lambda: _listed(roles.PICTURES),
    "degrees": lambda: _listed(tuple(safety.DEGREES)),
    "tolerances": lambda: _listed(safety.TOLERANCES),
}
"""By which names an input is known for what it is."""

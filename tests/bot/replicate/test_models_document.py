"""`docs/models.md` says what the tables and the shipped files say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.domain.model import Model
from bot.replicate import catalogue, roles, safety
from bot.text import money

DOCUMENT = Path(__file__).parents[3] / "docs" / "models.md"


def shipped() -> str:
    rows = [
        "| Model | Title | Can | Price of an image | As of, by whose word |",
        "|---|---|---|---|---|",
    ]
    for model in catalogue.every():
        can = ", ".join(sorted(model.abilities))
        rows.append(f"| `{model.name}` | {model.title} | {can} | {_price(model)} |")
    return "\n" + "\n".join(rows) + "\n"


def _price(model: Model) -> str:
    if model.price is None:
        return "not known | –"
    return f"{money(model.price.micros)} | {model.price.as_of}, {model.price.source}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


PARTS = {
    "shipped": shipped(),
    "prompts": _listed(roles.PROMPTS),
    "pictures": _listed(roles.PICTURES),
    "degrees": _listed(tuple(safety.DEGREES)),
    "tolerances": _listed(safety.TOLERANCES),
}


@pytest.mark.parametrize("part", PARTS)
def test_the_document_says_what_the_code_does(part: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {part} -->(.*?)<!-- /{part} -->", text, re.DOTALL)

    assert found, f"docs/models.md lacks <!-- {part} --> … <!-- /{part} -->"
    assert found[1] == PARTS[part]

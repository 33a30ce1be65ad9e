"""docs/moderation.md says what the code does."""

from __future__ import annotations

import pytest

from tests.moderation import DOCUMENT, TABLES, written


def test_the_tables_are_current() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert text == written(text), "run `python -m tests.moderation`"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_place(name: str) -> None:
    assert f"<!-- {name} -->" in DOCUMENT.read_text(encoding="utf-8")

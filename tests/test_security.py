"""The table of threats is true as far as a test can tell: what it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from bot.settings.config import Settings
from bot.settings.setting import reference

TESTS = Path(__file__).parent
TEXT = (TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")
#: Who, could, what stops them, proven by.
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith("| Who |")
]
PROOF = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


@cache
def defined(file: str) -> set[str]:
    """The tests of a file, as pytest collects them."""
    body = ast.parse((TESTS / file).read_text(encoding="utf-8")).body
    return {each.name for each in body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_test_that_is_named_exists() -> None:
    named = PROOF.findall(TEXT)
    assert len(named) > 50
    there = {file for file, _ in named if (TESTS / file).is_file()}
    assert [name for name in named if name[0] not in there or name[1] not in defined(name[0])] == []


def test_every_threat_has_its_proof_or_says_that_nothing_stops_it() -> None:
    assert len(ROWS) > 30
    unproven = [row for row in ROWS if not PROOF.search(row[3])]
    assert [row for row in unproven if not row[2].startswith("nothing")] == []


def test_every_setting_that_is_named_exists() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]{4,})`", TEXT))
    assert named <= {setting.key for setting in reference(Settings)}

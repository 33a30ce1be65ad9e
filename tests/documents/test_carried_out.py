"""What the pages tell an operator to type is carried out, where nobody outside is needed for it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bot import __version__
from tests.bot.command import imagine
from tests.bot.test_models import SOME
from tests.documents.typed import STANDS_FOR, everything

#: What asks Discord, the provider, a PostgreSQL server or whoever types: `tests/bot/test_cli*.py`,
#: `tests/bot/test_models.py` and `tests/bot/storage/test_move.py` carry these out.
OUTSIDE = {("run",), ("check",), ("sync",), ("init",), ("migrate",), ("models", "check")}


def commands() -> list[tuple[str, ...]]:
    """Each once, with what only the reader has filled in."""
    found: dict[tuple[str, ...], None] = {}
    for typed in everything():
        words = typed.after("python", "-m", "bot") or ("run",)
        asks = words[:2] == ("models", "add") and "--schema" not in words
        in_a_container = any(word.startswith("/") for word in words)
        if not (asks or in_a_container or {words[:1], words[:2]} & OUTSIDE):
            found[tuple(STANDS_FOR.get(word, word) for word in words)] = None
    return list(found)


@pytest.mark.sqlite("there is a file to back up")
@pytest.mark.parametrize("words", commands(), ids=" ".join)
async def test_a_command_of_the_pages_is_carried_out(
    tmp_path: Path, new_database: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(new_database, tmp_path / "data" / "imagine.db")
    await before(tmp_path, words)

    outcome = await imagine(tmp_path, *words, typed="y\n")

    assert outcome.code == (1 if names_what_is_not_there(words) else 0), outcome
    assert "Traceback" not in outcome.err
    assert outcome.out or outcome.err


async def before(folder: Path, words: tuple[str, ...]) -> None:
    """What the pages say comes first."""
    match words:
        case ("backup", path):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
        case ("restore", path, *_):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            assert (await imagine(folder, "backup", path)).code == 0
        case ("models", _, name, *_):
            (folder / "model.json").write_text(json.dumps(SOME), encoding="utf-8")
            await imagine(folder, "models", "add", name, "--schema", "model.json")


def names_what_is_not_there(words: tuple[str, ...]) -> bool:
    """A server, an entry or a message: of those a new database has none, and a sentence says so."""
    match words:
        case ("takedown", what, *_):
            return what not in {STANDS_FOR["SHA256"], "--list"}
        case ("audit" | "settings", *_):
            return "--guild" in words or "--head" in words
    return False


async def test_the_version_is_told(tmp_path: Path) -> None:
    assert (await imagine(tmp_path, "--version")).out == f"imagine {__version__}\n"

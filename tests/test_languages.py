"""Catalogues and the code: no sentence is missing, and none has lost what it is filled with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.language import FOLDER, LANGUAGES
from bot.language.catalogue import Catalogue, Entry, entries
from tests.sentences import MARKS, ROOT, constants, marked, sources

#: Languages in which every sentence is there. The others are in English where they are not.
COMPLETE = ("de", "es", "fr", "ja")
#: Languages that somebody has read who speaks them.
REVIEWED: tuple[str, ...] = ()
#: Whose constants are not marked: not yet, and what only the operator is told.
UNMARKED = ("notices",)

_GAP = re.compile(r"\{\w*\}")
#: What means the same in all languages: commands, options, durations, settings of the environment.
_CODE = re.compile(r"`[^`\n]*`|\b[A-Z]+_[A-Z_]+\b")
#: Markdown that begins a line.
_LINES = re.compile(r"^(?:## |-# |> |)", re.MULTILINE)


def catalogue(language: str) -> list[Entry]:
    return list(entries((FOLDER / f"{language}.po").read_text(encoding="utf-8")))


every_language = pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))


def translated(language: str) -> list[Entry]:
    return [each for each in catalogue(language) if each.sentence and any(each.forms)]


def test_every_language_has_a_catalogue_and_every_catalogue_a_language() -> None:
    assert {path.stem for path in FOLDER.glob("*.po")} == set(LANGUAGES.values())


@every_language
def test_a_catalogue_says_whether_a_speaker_has_reviewed_it(language: str) -> None:
    first = (FOLDER / f"{language}.po").read_text(encoding="utf-8").splitlines()[0]
    assert ("Awaiting a speaker's review." in first) == (language not in REVIEWED)


def test_a_new_language_begins_with_every_sentence_and_no_translation(tmp_path: Path) -> None:
    """As CONTRIBUTING.md says: the head of another one, then `make translations`."""
    pytest.importorskip("babel", reason="make translations has it installed")
    from tests.translations import bring_up, template

    new = tmp_path / "it.po"
    head, _, _ = (FOLDER / "de.po").read_text(encoding="utf-8").partition("\n\n")
    new.write_text(head + "\n", encoding="utf-8")

    bring_up(new, template())

    found = [each for each in entries(new.read_text(encoding="utf-8")) if each.sentence]
    assert {each.sentence for each in found} == {each.sentence for each in marked()} - {None}
    assert not any(form for each in found for form in each.forms)


def test_what_is_marked_is_a_literal_with_named_gaps() -> None:
    """A gap without a name has one place only, and an f-string is in no catalogue."""
    wrong = [
        each.where
        for each in marked()
        if (each.sentence is None and isinstance(each.node.args[0], _GLUED))
        or (each.sentence is None and each.mark in ("N_", "N_n", "counted"))
        or "{}" in (each.sentence or "")
    ]
    assert wrong == []


_GLUED = (ast.JoinedStr, ast.BinOp)


@pytest.mark.parametrize("language", COMPLETE)
def test_no_sentence_is_missing_and_none_is_there_that_nobody_says(language: str) -> None:
    """`make translations` brings a catalogue up to the code."""
    said = {(each.sentence, each.plural) for each in marked() if each.sentence is not None}
    there = {(each.sentence, each.plural) for each in catalogue(language) if each.sentence}
    assert there == said


@pytest.mark.parametrize("language", COMPLETE)
def test_every_sentence_of_a_complete_language_is_translated(language: str) -> None:
    assert [each.sentence for each in catalogue(language) if not each.done] == []


def test_no_sentence_is_said_both_with_a_count_and_without() -> None:
    plural = {each.sentence for each in marked() if each.plural}
    assert {each.sentence for each in marked() if not each.plural} & plural == set()


@every_language
def test_a_translation_has_the_gaps_of_its_sentence(language: str) -> None:
    """But a form of a plural that stands for one number may leave that number out."""
    wrong = [
        form
        for entry in translated(language)
        for form in entry.forms
        if _gaps(form, entry) != _gaps(entry.plural or entry.sentence, entry)
    ]
    assert wrong == []


def _gaps(text: str, entry: Entry) -> set[str]:
    return set(_GAP.findall(text)) | ({"{count}"} if entry.plural else set())


@every_language
def test_a_translation_keeps_what_is_typed_and_how_it_looks(language: str) -> None:
    wrong = [
        form
        for entry in translated(language)
        for form in entry.forms
        if _looks(form) != _looks(entry.plural or entry.sentence)
    ]
    assert wrong == []


def _looks(text: str) -> tuple[object, ...]:
    """Code, how its lines begin, what is bold, and the spaces around it."""
    bold = text.count("**")
    around = text[:1].isspace(), text[-1:].isspace()
    return sorted(_CODE.findall(text)), _LINES.findall(text), bold % 2, bool(bold), around


@every_language
def test_a_plural_has_a_form_for_every_number(language: str) -> None:
    known = Catalogue((FOLDER / f"{language}.po").read_text(encoding="utf-8"))
    plurals = [each.sentence for each in translated(language) if each.plural and each.done]
    numbers = (0, 1, 2, 5, 11, 1_000_000)
    assert [s for s in plurals if not all(known.several(s, number) for number in numbers)] == []


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_constant_of_the_wording_is_shown_in_the_readers_language(path: Path) -> None:
    """It is an argument of `_`, wherever it is read."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    names = _constants_in(tree)
    shown = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_"
        for each in ast.walk(node)
    }
    kept = set(map(id, _kept(tree)))
    read = [
        f"{ast.unparse(node)} in line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and isinstance(node.ctx, ast.Load)
        and ast.unparse(node) in names
        and id(node) not in shown | kept
    ]
    assert read == []


def _kept(tree: ast.Module) -> Iterator[ast.expr]:
    """What is a value of a table, or given a name, to be shown later; and names of menus.

    Those are translated by `bot.gateway.translations`.
    """
    for each in ast.walk(tree):
        if isinstance(each, ast.Dict):
            yield from each.values
        if isinstance(each, ast.Tuple):
            yield from each.elts
        if isinstance(each, ast.Call) and ast.unparse(each.func).endswith("ContextMenu"):
            yield from (keyword.value for keyword in each.keywords if keyword.arg == "name")


def _constants_in(tree: ast.Module) -> set[str]:
    """By what expressions this module reads marked constants of `bot.wording`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("bot"):
            continue
        for name in node.names:
            path = ROOT.joinpath(*f"{node.module}.{name.name}".split(".")).with_suffix(".py")
            if node.module == "bot.wording" and path.exists():
                found |= {f"{name.asname or name.name}.{each}" for each in constants(path)}
            module = ROOT.joinpath(*str(node.module).split("."))
            files = (module.with_suffix(".py"), module / "__init__.py")
            own = {one for each in files if each.exists() for one in constants(each)}
            if str(node.module).startswith("bot.wording") and name.name in own:
                found.add(name.asname or name.name)
    return found


@pytest.mark.parametrize(
    "path",
    [p for p in (ROOT / "bot" / "wording").glob("*.py") if p.stem not in UNMARKED],
    ids=lambda path: path.stem,
)
def test_no_sentence_of_the_wording_is_left_unmarked(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    apart = {id(each) for node in ast.walk(tree) for each in _not_said(node)}
    left = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in apart
        and re.search(r"[A-Za-z]{2,} [a-z]{2,}", node.value)
    ]
    assert left == []


def _not_said(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, and what is marked."""
    if isinstance(node, ast.Expr):
        yield node.value
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS:
        yield from node.args

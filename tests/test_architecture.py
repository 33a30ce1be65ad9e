"""Rules that span files: who imports whom, who owns which library, how large a file may grow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: A module imports only from the levels above its own part's, or within its part.
LAYERS: tuple[tuple[str, ...], ...] = (
    (
        *("bot.errors", "bot.clock", "bot.language", "bot.log", "bot.tally", "bot.threads"),
        *("bot.disk", "bot.windows", "bot.pseudonym"),
    ),
    ("bot.text", "bot.budget", "bot.lag", "bot.refusals"),
    ("bot.domain",),
    ("bot.policy", "bot.replicate"),
    ("bot.settings",),
    ("bot.storage",),
    ("bot.pictures", "bot.wording"),
    ("bot.chat", "bot.request"),
    ("bot.generation", "bot.views"),
    ("bot.delivery", "bot.moderation"),
    ("bot.panels",),
    ("bot.gateway",),
    ("bot.web", "cogs"),
    ("bot.run",),
    ("bot.cli",),
    ("bot.__main__",),
)

#: Which parts may import a third-party library; `bot.cli.launch` some for exceptions to report.
OWNERS = {
    "discord": (
        *("bot.chat", "bot.views", "bot.delivery", "bot.moderation", "bot.panels", "bot.gateway"),
        *("cogs", "bot.run", "bot.cli.launch"),
    ),
    "aiohttp": (
        *("bot.replicate", "bot.chat.calls", "bot.chat.application", "bot.delivery.unrecorded"),
        *("bot.web", "bot.cli.check", "bot.cli.launch"),
    ),
    "standardwebhooks": ("bot.replicate",),
    "yarl": ("bot.replicate", "bot.chat.application"),
    "aiosqlite": ("bot.storage",),
    "asyncpg": ("bot.storage",),
    "filelock": ("bot.storage",),
    "PIL": ("bot.pictures",),
    "re2": ("bot.policy.patterns",),
    "prometheus_client": ("bot.web.metrics",),
    "matplotlib": ("bot.pictures.card", "bot.panels.chart"),
    "dotenv": ("bot.cli.launch",),
    "typer": ("bot.cli",),
    "rich": ("bot.cli",),
}

FILE_LINES = 300
FUNCTION_LINES = 40

#: Words that say nothing about what a thing is (discord.py and asyncio may use theirs).
BANNED = re.compile(r"(^|_)(managers?|helpers?|utils?|handlers?|data|process|jobs?|tasks?)(_|$)")
#: What a setting or a field already calls so: DATA_DIR, and the bytes of an image or a download.
ALLOWED_NAMES = frozenset({"data", "data_dir", "data_removed"})


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every imported name, wherever in the file, as far as it says which module is meant."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{label(path)}:{node.lineno}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_run_time(path: Path) -> set[str]:
    """What it imports but for types."""
    late = {
        id(node)
        for block in ast.walk(tree(path))
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = [node for node in ast.walk(tree(path)) if id(node) not in late]
    named = [node for node in found if isinstance(node, ast.ImportFrom)]
    return {f"{node.module}.{alias.name}" for node in named for alias in node.names}


def within(name: str, part: str) -> bool:
    return name == part or name.startswith(part + ".")


def place(name: str) -> tuple[int, str] | None:
    """The layer and the part that `name` (a module, or something in one) belongs to."""
    found = [
        (number, part)
        for number, parts in enumerate(LAYERS)
        for part in parts
        if within(name, part)
    ]
    return max(found, key=lambda entry: len(entry[1]), default=None)


ours = pytest.mark.parametrize("path", modules("bot", "cogs"), ids=label)
everything = pytest.mark.parametrize(
    "path", modules("bot", "cogs", "playground", "bench"), ids=label
)


@ours
def test_a_module_imports_only_from_layers_above_its_own(path: Path) -> None:
    name = dotted(path)
    if name == "bot":
        assert list(imports(path)) == []
        return
    here = place(name)
    assert here is not None, f"{name} has no layer yet: add it to LAYERS and CONTRIBUTING.md"
    for imported in imports(path):
        there = place(imported)
        if there is not None and within(imported, there[1]) and there[1] != here[1]:
            assert there[0] < here[0], f"{name} imports {imported}"


def test_no_modules_import_one_another_in_a_circle() -> None:
    known = {dotted(path): path for path in modules("bot")}
    wanted = {
        name: {found if found in known else found.rpartition(".")[0] for found in at_run_time(path)}
        for name, path in known.items()
    }
    wanted["bot.storage.database"] = set()  # it opens its own engines, and imports them only then

    # Raises CycleError, which names them.
    TopologicalSorter({name: those - {name} for name, those in wanted.items()}).prepare()


@pytest.mark.parametrize("path", modules("cogs"), ids=label)
def test_cogs_never_import_one_another(path: Path) -> None:
    assert [name for name in imports(path) if within(name, "cogs")] == []


@pytest.mark.parametrize("path", modules("bot"), ids=label)
def test_the_bot_knows_neither_its_cogs_nor_the_playground(path: Path) -> None:
    assert [n for n in imports(path) if within(n, "cogs") or within(n, "playground")] == []


@pytest.mark.parametrize("path", modules("playground"), ids=label)
def test_the_playground_reaches_the_bot_only_from_outside(path: Path) -> None:
    assert [name for name in imports(path) if within(name, "bot") or within(name, "cogs")] == []


@ours
def test_a_library_is_imported_only_by_its_owners(path: Path) -> None:
    name = dotted(path)
    for imported in imports(path):
        owners = OWNERS.get(imported.partition(".")[0])
        if owners is not None:
            assert any(within(name, owner) for owner in owners), f"{name} imports {imported}"


@ours
def test_only_the_command_line_reads_the_environment(path: Path) -> None:
    if dotted(path) == "bot.cli.launch":
        return
    readers = {"environ", "environb", "getenv", "getenvb", "expandvars"}
    used = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
    imported = {name.rpartition(".")[2] for name in imports(path)}
    assert not readers & (used | imported)


@everything
def test_a_file_fits_its_limit(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@everything
def test_a_function_fits_its_limit(path: Path) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree(path)):
        if isinstance(node, functions):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{node.name} has {lines} lines"


@everything
def test_names_say_what_a_thing_is(path: Path) -> None:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    named = {node.name for node in ast.walk(tree(path)) if isinstance(node, definitions)}
    snake = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in named | {path.stem}}
    assert {n for n in snake if BANNED.search(n)} - ALLOWED_NAMES == set()


def test_contributing_draws_the_same_map() -> None:
    """Each part stands in the table of CONTRIBUTING.md with its layer's number."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawn: dict[str, int] = {}
    for number, files in re.findall(r"^\| (\d+) \| (`.*?`) \|", text, re.MULTILINE):
        for file in re.findall(r"`([^`]+)`", files):
            drawn[re.sub(r"/(\*\.py)?$|\.py$", "", file).replace("/", ".")] = int(number)
    assert drawn == {part: number for number, parts in enumerate(LAYERS) for part in parts}


def test_every_part_that_has_a_layer_exists() -> None:
    names = {dotted(path) for path in modules("bot", "cogs")}
    assert [part for parts in LAYERS for part in parts if part not in names] == []

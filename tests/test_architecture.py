"""Rules that span files: who imports whom, who owns which library, how large a file may grow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.figures import FILE_LINES, FUNCTION_LINES

ROOT = Path(__file__).parents[1]

#: A module imports only from the levels above its own part's, or within its part.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("bot.record",),
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
    "msgspec": ("bot.record",),
    "PIL": ("bot.pictures",),
    "re2": ("bot.policy.patterns",),
    "prometheus_client": ("bot.web.metrics",),
    "matplotlib": ("bot.pictures.canvas", "bot.panels.chart"),
    "dotenv": ("bot.cli.launch",),
    "typer": ("bot.cli",),
    "rich": ("bot.cli",),
}

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


OURS = modules("bot", "cogs")
EVERYTHING = modules("bot", "cogs", "playground", "bench")


def test_a_module_imports_only_from_layers_above_its_own() -> None:
    wrong = [
        f"{dotted(path)} imports {imported}"
        for path in OURS
        if (here := place(dotted(path))) is not None
        for imported in imports(path)
        if (there := place(imported)) is not None and there[1] != here[1] and there[0] >= here[0]
    ]
    assert wrong == []


def test_every_module_has_a_layer() -> None:
    names = {dotted(path) for path in OURS} - {"bot"}
    assert [name for name in names if place(name) is None] == [], "LAYERS and CONTRIBUTING.md"
    assert list(imports(ROOT / "bot" / "__init__.py")) == []


def test_no_modules_import_one_another_in_a_circle() -> None:
    known = {dotted(path): path for path in modules("bot")}
    wanted = {
        name: {found if found in known else found.rpartition(".")[0] for found in at_run_time(path)}
        for name, path in known.items()
    }
    wanted["bot.storage.database"] = set()  # it opens its own engines, and imports them only then

    # Raises CycleError, which names them.
    TopologicalSorter({name: those - {name} for name, those in wanted.items()}).prepare()


@pytest.mark.parametrize(
    ("folder", "others"),
    [("cogs", ("cogs",)), ("bot", ("cogs", "playground")), ("playground", ("bot", "cogs"))],
)
def test_cogs_the_bot_and_the_playground_do_not_know(folder: str, others: tuple[str, ...]) -> None:
    """Cogs one another; the bot its cogs; the playground the bot, but from outside."""
    wrong = [
        f"{dotted(path)} imports {name}"
        for path in modules(folder)
        for name in imports(path)
        if any(within(name, other) for other in others)
    ]
    assert wrong == []


def test_a_library_is_imported_only_by_its_owners() -> None:
    wrong = [
        f"{dotted(path)} imports {imported}"
        for path in OURS
        for imported in imports(path)
        if (owners := OWNERS.get(imported.partition(".")[0])) is not None
        if not any(within(dotted(path), owner) for owner in owners)
    ]
    assert wrong == []


def test_only_the_command_line_reads_the_environment() -> None:
    readers = {"environ", "environb", "getenv", "getenvb", "expandvars"}
    reading = []
    for path in OURS:
        used = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        imported = {name.rpartition(".")[2] for name in imports(path)}
        reading += [dotted(path)] if readers & (used | imported) else []
    assert reading == ["bot.cli.launch"]


def test_a_file_fits_its_limit() -> None:
    lines = {label(path): len(path.read_text("utf-8").splitlines()) for path in EVERYTHING}
    assert {file: count for file, count in lines.items() if count > FILE_LINES} == {}


def test_a_function_fits_its_limit() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    lines = {
        f"{label(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in EVERYTHING
        for node in ast.walk(tree(path))
        if isinstance(node, functions)
    }
    assert {where: count for where, count in lines.items() if count > FUNCTION_LINES} == {}


def test_names_say_what_a_thing_is() -> None:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    empty = set()
    for path in EVERYTHING:
        named = {node.name for node in ast.walk(tree(path)) if isinstance(node, definitions)}
        snake = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in named | {path.stem}}
        empty |= {f"{label(path)}: {name}" for name in snake - ALLOWED_NAMES if BANNED.search(name)}
    assert empty == set()


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

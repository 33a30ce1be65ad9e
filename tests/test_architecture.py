"""Rules that span files: who imports whom, who owns which library, how large a file may grow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: A module imports only from the groups above its own, or within its own package.
LAYERS: tuple[tuple[str, ...], ...] = (
    (
        "bot.finding",
        *("bot.errors", "bot.clock", "bot.limits", "bot.windows", "bot.pseudonym"),
        *("bot.provenance", "bot.containers", "bot.log", "bot.tally", "bot.card"),
        *("bot.picture", "bot.attached", "bot.chain", "bot.rule", "bot.spans", "bot.disk"),
        *("bot.prediction", "bot.origin", "bot.style", "bot.language", "bot.filter"),
        *("bot.wishes", "bot.signing"),
        "bot.subject",
        "bot.threads",
    ),
    (
        "bot.domain",
        "bot.lag",
        "bot.guild",
        "bot.budget",
        "bot.breaker",
        "bot.refusals",
        "bot.act",
        "bot.patterns",
        "bot.rest",
        "bot.text",
    ),
    (
        "bot.pending",
        *("bot.automod", "bot.picture_refusals", "bot.word_refusals", "bot.channel"),
        *("bot.sanctions", "bot.access_refusals", "bot.first_day", "bot.settings_text"),
        *("bot.desk_refusals", "bot.sums", "bot.style_refusals", "bot.source_refusals"),
        "bot.improvement",
    ),
    ("bot.model", "bot.values", "bot.logged"),
    ("bot.command", "bot.offer", "bot.address"),
    (
        *("bot.shards", "bot.quota", "bot.images", "bot.chart", "bot.storage", "bot.replicate"),
        "bot.spool",
        *("bot.calls", "bot.progress", "bot.uploads", "bot.desk_channel", "bot.application"),
    ),
    (
        "bot.audience",
        *("bot.panel", "bot.setting", "bot.policy", "bot.wording", "bot.files", "bot.pace"),
        *("bot.export", "bot.input", "bot.batch", "bot.cleaning", "bot.extract", "bot.evidence"),
        *("bot.successors", "bot.peer", "bot.webhooks"),
    ),
    (
        *("bot.limit_settings", "bot.views", "bot.slash", "bot.interactions", "bot.moderator"),
        *("bot.acknowledgement", "bot.desks", "bot.translations", "bot.web", "bot.web_settings"),
        *("bot.gateway_settings", "bot.seat", "bot.replies", "bot.stage"),
        *("bot.watch", "bot.automod_reader", "bot.figures", "bot.notices", "bot.outage"),
        *("bot.screens", "bot.alarm", "bot.defaults", "bot.again", "bot.nudge"),
        *("bot.planning", "bot.webhook_receiver", "bot.store"),
    ),
    (
        *("bot.config", "bot.delivery", "bot.purchase", "bot.gallery", "bot.reconcile"),
        *("bot.intake", "bot.guild_forms", "bot.operate", "bot.usage", "bot.heads"),
        *("bot.admission", "bot.word_forms", "bot.channel_changes", "bot.lives", "bot.sight"),
        *("bot.takedown", "bot.thumbnails", "bot.milestones", "bot.database_check"),
    ),
    (
        *("bot.trial", "bot.turns", "bot.guild_panel", "bot.automod_panel", "bot.word_panel"),
        *("bot.ending", "bot.review", "bot.desk", "bot.publication", "bot.removal"),
        *("bot.reports", "bot.saving", "bot.covering", "bot.improver", "bot.invitation"),
        *("bot.style_panel", "bot.preference_panel", "bot.webhook_check"),
    ),
    ("bot.lifecycle", "bot.appeal_panel", "bot.album"),
    ("bot.underway",),
    ("bot.imagine",),
    ("bot.takeover", "bot.hints"),
    ("bot.asking",),
    (
        *("bot.actions", "bot.retention", "bot.picture_form", "bot.moderation"),
        *("bot.desk_panel", "bot.image_panel", "bot.history_panel", "bot.derivations"),
        "bot.improve_panel",
    ),
    ("bot.me_panel", "bot.first_day_panel"),
    ("bot.tree", "bot.panels"),
    ("bot.client",),
    ("bot.presence", "bot.upkeep", "bot.health"),
    ("bot.session", "bot.metrics"),
    ("bot.pages",),
    ("cogs", "bot.run", "bot.check", "bot.report", "bot.setup", "bot.models"),
    ("bot.launch",),
    (
        *("bot.model_commands", "bot.staff_commands", "bot.settings_commands"),
        *("bot.takedown_commands", "bot.move_commands"),
    ),
    ("bot.commands",),
    ("bot.__main__",),
)

DISCORD = (
    *("bot.audience", "bot.translations"),
    *("bot.views", "bot.calls", "bot.acknowledgement", "bot.delivery", "bot.actions"),
    *("bot.interactions", "bot.notices", "bot.usage", "bot.panel", "bot.guild_panel"),
    *("bot.automod_reader", "bot.automod_panel", "bot.word_panel"),
    *("bot.desk_channel", "bot.first_day_panel", "bot.me_panel", "bot.slash", "bot.asking"),
    *("bot.picture_form", "bot.moderation", "bot.moderator"),
    *("bot.desks", "bot.desk", "bot.desk_panel", "bot.publication", "bot.uploads"),
    *("bot.application", "bot.removal", "bot.reports", "bot.sight", "bot.image_panel"),
    *("bot.appeal_panel", "bot.saving", "bot.album", "bot.history_panel"),
    *("bot.style_panel", "bot.preference_panel"),
    *("bot.derivations", "bot.covering", "bot.improve_panel", "bot.nudge", "bot.tree"),
    *("bot.shards", "bot.seat", "bot.replies"),
    "bot.panels",
    *("bot.client", "bot.run", "cogs"),
)
#: Which modules may import a third-party library; `bot.launch` only for exceptions to report.
OWNERS = {
    "discord": (*DISCORD, "bot.launch"),
    "aiohttp": (
        "bot.replicate",
        "bot.calls",
        "bot.application",
        "bot.client",
        *("bot.check", "bot.web", "bot.webhook_receiver", "bot.run", "bot.replies"),
        *("bot.health", "bot.metrics"),
        "bot.launch",
    ),
    "standardwebhooks": ("bot.replicate",),
    "yarl": ("bot.replicate", "bot.application"),
    "aiosqlite": ("bot.storage",),
    "asyncpg": ("bot.storage",),
    "filelock": ("bot.storage",),
    "PIL": ("bot.images", "bot.cleaning"),
    "re2": ("bot.patterns",),
    "prometheus_client": ("bot.metrics",),
    "matplotlib": ("bot.card", "bot.chart"),
    "dotenv": ("bot.launch",),
    "typer": (
        *("bot.commands", "bot.model_commands", "bot.staff_commands", "bot.settings_commands"),
        *("bot.takedown_commands", "bot.move_commands"),
    ),
    "rich": ("bot.launch", "bot.commands", "bot.model_commands", "bot.report", "bot.move_commands"),
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
    if dotted(path) == "bot.launch":
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

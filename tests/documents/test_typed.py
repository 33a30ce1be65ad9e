"""Every command, setting and file that the pages name can be typed as it stands there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import bench.__main__
import playground.__main__
from bot.cli.commands import app
from bot.replicate import catalogue
from bot.settings.config import Settings
from bot.settings.setting import reference
from tests.documents.commands import registered
from tests.documents.pages import DOCS, EVERY, ROOT, named
from tests.documents.typed import STANDS_FOR, Typed, assigned, everything, prose

PROGRAMS = {
    "bot": app,
    "playground": playground.__main__.app,
    "bench": bench.__main__.app,
}
#: What these targets hand over ARGS to.
TARGETS = {"demo": "playground", "bench": "bench"}
#: What is set for other programs: deploy/compose.yaml, `make bench`.
FOREIGN = {"POSTGRES_PASSWORD", "BENCH_BOT_ROOT"}
#: What else begins with a slash: pages of the bot's web server.
WEB = {"metrics", "healthz", "readyz"}

TYPED = everything()
MODULES = [each for each in TYPED if each.after("python", "-m")]
MAKE = [each for each in TYPED if each.words[0] == "make"]
COMPOSE = [each for each in TYPED if each.after("docker", "compose")]
UNITS = [each for each in TYPED if each.words[0] in {"systemctl", "journalctl"}]
PATH = re.compile(r"`((?:bench|bot|cogs|deploy|docs|playground|tests)/[\w./*-]+)`")


def explained(program: str, words: Sequence[str]) -> None:
    """It refuses what it does not know; else it explains itself, and does nothing."""
    given = [STANDS_FOR.get(word, word) for word in words]
    outcome = CliRunner().invoke(PROGRAMS[program], [*given, "--help"])
    assert outcome.exit_code == 0, outcome.output


@pytest.mark.parametrize("typed", MODULES, ids=str)
def test_the_program_is_there_and_takes_what_it_is_given(typed: Typed) -> None:
    module, *words = typed.after("python", "-m") or ()

    assert find_spec(module) is not None
    if module in PROGRAMS:
        explained(module, words)


@pytest.mark.parametrize("typed", MAKE, ids=str)
def test_the_target_is_there_and_takes_what_it_is_given(typed: Typed) -> None:
    target, *rest = typed.words[1:]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)
    for word in rest:
        name, _, given = word.partition("=")
        assert f"({name})" in makefile or f"ifdef {name}" in makefile
        if target in TARGETS and name == "ARGS":
            explained(TARGETS[target], shlex.split(given))


@pytest.mark.parametrize("typed", COMPOSE, ids=str)
def test_the_profile_and_the_service_are_in_the_compose_file(typed: Typed) -> None:
    words = [word for word in typed.after("docker", "compose") or () if word != "--rm"]
    file = ROOT / words[words.index("-f") + 1]
    services = yaml.safe_load(file.read_text(encoding="utf-8"))["services"]
    profiles = {each for service in services.values() for each in service.get("profiles", [])}

    assert words[words.index("--profile") + 1] in profiles
    for verb in {"run", "exec"} & set(words):
        service, *given = words[words.index(verb) + 1 :]
        assert service in services
        if verb == "run":
            explained("bot", given)


@pytest.mark.parametrize("typed", UNITS, ids=str)
def test_the_unit_is_one_that_is_shipped(typed: Typed) -> None:
    units = [word for word in typed.words[1:] if not word.startswith("-") and word != "enable"]

    assert [(ROOT / "deploy" / f"{unit}.service").exists() for unit in units] == [True]


def test_there_is_something_to_try() -> None:
    bots = [words for each in MODULES if (words := each.after("python", "-m", "bot"))]
    tried = {words[0] for words in bots}

    assert tried >= {"run", "check", "init", "sync", "usage", "pause", "resume", "block", "unblock"}
    assert tried >= {"takedown", "audit", "backup", "restore", "migrate", "erase", "models"}
    assert min(len(MAKE), len(COMPOSE), len(UNITS)) >= 2


def test_every_setting_that_is_named_exists() -> None:
    known = {setting.key for setting in reference(Settings)} | FOREIGN
    assert set(assigned()) <= known
    for page in EVERY:
        found = set(re.findall(r"`([A-Z]+_[A-Z_]+)[`=]", prose(page)))
        assert found - set(STANDS_FOR) <= known, named(page)


def test_every_command_in_discord_that_is_named_exists() -> None:
    known = {command["name"]: command for command in registered()}
    for page in EVERY:
        for name, rest in re.findall(r"`/([a-z]+)((?: [^`]*)?)`", prose(page)):
            if name in WEB:
                continue
            assert name in known, f"{named(page)}: /{name}"
            options = {each["name"]: each for each in known[name]["options"]}
            for below in re.findall(r"^ ([a-z]+)", rest):
                assert below in options, f"{named(page)}: /{name}{rest}"


def test_every_file_that_is_named_exists() -> None:
    for page in EVERY:
        for path in PATH.findall(prose(page)):
            assert any(ROOT.glob(path)), f"{named(page)}: {path}"
        for path in re.findall(r"/opt/imagine/([\w./-]+)", prose(page)):
            assert path.startswith(".venv") or (ROOT / path).exists(), path


def test_every_module_that_the_architecture_names_exists() -> None:
    text = prose(DOCS / "architecture.md")
    found = set(re.findall(r"(?<![\w/.])([a-z]+/[a-z_]+)(?![\w/.])", text))

    assert len(found) > 30
    for name in found:
        below = [ROOT / "bot" / f"{name}.py", ROOT / "bot" / name, ROOT / f"{name}.py"]
        assert any(path.exists() for path in below), name


def test_the_example_of_a_model_file_is_one(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", prose(DOCS / "models.md"), re.DOTALL)
    (tmp_path / catalogue.file_name("owner/name")).write_text(example, encoding="utf-8")

    [model] = catalogue.load(["owner/name"], tmp_path)

    assert model.title == "What members see"

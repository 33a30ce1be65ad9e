"""What documents promise, and what must not stand in any file that is shared."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ConfigError
from bot.settings.config import GATEWAY_API, OFFICIAL_API, Settings
from bot.settings.setting import Setting, reference

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / ".env.example"

every_setting = pytest.mark.parametrize(
    "setting", reference(Settings), ids=lambda setting: setting.key
)

#: Where the files are when there is no repository (a source archive).
UNSHARED = {".git", ".venv", "__pycache__", "dist", "build", "data", "playground-out"}

#: Registries are the business of pip's configuration. Written so that this line does not match.
REGISTRY = re.compile(
    r"(pypi|files|test)[.](python)?[.]?(org|pythonhosted)|registry[.]npmjs|/simple[/]"
)
MACHINE = re.compile(r"(?<![\w.])/(work|home/\w+|Users/\w+|root)[/]")


def shared_files() -> Iterator[Path]:
    """Every file of the repository that is, or is about to be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else []
    found = [ROOT / name for name in names if name] or [
        path for path in ROOT.rglob("*") if not UNSHARED & set(path.relative_to(ROOT).parts)
    ]
    return (path for path in found if path.is_file())


def prose(text: str) -> str:
    """Comment marks and line breaks taken out, so that wrapped sentences can be found."""
    return " ".join(text.replace("\n# ", " ").split())


@every_setting
def test_the_example_explains_the_setting_and_shows_its_default(setting: Setting[Any]) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert setting.about in prose(text)
    assert re.search(rf"^#?{setting.key}=", text, re.MULTILINE)
    if setting.default is not None:
        assert f"\n#{setting.key}={setting.default}\n" in text


def test_the_example_offers_both_providers_alike() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert f"#REPLICATE_API_URL={GATEWAY_API}" in lines
    assert f"#REPLICATE_API_URL={OFFICIAL_API}" in lines


def test_the_example_names_no_key_that_does_not_exist() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.MULTILINE))
    assert named == {setting.key for setting in reference(Settings)}


def test_the_example_as_it_is_asks_for_exactly_what_is_needed() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    pairs = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    with pytest.raises(ConfigError) as caught:
        Settings.parse(pairs)
    missing = {problem.key for problem in caught.value.problems}
    assert missing == {setting.key for setting in reference(Settings) if setting.required}


def test_every_commented_value_in_the_example_is_usable() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    pairs = dict(re.findall(r"^#([A-Z][A-Z_]+)=(.+)$", text, re.MULTILINE))
    tokens = {"DISCORD_TOKEN": "made-up", "REPLICATE_API_TOKEN": "made-up"}
    assert Settings.parse(pairs | tokens).monthly_images == 500


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE], ids=["registry", "machine path"])
def test_no_shared_file_names_a_registry_or_somebodys_machine(pattern: re.Pattern[str]) -> None:
    found = []
    for path in shared_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_every_lint_rule_that_is_off_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    off = lint["ignore"] + [rule for rules in lint["per-file-ignores"].values() for rule in rules]
    explained = re.findall(r'^    "([A-Z]+[0-9]*)",? +# \S', text, re.MULTILINE)
    assert sorted(explained) == sorted(off)


def test_every_exception_in_the_code_says_why() -> None:
    """`noqa` and `type: ignore` name their rule, and a reason stands behind or above them."""
    bare = []
    for path in shared_files():
        if path.suffix != ".py" or path == Path(__file__):
            continue
        above = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            mark = re.search(r"# (noqa|type: ignore)(: ?\w+|\[[\w, -]+\])?(.*)", line)
            explained = mark and (mark[3].strip(" ,") or above.strip().startswith("#"))
            if mark and not (mark[2] and explained):
                bare.append(f"{path.relative_to(ROOT)}:{number}")
            above = line
    assert bare == []


def test_simcord_is_pinned_exactly() -> None:
    """The playground stands on seams that are not SimCord's public interface."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    pins = {entry for extra in extras.values() for entry in extra if entry.startswith("simcord")}
    assert all(re.fullmatch(r"simcord(\[pytest\])?==[\d.]+", pin) for pin in pins)
    assert len({pin.partition("==")[2] for pin in pins}) == 1


def test_every_dependency_has_a_locked_version() -> None:
    lines = (ROOT / "deploy" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    locked = {normal(line.partition("==")[0]) for line in lines if not line.startswith("#")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    wanted = {normal(re.split(r"[\[<>=~!]", entry)[0]) for entry in named}
    assert wanted - locked == {normal(project["name"])}
    assert not [line for line in lines if "://" in line or "--hash" in line]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

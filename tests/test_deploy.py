"""What is shipped to deploy it with: read by the programs that will read it, and true."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings.config import Settings
from bot.settings.setting import reference

ROOT = Path(__file__).parents[1]
COMPOSE, UNIT = ROOT / "deploy" / "compose.yaml", ROOT / "deploy" / "imagine.service"
#: `.ci/run` installs both: there a test fails rather than pass by being skipped.
IN_CI = "CI" in os.environ
KNOWN = {setting.key for setting in reference(Settings)}
#: What other programs in the container are told.
FOREIGN = {"MPLCONFIGDIR", "PYTHONUNBUFFERED"}


def run(*command: str, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def compose(tmp_path: Path) -> Path:
    """The repository's part that compose reads, with somebody's `.env`."""
    (tmp_path / "deploy").mkdir()
    shutil.copy(COMPOSE, tmp_path / "deploy")
    (tmp_path / ".env").write_text("DISCORD_TOKEN=made-up\nPOSTGRES_PASSWORD=made-up\n")
    return tmp_path / "deploy" / "compose.yaml"


def services(file: Path, *profiles: str) -> Mapping[str, Any]:
    """As compose itself reads them."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) is None:
            continue
        if subprocess.run([*command, "version"], capture_output=True, check=False).returncode:
            continue
        environment = ["--env-file", str(file.parents[1] / ".env")]
        wanted = [word for each in profiles for word in ("--profile", each)]
        read = run(*command, *environment, "--file", str(file), *wanted, "config")
        found: Mapping[str, Any] = yaml.safe_load(read)["services"]
        return {
            name: each
            for name, each in found.items()
            if set(profiles) & set(each.get("profiles", profiles))
        }
    assert not IN_CI, "docker-compose is missing: .ci/run installs it"
    pytest.skip("compose is not installed (Debian: apt install docker-compose)")


def test_one_bot_alone_keeps_its_file_in_a_volume(compose: Path) -> None:
    [(name, bot)] = services(compose, "alone").items()
    assert name == "bot"
    assert bot["environment"]["DATA_DIR"] == "/data"
    assert bot["environment"]["DISCORD_TOKEN"] == "made-up"


def test_the_scaled_ones_share_one_database(compose: Path) -> None:
    found = services(compose, "scale")
    assert {
        name: each["deploy"]["replicas"] for name, each in found.items() if "deploy" in each
    } == {
        "gateway": 2,
        "worker": 2,
    }
    for role in ("gateway", "worker"):
        url = found[role]["environment"]["DATABASE_URL"]
        assert Settings.database.read(url) is not None
        assert "made-up@postgres" in url
        assert found[role]["command"][:3] == ["run", "--role", role]
    assert not any("ports" in each for each in found.values())


def test_no_service_is_started_with_both_databases() -> None:
    """A bot on each would answer everything twice, with one token."""
    profiles = [
        each["profiles"] for each in yaml.safe_load(COMPOSE.read_text())["services"].values()
    ]
    assert all(each in (["alone"], ["scale"], ["command"]) for each in profiles)


def test_a_command_reaches_the_database_and_what_one_bot_alone_kept(compose: Path) -> None:
    """To move from the one to the other, and to keep evidence that outlives the container."""
    found = services(compose, "command", "scale")["command"]
    assert "made-up@postgres" in found["environment"]["DATABASE_URL"]
    command = yaml.safe_load(COMPOSE.read_text())["services"]["command"]
    assert command["volumes"] == [f"data:{found['environment']['DATA_DIR']}"]


def test_the_image_has_the_driver_that_its_scaled_processes_need() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert ".[postgres]" in text
    assert "imagine-discord-bot[postgres]" in text


def test_the_unit_leaves_what_the_metrics_of_the_process_are_read_from() -> None:
    """/proc/stat, without which prometheus-client has none, and no alert tells of restarts."""
    assert "\nProcSubset=" not in UNIT.read_text()


def test_all_that_the_bots_are_told_is_a_setting() -> None:
    bots = yaml.safe_load(COMPOSE.read_text())["services"]
    told = {
        key for name in ("bot", "gateway", "worker", "command") for key in bots[name]["environment"]
    }
    [unit] = [line for line in UNIT.read_text().splitlines() if line.startswith("Environment=")]
    told |= {word.partition("=")[0] for word in unit.removeprefix("Environment=").split()}
    assert told <= KNOWN | FOREIGN


def test_systemd_has_nothing_to_say_against_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        assert not IN_CI, "systemd-analyze is missing: .ci/run installs it"
        pytest.skip("systemd is not installed")
    unit = tmp_path / "imagine.service"
    text = UNIT.read_text().replace("/opt/imagine/.venv/bin/python", sys.executable)
    unit.write_text(text.replace("/opt/imagine", str(ROOT)))
    run("systemd-analyze", "verify", str(unit), cwd=tmp_path)
    exposed = run("systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit))
    assert "OK" in exposed


def test_starting_again_is_not_tried_where_it_cures_nothing() -> None:
    """As `bot.cli.launch` ends: 2 for settings, 3 for a token or an intent that Discord refuses."""
    assert "RestartPreventExitStatus=2 3" in UNIT.read_text()

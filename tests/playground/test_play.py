"""Start, address, Ctrl-C: the playground as a person at a terminal meets it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from playground.bot import BotCommand
from playground.serving import FIRST_PORT, HOST, claim
from playground.trouble import FAULTS
from tests.playground.launched import finished, launched, read_until

posix = pytest.mark.skipif(os.name != "posix", reason="signals between processes are POSIX's")


@posix
@pytest.mark.parametrize("goodbye", [signal.SIGINT, signal.SIGTERM])
async def test_the_printed_address_opens_the_page_and_a_signal_ends_everything(
    tmp_path: Path, goodbye: signal.Signals
) -> None:
    async with launched(tmp_path, "--data-dir", "data") as process:
        said = await read_until(process, "Ctrl-C")
        page = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert page is not None
        assert "placeholders" in said
        async with aiohttp.ClientSession() as session, session.get(page[0]) as response:
            assert response.status == 200
            assert "text/html" in response.headers["Content-Type"]
        process.send_signal(goodbye)
        output, _ = await process.communicate()

    assert process.returncode == 0
    assert "Traceback" not in output.decode()
    assert "stopped" in (tmp_path / "data" / "bot.log").read_text(encoding="utf-8")


async def test_a_bot_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "imagine.db").write_text("This is no database, and long enough to show.")
    code, said = await finished(tmp_path, "--data-dir", "data")

    assert code == 1
    assert "The bot ended by itself (exit code" in said
    assert "file is not a database" in said
    assert "Traceback" not in said


@posix
async def test_a_single_image_that_is_interrupted_is_a_failure(tmp_path: Path) -> None:
    async with launched(tmp_path, "--once", "x", "--fault", "timeout") as process:
        await read_until(process, "thinking…")
        process.send_signal(signal.SIGINT)
        output, _ = await process.communicate()

    assert process.returncode == 1
    assert "Traceback" not in output.decode()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--fault", "gremlins"), "--fault takes one of"),
        (("--once", "x", "--option", "wide"), "--option takes name=value"),
    ],
)
async def test_a_slip_on_the_command_line_is_explained(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    code, said = await finished(tmp_path, *arguments)

    assert code == 2
    assert sentence in said


async def test_a_port_that_is_taken_is_explained(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        code, said = await finished(tmp_path, "--port", str(port))

    assert code == 2
    assert f"Port {port} is taken" in said


async def test_help_describes_every_fault(tmp_path: Path) -> None:
    _, said = await finished(tmp_path, "--help")
    flat = re.sub(r"[│\s]+", "", said)

    for name, does in FAULTS.items():
        assert re.sub(r"\s+", "", f"{name}: {does}") in flat


def test_two_playgrounds_find_a_port_each() -> None:
    with claim() as first, claim() as second:
        ports = {first.getsockname()[1], second.getsockname()[1]}

    assert len(ports) == 2
    assert all(port >= FIRST_PORT for port in ports)


@posix
async def test_a_bot_that_ignores_its_end_is_killed_after_the_grace(tmp_path: Path) -> None:
    script = tmp_path / "stubborn.py"
    script.write_text(
        "import signal, sys, threading\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', sys.argv[1], flush=True)\n"
        "threading.Event().wait()\n"
    )
    spoke = asyncio.Event()
    command = BotCommand({}, tmp_path, program=(str(script),))
    bot = await command.start(tmp_path / "bot.log", lambda _line: spoke.set())
    await asyncio.wait_for(spoke.wait(), 10)
    await bot.stop(grace=0.1)

    assert bot.process.returncode == -signal.SIGKILL
    assert (tmp_path / "bot.log").read_text() == "deaf run\n"


async def test_the_bot_sees_its_settings_and_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a developer's own")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    script = tmp_path / "tell.py"
    script.write_text("import json, os; print(json.dumps(dict(os.environ)))")
    command = BotCommand({"DATA_DIR": "here"}, tmp_path, program=(str(script),))
    code, said, _ = await command.run("anything")

    assert code == 0
    assert '"DATA_DIR": "here"' in said
    assert "DISCORD_TOKEN" not in said
    assert "HTTPS_PROXY" not in said

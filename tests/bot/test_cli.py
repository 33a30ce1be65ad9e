"""The command line, as an operator's shell sees it."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json
import os
import pty
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import __version__
from bot.cli import report
from bot.cli.setup import application_of
from bot.domain.generation import Request, Status
from bot.domain.picture import Stored
from bot.settings.config import GATEWAY_API, OFFICIAL_API, Settings
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.text import safe_cell
from tests.bot.command import API_TOKEN, DISCORD_TOKEN, PATIENCE, imagine, surroundings
from tests.turns import PLENTY, dispatch

NEEDED = {
    "DISCORD_TOKEN": DISCORD_TOKEN,
    "REPLICATE_API_TOKEN": API_TOKEN,
    "REPLICATE_API_URL": OFFICIAL_API,
}
DAY_MS = 24 * 3600 * 1000
NOVEMBER = 1_793_491_200_000  # 2026-11-01T00:00Z
OLIVIA, MAX = 1_234_567_890_123_456_789, 42


async def test_the_version_is_printed(tmp_path: Path) -> None:
    outcome = await imagine(tmp_path, "--version")
    assert (outcome.code, outcome.out) == (0, f"imagine {__version__}\n")


async def test_help_names_every_command(tmp_path: Path) -> None:
    outcome = await imagine(tmp_path, "--help")
    assert outcome.code == 0
    for command in (
        *("run", "check", "init", "sync", "usage", "pause", "resume", "erase"),
        *("block", "unblock", "audit", "backup", "restore", "--version"),
    ):
        assert command in outcome.out


@pytest.mark.parametrize("command", ["run", "check", "sync"])
async def test_unusable_settings_are_all_listed_and_exit_2(tmp_path: Path, command: str) -> None:
    settings = {"DISCORD_TOKEN": f"Bot {DISCORD_TOKEN}", "USER_DAILY_IMAGES": "lots"}
    outcome = await imagine(tmp_path, command, settings=settings)
    assert outcome.code == 2
    lines = [line for line in outcome.err.splitlines() if "✗" in line]
    assert [line.split()[1] for line in lines] == [
        "DISCORD_TOKEN",
        "REPLICATE_API_URL",
        "REPLICATE_API_TOKEN",
        "USER_DAILY_IMAGES",
    ]
    assert GATEWAY_API in outcome.err
    assert OFFICIAL_API in outcome.err
    assert "lots" not in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


async def test_settings_come_from_dotenv_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=mysql://h/d\nUSER_DAILY_IMAGES=lots\n")
    from_file = await imagine(tmp_path, "usage")
    assert (from_file.code, "DATABASE_URL" in from_file.err) == (2, True)
    overridden = await imagine(tmp_path, "usage", settings={"DATABASE_URL": "sqlite:///x.db"})
    assert (overridden.code, "DATABASE_URL" in overridden.err) == (1, False)


@pytest.mark.sqlite("its file's name")
async def test_a_dollar_sign_in_dotenv_means_itself(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///${HOME}.db\n")
    async with Database.open(tmp_path / "${HOME}.db", exclusive=True):
        outcome = await imagine(tmp_path, "usage")
    assert outcome.code == 0


async def test_a_dotenv_that_is_not_text_is_a_settings_problem(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DISCORD_TOKEN=\xff\xfe\n")
    outcome = await imagine(tmp_path, "run")
    assert outcome.code == 2
    assert ".env cannot be read" in outcome.err
    assert "Traceback" not in outcome.err


# --- usage


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """A ledger in the default place, held open as the running bot holds it."""
    async with Database.open(tmp_path / "data" / "imagine.db", exclusive=True) as database:
        yield Ledger(database, provider="test")


async def generate(
    ledger: Ledger, user_id: int, at: int, *, end: Status | None, price_micros: int | None = 60_000
) -> None:
    """One generation of `user_id`, from reservation to `end` (None: still on its way)."""
    request = Request(
        interaction_id=at + user_id % 1000,
        application_id=1,
        guild_id=2,
        channel_id=3,
        user_id=user_id,
        model="google/imagen-4-ultra",
        prompt="a red fox",
        options={},
        token="interaction-token",
        token_expires_at=at + 900_000,
        size_limit=10_000_000,
    )
    [row] = await ledger.reserve(
        request, now=at, price_micros=price_micros, limits=(), capacity=PLENTY
    )
    if end is None:
        return
    steps = await dispatch(ledger, row, now=at)
    assert steps is not None
    running = await ledger.attach(steps, f"prediction-{request.id}")
    assert running is not None
    if end is Status.DELIVERED:
        stored = await ledger.store(
            running,
            [Stored("x.png", "image/png", 5)],
            now=at + 1500,
            compute_ms=1500,
            duration_ms=1500,
        )
        assert stored is not None
        running = stored
    assert await ledger.finish(running, end, now=at + 2000, bought=True)


async def test_usage_as_json_has_text_ids_and_null_for_what_is_unknown(
    tmp_path: Path, ledger: Ledger
) -> None:
    await generate(ledger, OLIVIA, NOVEMBER, end=Status.DELIVERED)
    await generate(ledger, OLIVIA, NOVEMBER + 10_000, end=None)
    await generate(ledger, MAX, NOVEMBER, end=Status.UNKNOWN, price_micros=None)
    outcome = await imagine(tmp_path, "usage", "--format", "json")
    assert outcome.code == 0
    assert json.loads(outcome.out) == [
        {
            "user_id": str(OLIVIA),
            "delivered": 1,
            "failed": 0,
            "canceled": 0,
            "unknown": 0,
            "pending": 1,
            "compute_seconds": 1.5,
            "cost_usd": 0.06,
        },
        {
            "user_id": str(MAX),
            "delivered": 0,
            "failed": 0,
            "canceled": 0,
            "unknown": 1,
            "pending": 0,
            "compute_seconds": 0.0,
            "cost_usd": None,
        },
    ]


async def test_usage_as_csv_has_the_same_columns(tmp_path: Path, ledger: Ledger) -> None:
    await generate(ledger, MAX, NOVEMBER, end=Status.CANCELED)
    outcome = await imagine(tmp_path, "usage", "--format", "csv")
    [row] = csv.DictReader(io.StringIO(outcome.out))
    assert tuple(row) == report.COLUMNS
    assert (row["user_id"], row["delivered"], row["canceled"]) == ("42", "0", "1")


async def test_usage_as_a_table_shows_whole_ids_and_a_sum(tmp_path: Path, ledger: Ledger) -> None:
    await generate(ledger, OLIVIA, NOVEMBER, end=Status.DELIVERED)
    await generate(ledger, MAX, NOVEMBER, end=Status.DELIVERED)
    outcome = await imagine(tmp_path, "usage")
    assert str(OLIVIA) in outcome.out
    assert "All" in outcome.out
    assert "$0.12" in outcome.out


async def test_usage_counts_what_an_image_cost_then_whatever_the_prices_are_now(
    tmp_path: Path, ledger: Ledger
) -> None:
    await generate(ledger, MAX, NOVEMBER, end=Status.DELIVERED)
    prices = {"MODEL_PRICES": "google/imagen-4-ultra=99@2026-11-01@provider.example/pricing"}
    outcome = await imagine(tmp_path, "usage", "--format", "json", settings=prices)
    assert outcome.code == 0
    assert [line["cost_usd"] for line in json.loads(outcome.out)] == [0.06]


async def test_since_leaves_out_what_is_older(tmp_path: Path, ledger: Ledger) -> None:
    await generate(ledger, OLIVIA, NOVEMBER - DAY_MS, end=Status.DELIVERED)
    await generate(ledger, MAX, NOVEMBER, end=Status.DELIVERED)
    outcome = await imagine(tmp_path, "usage", "--since", "2026-11-01", "--format", "json")
    assert [line["user_id"] for line in json.loads(outcome.out)] == [str(MAX)]


async def test_an_age_counts_back_from_now(tmp_path: Path, ledger: Ledger) -> None:
    await generate(ledger, MAX, 1_000_000, end=Status.DELIVERED)
    outcome = await imagine(tmp_path, "usage", "--since", "30d")
    assert (outcome.code, "Nobody" in outcome.out) == (0, True)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "30", "99999999d", ""])
async def test_a_since_that_is_no_day_is_a_usage_error(tmp_path: Path, text: str) -> None:
    outcome = await imagine(tmp_path, "usage", "--since", text)
    assert (outcome.code, "30d" in outcome.err) == (2, True)


async def test_usage_without_a_database_says_so_and_makes_none(tmp_path: Path) -> None:
    outcome = await imagine(tmp_path, "usage")
    assert (outcome.code, "Traceback" in outcome.err) == (1, False)
    assert "no database" in outcome.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", list("=+-@\t\r\n"))
def test_no_csv_cell_begins_like_a_formula(start: str) -> None:
    assert safe_cell(f"{start}cmd") == f"'{start}cmd"
    assert safe_cell(-1.5) == -1.5


# --- init

APPLICATION = 1_300_000_000_000_000_001
TOKEN_LIKE_DISCORDS = base64.b64encode(str(APPLICATION).encode()).decode().rstrip("=") + ".Gx.yz"
ANSWERS = f"2\n{API_TOKEN}\n{TOKEN_LIKE_DISCORDS}\n123, 456\n\nnone\n"


async def test_init_writes_a_private_env_that_the_bot_accepts(tmp_path: Path) -> None:
    outcome = await imagine(tmp_path, "init", typed=ANSWERS)
    assert outcome.code == 0
    path = tmp_path / ".env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    settings = Settings.parse(dict(pairs))
    assert settings.replicate_api_url == GATEWAY_API
    assert settings.replicate_api_token.reveal() == API_TOKEN
    assert settings.discord_token.reveal() == TOKEN_LIKE_DISCORDS
    assert settings.allowed_guilds == frozenset({123, 456})
    assert (settings.user_daily_images, settings.monthly_images) == (20, None)
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


async def test_init_prints_the_invite_of_the_tokens_application(tmp_path: Path) -> None:
    outcome = await imagine(tmp_path, "init", typed=ANSWERS)
    assert f"client_id={APPLICATION}" in outcome.out
    assert "python -m bot check" in outcome.out


async def test_init_asks_again_until_an_answer_is_usable(tmp_path: Path) -> None:
    typed = (
        f"9\n3\nhttp://example.com/v1\nhttps://example.com/v1\n\n{API_TOKEN}\nBot x\n"
        f"{DISCORD_TOKEN}\nany\n0\n5\n\n"
    )
    outcome = await imagine(tmp_path, "init", typed=typed)
    assert outcome.code == 0
    for said in ("Answer 1, 2 or 3", "is not https", "is not set", "begins with", "not a limit"):
        assert said in outcome.out
    written = (tmp_path / ".env").read_text()
    assert "REPLICATE_API_URL=https://example.com/v1\n" in written
    assert "USER_DAILY_IMAGES=5\n" in written


@pytest.mark.parametrize("typed", ["n\n", "\n", "", f"y\n2\n{API_TOKEN}\n"])
async def test_init_leaves_what_is_there_unless_it_is_told_and_finishes(
    tmp_path: Path, typed: str
) -> None:
    (tmp_path / ".env").write_text("KEEP=me\n")
    outcome = await imagine(tmp_path, "init", typed=typed)
    assert (outcome.code, "Nothing was written." in outcome.err) == (1, True)
    assert (tmp_path / ".env").read_text() == "KEEP=me\n"
    assert len(list(tmp_path.iterdir())) == 1


async def test_init_replaces_an_env_when_told_to(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEEP=me\n")
    (tmp_path / ".env").chmod(0o644)
    outcome = await imagine(tmp_path, "init", typed="y\n" + ANSWERS)
    assert outcome.code == 0
    assert "KEEP" not in (tmp_path / ".env").read_text()
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


async def test_tokens_are_not_shown_while_they_are_typed(tmp_path: Path) -> None:
    keyboard, screen = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "init"),
        cwd=tmp_path,
        env=surroundings(tmp_path, {}),
        stdin=screen,
        stdout=screen,
        stderr=screen,
        start_new_session=True,
    )
    os.close(screen)
    seen = await _answer(keyboard, ANSWERS.splitlines())
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 0
    os.close(keyboard)
    assert "123, 456" in seen  # what is not secret is echoed, so the screen was really read
    assert API_TOKEN not in seen
    assert TOKEN_LIKE_DISCORDS not in seen


async def _answer(keyboard: int, answers: list[str]) -> str:
    """Type the next answer whenever a question ends; return all that was on the screen."""
    seen = ""
    while chunk := await asyncio.to_thread(_read, keyboard):
        seen += chunk
        if seen.endswith(": ") and answers:
            os.write(keyboard, answers.pop(0).encode() + b"\n")
    return seen


def _read(keyboard: int) -> str:
    try:
        return os.read(keyboard, 1024).decode()
    except OSError:  # Linux's word for "the other end has closed"
        return ""


@pytest.mark.parametrize("token", ["", "abc", "....", "żółw.x.y", "bm90IGEgbnVtYmVy.x.y"])
def test_a_token_of_another_shape_has_no_application(token: str) -> None:
    assert application_of(token) is None

"""What a log line looks like, and what can never stand in one."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import log

ROOT = Path(__file__).parents[2]
SECRET = "s3cr3t-token-made-up"
Configure = Callable[..., io.StringIO]


@pytest.fixture
def configured() -> Iterator[Configure]:
    """Configures the real root logger, and puts it back as it was."""
    loggers = [logging.getLogger(name) for name in (None, "bot", "cogs")]
    levels = [logger.level for logger in loggers]
    handlers = loggers[0].handlers[:]

    def configure(form: str = "text", level: str = "INFO") -> io.StringIO:
        stream = io.StringIO()
        log.configure(level, form, [SECRET, SECRET[:8], "no"], stream)
        return stream

    yield configure
    loggers[0].handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def test_a_text_line_is_time_level_logger_event_and_fields(configured: Configure) -> None:
    stream = configured()
    logging.getLogger("bot.generation.imagine").info(
        "delivered", extra={"seconds": 8.1, "where": "a b"}
    )
    [line] = stream.getvalue().splitlines()
    assert line.split(" ", 1)[1] == 'INFO bot.generation.imagine delivered seconds=8.1 where="a b"'


def test_a_json_line_is_one_object_with_its_fields(configured: Configure) -> None:
    stream = configured("json")
    logging.getLogger("bot.generation.imagine").info(
        "delivered", extra={"seconds": 8.1, "level": "fake"}
    )
    entry = json.loads(stream.getvalue())
    assert entry.pop("time").endswith("Z")
    assert entry == {
        "level": "INFO",
        "logger": "bot.generation.imagine",
        "event": "delivered",
        "seconds": 8.1,
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_token_is_replaced_wherever_in_a_record_it_stands(
    configured: Configure, form: str
) -> None:
    stream = configured(form)
    logger = logging.getLogger("bot.somewhere")
    logger.info("calling with %s", SECRET, extra={"header": f"Bearer {SECRET}"}, stack_info=True)
    logger.info(f"calling with {SECRET}")  # noqa: G004 - as a library might
    try:
        raise ValueError(SECRET)
    except ValueError:
        logger.exception("failed")
    written = stream.getvalue()
    assert SECRET not in written
    assert SECRET[8:] not in written
    assert written.count("***") >= 4


def test_a_word_too_short_to_be_a_token_is_left_alone(configured: Configure) -> None:
    stream = configured()
    logging.getLogger("bot").info("nothing now")
    assert "nothing now" in stream.getvalue()


def test_text_from_outside_cannot_start_a_line_of_its_own(configured: Configure) -> None:
    stream = configured()
    logging.getLogger("bot").info("named %s", "x\n2026 INFO bot forged", extra={"a": "b\x1b[2J\n"})
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_a_traceback_is_kept(configured: Configure) -> None:
    stream = configured("json")
    try:
        raise ValueError("a cause")
    except ValueError:
        logging.getLogger("bot").exception("failed")
    assert "ValueError: a cause" in json.loads(stream.getvalue())["exception"]


def test_libraries_stay_at_info_when_the_bot_debugs(configured: Configure) -> None:
    stream = configured(level="DEBUG")
    logging.getLogger("discord.http").debug("a payload with a prompt")
    logging.getLogger("bot.generation.imagine").debug("ours")
    assert "payload" not in stream.getvalue()
    assert "ours" in stream.getvalue()


def test_a_level_silences_what_is_below_it(configured: Configure) -> None:
    stream = configured(level="ERROR")
    logging.getLogger("bot").warning("bot")
    logging.getLogger("discord").warning("discord")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_secret_is_replaced_also_as_json_writes_it(form: str, configured: Configure) -> None:
    """A password may hold what JSON escapes: as %22, or as %C3%BC in its address."""
    configured()
    stream = io.StringIO()
    log.configure("INFO", form, ['pass"word', "pässwort"], stream)
    logging.getLogger("bot").info("x", extra={"detail": 'of pass"word and pässwort'})
    assert stream.getvalue().count("***") == 2
    assert "sswort" not in stream.getvalue()


def test_configuring_again_does_not_write_twice(configured: Configure) -> None:
    configured()
    stream = configured()
    logging.getLogger("bot").info("once")
    assert stream.getvalue().count("once") == 1


@pytest.mark.parametrize("number", [2**53 + 1, 1575405793988050945, -(2**60)])
def test_a_whole_number_that_a_float_cannot_hold_is_written_as_text(
    configured: Configure, number: int
) -> None:
    stream = configured("json")
    logging.getLogger("bot.gateway.tree").info(
        "command", extra={"interaction": number, "count": 2**53}
    )
    entry = json.loads(stream.getvalue())
    assert (entry["interaction"], entry["count"]) == (str(number), 2**53)


SCRIPT = """
import sys, threading, warnings
from bot import log
log.configure("INFO", "json", ["{secret}"])
log.catch()
def fail():
    raise ValueError("of {secret}")
warnings.warn("old")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
fail()
"""


def test_what_nobody_caught_is_in_the_log_in_its_form_and_without_a_token() -> None:
    script = SCRIPT.format(secret=SECRET)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
    )
    warned, *uncaught = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert warned["logger"] == "py.warnings"
    assert [(e["event"], e["level"]) for e in uncaught] == [("uncaught", "CRITICAL")] * 2
    assert all("ValueError: of ***" in each["exception"] for each in uncaught)
    assert SECRET not in done.stderr


def test_libraries_write_in_the_same_form(configured: Configure) -> None:
    stream = configured("json")
    logging.getLogger("discord.gateway").warning("Shard ID %s lost\nits connection", 3)
    try:
        raise KeyError("x")
    except KeyError:
        logging.getLogger("aiohttp.server").exception("Error handling request")
    lost, failed = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lost["event"] == "Shard ID 3 lost\nits connection"
    assert (failed["logger"], failed["level"]) == ("aiohttp.server", "ERROR")
    assert "KeyError" in failed["exception"]

"""Logging: a constant event with fields, as text for people or as one JSON object a line."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from types import TracebackType
from typing import Any, TextIO

log = logging.getLogger(__name__)

#: A shorter secret is no secret, and replacing it would garble every other word.
SHORTEST_SECRET = 6

#: What every record has; anything beyond it came in through `extra` and is a field of the event.
_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

#: Larger whole numbers are not exact as floats, which is what many programs read JSON's as.
EXACT = 2**53

#: Only these loggers follow LOG_LEVEL below INFO: at DEBUG, libraries log payloads, so prompts.
_OURS = ("bot", "cogs")


def configure(
    level: str, form: str, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send every record of `level` and above to `stream` (standard error) in `form`.

    `form` is "text" or "json". Whatever a record holds, `secrets` are replaced in what is written:
    a last line of defence, since no part of the program should log one.
    """
    # No line says these, and to find them out is a third of what a line costs.
    logging._srcfile = None  # noqa: SLF001 - as Python's own documentation of logging advises
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(stream or sys.stderr)
    formatter = _JsonLines if form == "json" else _TextLines
    handler.setFormatter(formatter(tuple(secrets)))
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    number = logging.getLevelNamesMapping()[level]
    root.setLevel(max(number, logging.INFO))
    for name in _OURS:
        logging.getLogger(name).setLevel(number)


def catch() -> None:
    """From now on what nobody caught, in any thread, and Python's warnings are records, too."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda left: _uncaught(left.exc_type, left.exc_value, left.exc_traceback)
    logging.captureWarnings(True)


def _uncaught(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None
) -> None:
    if issubclass(kind, Exception):
        log.critical("uncaught", exc_info=(kind, error or kind(), traceback))
    else:  # Ctrl-C is no failure
        sys.__excepthook__(kind, error or kind(), traceback)


class _Redacting(logging.Formatter, ABC):
    """Replaces the secrets in the finished text, so wherever in the record they came from."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__()
        known = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        known |= {json.dumps(secret)[1:-1] for secret in known}  # as they stand in JSON
        # Longest first: one secret may begin with another.
        self._secrets = sorted(known, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        text = self.line(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    @abstractmethod
    def line(self, record: logging.LogRecord) -> str:
        """Lay one record out."""

    def failure(self, record: logging.LogRecord) -> str:
        """Write out the traceback and the stack, where the record has them."""
        parts = [self.formatException(record.exc_info)] if record.exc_info else []
        return "\n".join(parts + ([record.stack_info] if record.stack_info else []))


class _TextLines(_Redacting):
    """`2026-11-22T18:30:00.123Z INFO bot.imagine delivered seconds=8.1`."""

    def line(self, record: logging.LogRecord) -> str:
        words = [_time(record), record.levelname, record.name, _one_line(record.getMessage())]
        words += [f"{name}={_word(value)}" for name, value in _fields(record).items()]
        return "\n".join(filter(None, [" ".join(words), self.failure(record)]))


class _JsonLines(_Redacting):
    """The same as one JSON object; a field never overwrites what every record has."""

    def line(self, record: logging.LogRecord) -> str:
        entry = _fields(record) | {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        if failure := self.failure(record):
            entry["exception"] = failure
        return json.dumps(entry, default=str)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: _exact(value) for name, value in record.__dict__.items() if name not in _PLAIN}


def _exact(value: object) -> object:
    """Discord's ids as text: as numbers, JavaScript and jq would round them."""
    return str(value) if isinstance(value, int) and abs(value) > EXACT else value


def _time(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"


def _one_line(text: str) -> str:
    """Escape what would start a new line or move the terminal's cursor: text is only data here."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _word(value: object) -> str:
    """Write a field's value so that it ends where it seems to end."""
    text = str(value)
    return json.dumps(text) if not text or set(text) & set(' "=') else _one_line(text)

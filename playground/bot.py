"""The unmodified bot as a child process, joined to the playground by two addresses only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LAST_LINES = 20
"""Lines of output kept to explain a death."""

_LINE_LIMIT = 1 << 20  # bytes of one line of output
_ROOT = Path(__file__).resolve().parent.parent
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP")


@dataclass(frozen=True)
class BotCommand:
    """How `python -m bot …` is run: with `settings` and nothing else, in `directory`.

    A developer's exported tokens and .env must not reach this bot, hence a bare environment and
    a directory of its own. `program` is what Python runs, before the command's name; `options` are
    those of the long-running bot.
    """

    settings: Mapping[str, str]
    directory: Path
    program: Sequence[str] = ("-m", "bot")
    options: Sequence[str] = ()

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """One command to its end: exit code, standard output, standard error."""
        process = await self._spawn(arguments, subprocess.PIPE)
        output, errors = await process.communicate()
        return process.returncode or 0, output.decode(), errors.decode()

    async def start(
        self, log: Path, echo: Callable[[str], None] | None = None, *, append: bool = False
    ) -> Bot:
        """The long-running bot, its output in `log` and, line by line, at `echo`."""
        process = await self._spawn(["run", *self.options], subprocess.STDOUT)
        return Bot(process, log, echo, append=append)

    async def _spawn(self, arguments: Sequence[str], errors: int) -> asyncio.subprocess.Process:
        # A group of its own: Ctrl-C reaches us alone, and we end the bot in our order.
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *self.program,
            *arguments,
            env=self._environment(),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            limit=_LINE_LIMIT,
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        python = {"PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
        return {**kept, **python, **self.settings}


@dataclass
class Bot:
    """A running bot; `last_lines` are the end of what it said."""

    process: asyncio.subprocess.Process
    log: Path
    echo: Callable[[str], None] | None = None
    append: bool = False
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))

    def __post_init__(self) -> None:
        self._listening = asyncio.create_task(self._listen())

    async def wait(self) -> int:
        """Its exit code, once it has ended and everything it said has been read."""
        await asyncio.shield(self._listening)
        return await self.process.wait()

    async def stop(self, grace: float) -> None:
        """Ask it to end, and make it end after `grace` seconds."""
        with contextlib.suppress(ProcessLookupError):
            if self.process.returncode is None:
                # Windows knows no SIGTERM between processes; Ctrl-Break is its nearest relative.
                self.process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
        try:
            await asyncio.wait_for(self.process.wait(), grace)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        await self._listening

    async def _listen(self) -> None:
        with self.log.open("a" if self.append else "w", encoding="utf-8") as file:
            async for line in _lines(self.process):
                self.last_lines.append(line)
                file.write(line + "\n")
                file.flush()
                if self.echo is not None:
                    self.echo(line)


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    if process.stdout is not None:
        async for line in process.stdout:
            yield line.decode(errors="replace").rstrip()

"""The bots that are compared: how each is started, what it may use, how it is stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: More than any scenario asks for: the provider's limits and our own are lifted.
LIFTED = {
    "USER_DAILY_IMAGES": "none",
    "MONTHLY_IMAGES": "none",
    "MAX_RUNNING": "100000",
    "MAX_WAITING": "100000",
    "REPLICATE_REQUESTS_PER_MINUTE": "1000000",
    "REPLICATE_CREATES_PER_MINUTE": "1000000",
}

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
_GRACE = 10.0  # seconds that a bot gets to end


@dataclass(frozen=True)
class Contender:
    """A bot as a command line; `program` is what Python runs, with `root` to import from."""

    name: str
    program: tuple[str, ...]
    root: Path = ROOT
    settings: Mapping[str, str] = field(default_factory=dict)

    @asynccontextmanager
    async def running(
        self, address: str, folder: Path, settings: Mapping[str, str]
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """The bot as a process of its own, its files and its log in `folder`."""
        with (folder / "bot.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self.program,
                env=self._environment(address, folder, settings),
                cwd=folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            await _stop(process)

    def _environment(
        self, address: str, folder: Path, settings: Mapping[str, str]
    ) -> dict[str, str]:
        """Nothing of the developer's own: an exported token must not reach a bot."""
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "PYTHONPATH": str(self.root),
            "DISCORD_TOKEN": "bench-discord-token",
            "DISCORD_API_URL": f"{address}/api/v10",
            "REPLICATE_API_URL": f"{address}/v1",
            "REPLICATE_API_TOKEN": "bench-provider-token",
            "DATA_DIR": str(folder / "data"),
            "ALLOWED_GUILDS": "any",
            "NEW_SERVERS": "open",
            "LOG_FORMAT": "json",
            **self.settings,
            **settings,
        }


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _GRACE)
    except TimeoutError:
        process.kill()
        await process.wait()


def contenders() -> dict[str, Contender]:
    """By name, in the order in which they run. BENCH_BOT_ROOT: another copy of our bot."""
    ours = Path(os.environ.get("BENCH_BOT_ROOT", ROOT))
    every = (
        Contender("ours", ("-m", "bot", "run"), ours),
        Contender("bare", ("-m", "bench.bare")),
        Contender("official", ("-m", "bench.official")),
        Contender("untuned", ("-m", "bench.official", "--untuned")),
    )
    return {contender.name: contender for contender in every}

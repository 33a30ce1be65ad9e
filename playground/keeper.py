"""Keeps one bot on stage: starts it, kills it, starts it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from playground.bot import Bot, BotCommand

Echo = Callable[[str], None]


class Keeper:
    """The bot that runs now, or that ran last; `log` collects what all of them said.

    `changed` is called whenever one starts or ends.
    """

    def __init__(self, command: BotCommand, log: Path, echo: Echo | None = None) -> None:
        self.command = command
        self.changed: Callable[[], None] = lambda: None
        self._log = log
        self._echo = echo
        self._bot: Bot | None = None
        self._wanted = False
        self._turn = asyncio.Lock()
        self._died: asyncio.Queue[Bot] = asyncio.Queue()
        self._watching: set[asyncio.Task[None]] = set()

    @property
    def bot(self) -> Bot:
        """The bot of the last start. Raises RuntimeError before the first."""
        if self._bot is None:
            raise RuntimeError("no bot was started yet")
        return self._bot

    @property
    def running(self) -> bool:
        return self._bot is not None and self._bot.process.returncode is None

    async def start(self) -> Bot:
        """Start the bot unless it runs."""
        async with self._turn:
            if not self.running:
                again = self._bot is not None
                self._bot = await self.command.start(self._log, self._echo, append=again)
                self._wanted = True
                watch = asyncio.create_task(self._watch(self._bot))
                self._watching.add(watch)
                watch.add_done_callback(self._watching.discard)
                self.changed()
            return self.bot

    async def kill(self) -> None:
        """End it as a crash would (SIGKILL); returns once it is gone."""
        async with self._turn:
            self._wanted = False
            if self.running:
                self.bot.process.kill()
                await self.bot.wait()

    async def restart(self) -> None:
        await self.kill()
        await self.start()

    async def stop(self, grace: float) -> None:
        """Ask it to end; after `grace` seconds, make it."""
        self._wanted = False
        if self._bot is not None:
            await self._bot.stop(grace)

    async def died(self) -> Bot:
        """Wait for a bot that ended although nobody here asked it to."""
        return await self._died.get()

    async def _watch(self, bot: Bot) -> None:
        await bot.wait()
        if self._wanted:
            self._died.put_nowait(bot)
        self.changed()

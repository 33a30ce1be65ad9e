"""From start to Ctrl-C: what happens on the stage, and what is said on the terminal."""

from __future__ import annotations

import asyncio
import signal
import time
import webbrowser
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from playground.once import once
from playground.stage import Plan, Stage, stage

OUT = Path("playground-out")
"""Where `--once` saves images, in the working directory."""

READY_WITHIN = 30.0
"""Seconds; a healthy start takes one or two."""

_PATIENCE = 60.0  # seconds that `--once` allows on top of five usual durations
_STOPS = ("SIGINT", "SIGTERM", "SIGHUP")

Act = Callable[[Stage], Coroutine[None, None, None]]


class PlaygroundFailed(Exception):
    """The playground cannot go on; the text is for the person at the terminal."""


async def play(plan: Plan, act: Act) -> bool:
    """Run `act` on the stage; False when a signal ended it first.

    Raises PlaygroundFailed when the bot dies or does not get ready, and OnceFailed.
    """
    stop = _stop_requested()
    async with stage(plan) as running:
        acting = asyncio.create_task(act(running))
        dying = asyncio.create_task(running.keeper.died())
        stopping = asyncio.create_task(stop.wait())
        everything = (acting, dying, stopping)
        try:
            await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            if dying.done():
                dead = dying.result()
                raise PlaygroundFailed(_obituary(await dead.wait(), dead.last_lines))
            if acting.done():
                acting.result()
            return not stopping.done()
        finally:
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)


def browse(*, open_page: bool) -> Act:
    """Say where the page is, and leave the rest to people."""

    async def act(running: Stage) -> None:
        await _ready(running)
        print(f"  Open      {running.address}/")
        print("  Then      type /imagine there; act as Olivia, Max, Nia; Mona and Milo moderate")
        print("  Also      as Olivia, the operator: /settings and /usage server:True; anybody: /me")
        print("  Images    are placeholders: nothing is bought, nothing leaves this machine")
        print(f"  Log       {running.bot.log}")
        print("  Ctrl-C    ends everything\n", flush=True)
        if open_page:
            await asyncio.to_thread(webbrowser.open, f"{running.address}/")
        await asyncio.Event().wait()

    return act


def generate(prompt: str, options: Mapping[str, str], seconds: float) -> Act:
    """One generation, told as it happens; `seconds` is how long one usually takes."""

    async def act(running: Stage) -> None:
        await _ready(running)
        print("The image is a placeholder: nothing is bought, nothing leaves this machine.\n")
        patience = _PATIENCE + 5 * seconds
        bot = running.command
        await once(running.world, bot, prompt, options, folder=OUT, patience=patience)

    return act


async def _ready(running: Stage) -> None:
    started = time.monotonic()
    print("Starting the bot, a small Discord and a small Replicate …", flush=True)
    try:
        async with asyncio.timeout(READY_WITHIN):
            await running.ready()
    except TimeoutError:
        late = f"The bot was not ready within {READY_WITHIN:.0f} s. Its last lines:\n"
        raise PlaygroundFailed(late + "\n".join(running.bot.last_lines)) from None
    print(f"Ready after {time.monotonic() - started:.1f} s.\n")


def _obituary(code: int, last_lines: Iterable[str]) -> str:
    lines = "\n".join(f"  {line}" for line in last_lines)
    return f"The bot ended by itself (exit code {code}). Its last lines:\n{lines}"


def _stop_requested() -> asyncio.Event:
    """An event set by Ctrl-C and by whoever ends processes politely."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in _STOPS:
        # Windows has neither SIGHUP nor loop handlers: there Ctrl-C cancels the main task.
        with suppress(AttributeError, NotImplementedError):
            loop.add_signal_handler(getattr(signal, name), stop.set)
    return stop

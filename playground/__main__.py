"""`python -m playground`: try the whole bot on this machine, without any account."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NoReturn

import typer

from playground.discord_faults import FAULTS as DISCORD_FAULTS
from playground.once import OnceFailed
from playground.play import Act, PlaygroundFailed, browse, generate, play
from playground.replicate import MEAN_SECONDS, Faults
from playground.serving import claim
from playground.stage import Plan
from playground.trouble import FAULTS

_FAULTS_HELP = "Trouble to rehearse; repeatable. " + " · ".join(
    f"{name}: {does}" for name, does in FAULTS.items()
)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(  # noqa: PLR0913 - each is an option of the command line
    *,
    once: Annotated[
        str | None, typer.Option(metavar="PROMPT", help="Make one image without a browser.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="An option of /imagine for --once; repeatable."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Default: a free one from 8765 on.")
    ] = None,
    fault: Annotated[list[str] | None, typer.Option(metavar="NAME", help=_FAULTS_HELP)] = None,
    seconds: Annotated[
        float, typer.Option(min=0.01, metavar="MEAN", help="Seconds that an image takes.")
    ] = MEAN_SECONDS,
    data_dir: Annotated[
        Path | None, typer.Option(help="Keep the bot's data here. Default: removed at the end.")
    ] = None,
    new_server: Annotated[
        bool, typer.Option("--new-server", help="Begin on the server's first day, as Olivia.")
    ] = False,
    locale: Annotated[
        str, typer.Option(metavar="LOCALE", help="What everybody speaks: de, es-ES, fr, ja.")
    ] = "en-US",
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the bot's log here.")] = False,
) -> None:
    """Try Imagine here: a Discord and a Replicate on this machine, and the bot between them."""
    _prepare_console()
    typed = _pairs(option or [])
    act = browse(open_page=open_page) if once is None else generate(once, typed, seconds)
    with ExitStack() as stack:
        plan = _plan(stack, port, set(fault or ()), seconds, data_dir, verbose=verbose)
        settings = {"NEW_SERVERS": "ask"} if new_server else {}
        finished = _played(replace(plan, locale=locale, settings=settings), act)
    print("\nDone." if finished else "\nEverything has ended.")
    # Interrupted: that is how a person leaves the page, but not how an image is made.
    sys.exit(0 if finished or once is None else 1)


def _prepare_console() -> None:
    logging.basicConfig(level=logging.WARNING, format="playground: %(message)s")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # As it happens, also into a pipe; and a console without "…" must not end the show.
        sys.stdout.reconfigure(line_buffering=True, errors="replace")


def _played(plan: Plan, act: Act) -> bool:
    """Whether it came to its end."""
    try:
        return asyncio.run(play(plan, act))
    except KeyboardInterrupt:
        return False
    except (OnceFailed, PlaygroundFailed) as failed:
        _give_up(str(failed))


def _plan(
    stack: ExitStack,
    port: int | None,
    faults: set[str],
    seconds: float,
    data_dir: Path | None,
    *,
    verbose: bool,
) -> Plan:
    if faults - FAULTS.keys():
        raise typer.BadParameter(f"--fault takes one of: {', '.join(FAULTS)}.")
    # Windows cannot remove a file that a dying process still holds.
    made = TemporaryDirectory(prefix="imagine-playground-", ignore_cleanup_errors=True)
    folder = Path(stack.enter_context(made))
    data = (data_dir or folder / "data").resolve()
    (folder / "work").mkdir()
    data.mkdir(parents=True, exist_ok=True)
    try:
        listening = stack.enter_context(claim(port))
    except OSError:
        raise typer.BadParameter(
            f"Port {port} is taken; leave --port out for a free one."
        ) from None
    return Plan(
        listening=listening,
        directory=folder / "work",
        data_dir=data,
        seconds=seconds,
        replicate_faults=Faults.parse(faults - DISCORD_FAULTS.keys()),
        discord_faults=faults & DISCORD_FAULTS.keys(),
        echo=print if verbose else None,
        webhooks=True,
    )


def _pairs(options: list[str]) -> dict[str, str]:
    pairs = dict(option.partition("=")[::2] for option in options)
    for option in options:
        if "=" not in option:
            raise typer.BadParameter(f"--option takes name=value, not {option!r}.")
    return pairs


def _give_up(sentence: str) -> NoReturn:
    print(f"\n{sentence}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    app()

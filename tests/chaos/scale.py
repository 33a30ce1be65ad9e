"""`make chaos SCALE=1`: four processes on one database are killed and frozen, then it is counted.

And the same with a bot that buys again blindly, which must fail.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.chaos.__main__ import LINES, MUTATION
from tests.chaos.plan import COMMITS, POINTS, RANDOM
from tests.chaos.several import Strain, strained
from tests.chaos.takeovers import FROZEN_LIMIT, KILLED_LIMIT, Figures, percentile
from tests.engines import server

MUTANT_POINTS = ("create accepted, not answered", "create answered, before our commit")


def main() -> None:
    options = _options()
    sound = _run(options, options.mutate)
    _print("the bot as it is" if not options.mutate else f"with --mutate {options.mutate}", sound)
    broken = bool(sound.broken)
    if not options.mutate and options.mutant_kills:
        options.kills, options.freezes = options.mutant_kills, 0
        options.requests = 20 * options.kills
        mutant = _run(options, MUTATION)
        _print(f"with --mutate {MUTATION} (must fail)", mutant)
        broken = broken or not mutant.verdict.doubles
    sys.exit(1 if broken else 0)


def _options() -> Namespace:
    parser = ArgumentParser("scale", description="Kill and freeze four processes, then count.")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--freezes", type=int, default=2, help="SIGSTOP of 30 s each")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--mutate", choices=[MUTATION], default="", help="run only this mutation")
    parser.add_argument("--mutant-kills", type=int, default=4, help="0: no mutation")
    parser.add_argument("--keep", type=Path, help="leave the logs here")
    return parser.parse_args()


def _run(options: Namespace, mutate: str) -> Figures:
    with tempfile.TemporaryDirectory(prefix="imagine-scale-") as made:
        folder = (options.keep or Path(made)).resolve() / (mutate or "as-it-is")
        strain = Strain(
            *(folder, options.requests, options.kills, options.freezes, options.seed, mutate),
            points=MUTANT_POINTS if mutate else (),
        )
        with server() as postgres:
            return asyncio.run(strained(strain, postgres))


def _print(title: str, figures: Figures) -> None:
    sys.stdout.write("\n".join(_table(title, figures)) + "\n")
    sys.stdout.flush()


def _table(title: str, figures: Figures) -> Iterator[str]:
    verdict = figures.verdict
    yield f"\nFour processes, {title}: {verdict.seconds:.0f} s, load {os.getloadavg()[0]:.1f}"
    yield _takeover("kill -9", figures.after_kills, KILLED_LIMIT)
    if last := figures.after_last:
        yield f"  nobody else who carries lived: {len(last)} generations, max {max(last):.2f} s"
    yield _takeover("freeze", figures.after_freezes, FROZEN_LIMIT)
    yield f"  {'freezes':24} {figures.freezes:>7}"
    for name in LINES:
        yield f"  {name.replace('_', ' '):24} {getattr(verdict, name):>7}"
    for code, count in sorted(verdict.failed.items()):
        yield f"  failed: {code:16} {count:>7}"
    yield "  killed"
    for name, count in sorted(figures.killed.items()):
        yield f"    {name:42} {count:>5}"
    for point in (*POINTS, *COMMITS, RANDOM):
        yield f"    {point:42} {verdict.points[point]:>5}"
    for note in verdict.notes[:20]:
        yield f"  ! {note}"
    yield f"  broken: {', '.join(figures.broken) or 'nothing'}"


def _takeover(what: str, seconds: Sequence[float], limit: float) -> str:
    """Of generations that were under way: how soon after it another process had them."""
    if not seconds:
        return f"  takeover after {what}: nothing was under way"
    p50, p99 = (percentile(seconds, share) for share in (50, 99))
    return (
        f"  takeover after {what}: {len(seconds)} generations, "
        f"p50 {p50:.2f} s, p99 {p99:.2f} s, max {max(seconds):.2f} s (p99 limit {limit:.0f} s)"
    )


if __name__ == "__main__":
    main()

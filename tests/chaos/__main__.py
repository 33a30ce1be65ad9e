"""`make chaos`: kill the bot a thousand times, then count.

Two lanes (one per core), each with a Discord, a provider and a bot of its own; and the same with a
bot that buys again blindly, which must fail.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from tests.chaos.judge import Verdict
from tests.chaos.lane import Order, run_lane
from tests.chaos.plan import COMMITS, POINTS, RANDOM

ROOT = Path(__file__).parents[2]
MUTATION = "blind-repost"
HURRY = "what the bot takes for a create's timeout (default %(default)s; 0: its own 70 s, slow)"
LINES = (
    *("kills", "asked", "acknowledged", "delivered", "kept", "canceled", "refused", "unknown"),
    *("purchases", "predictions_per_request", "charges_per_request", "doubles", "lost", "orphans"),
    *("left_in_progress", "images_twice", "wrong_books"),
    *("leaks", "came_back", "split_decisions"),
)


def main() -> None:
    options = _options()
    if options.lane is not None:
        _one_lane(options)
        return
    sound = _run(options, options.mutate)
    _print("the bot as it is" if not options.mutate else f"with --mutate {options.mutate}", sound)
    broken = bool(sound.broken)
    if not options.mutate and options.mutant_kills:
        options.kills = options.mutant_kills
        mutant = _run(options, MUTATION)
        _print(f"with --mutate {MUTATION} (must fail)", mutant)
        broken = broken or not mutant.broken
    sys.exit(1 if broken else 0)


def _options() -> Namespace:
    parser = ArgumentParser("chaos", description="Kill the bot over and over, then count.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--lanes", type=int, default=2, help="runs at the same time")
    parser.add_argument("--mutate", choices=[MUTATION], default="", help="run only this mutation")
    parser.add_argument("--mutant-kills", type=int, default=100, help="0: no mutation")
    parser.add_argument("--hurry", type=int, default=10_000, metavar="MS", help=HURRY)
    parser.add_argument("--reviewed", action="store_true", help="with a channel under review")
    parser.add_argument("--keep", type=Path, help="leave the databases and logs here")
    parser.add_argument("--lane", type=Path, help="(internal) write this lane's figures there")
    return parser.parse_args()


def _one_lane(options: Namespace) -> None:
    order = Order(
        *(options.kills, options.seed, options.lane.parent, options.mutate, options.hurry),
        reviewed=options.reviewed,
    )
    verdict = asyncio.run(run_lane(order))
    options.lane.write_text(json.dumps(verdict.to_json()), encoding="utf-8")


def _run(options: Namespace, mutate: str) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="imagine-chaos-") as made:
        folder = (options.keep or Path(made)).resolve() / (mutate or "as-it-is")
        return asyncio.run(_lanes(options, mutate, folder))


async def _lanes(options: Namespace, mutate: str, folder: Path) -> Verdict:
    share, rest = divmod(options.kills, options.lanes)
    total = Verdict()
    lanes = [
        _lane(options, mutate, folder / str(n), share + (n < rest), options.seed + 100 * n)
        for n in range(options.lanes)
    ]
    for verdict in await asyncio.gather(*lanes):
        total.add(verdict)
    return total


async def _lane(options: Namespace, mutate: str, folder: Path, kills: int, seed: int) -> Verdict:
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / "figures.json"
    arguments = ["--kills", str(kills), "--seed", str(seed), "--hurry", str(options.hurry)]
    if mutate:
        arguments += ["--mutate", mutate]
    if options.reviewed:
        arguments.append("--reviewed")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.chaos", "--lane", str(figures), *arguments), cwd=ROOT
    )
    if await process.wait() != 0:
        raise SystemExit(f"A lane failed; its files are in {folder}.")
    return Verdict.from_json(json.loads(figures.read_text(encoding="utf-8")))


def _print(title: str, verdict: Verdict) -> None:
    sys.stdout.write("\n".join(_table(title, verdict)) + "\n")
    sys.stdout.flush()


def _table(title: str, verdict: Verdict) -> Iterator[str]:
    yield f"\nChaos, {title}: {verdict.seconds:.0f} s"
    for name in LINES:
        yield f"  {name.replace('_', ' '):24} {getattr(verdict, name):>7}"
    for code, count in sorted(verdict.failed.items()):
        yield f"  failed: {code:16} {count:>7}"
    yield "  killed"
    for point in (*POINTS, *COMMITS, RANDOM):
        yield f"    {point:42} {verdict.points[point]:>5}"
    for note in verdict.notes[:20]:
        yield f"  ! {note}"
    yield f"  broken: {', '.join(verdict.broken) or 'nothing'}"


if __name__ == "__main__":
    main()

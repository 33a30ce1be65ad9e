"""How many mutants the tests kill: `python -m tests.mutation`.

A seeded draw of each group's mutants is tried; what survives is listed, and the score kept for
`make figures`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.figures import SCORES
from tests.mutation import trial
from tests.mutation.code import Tree
from tests.mutation.groups import GROUPS, ROOT, WORK, Group
from tests.mutation.statements import mutants

SEED, DRAWN, MINUTES = 10, 150, 30

Draw = Callable[[Sequence[str]], Sequence[str]]
#: What was tried; of what survived: what it changes.
Tried = Mapping[str, str | None]


def _code(name: str, group: Group, draw: Draw, seconds: float) -> tuple[int, Tried]:
    tree = Tree(name, group)
    every = tree.mutants()
    return len(every), tree.tried(draw(every), seconds)


def _statements(_: str, group: Group, draw: Draw, seconds: float) -> tuple[int, Tried]:
    with trial.schema() as schema:
        found = {str(each): each for path in group.paths for each in mutants(path, schema)}
    chosen = [found[name] for name in draw(list(found))]
    results = trial.tried(chosen, group.tests, seconds)
    return len(found), {str(each): None if killed else str(each) for each, killed in results}


def survivors(name: str, drawn: int, seconds: float, *, again: bool) -> Mapping[str, str]:
    """What survives of the group's mutants, or still does of those that did; the score is kept."""
    notes, scores = WORK / f"{name}.json", ROOT / SCORES
    earlier = _read(notes) if again else {}

    def draw(every: Sequence[str]) -> Sequence[str]:
        return list(earlier) or random.Random(SEED).sample(every, min(drawn, len(every)))

    group = GROUPS[name]
    count, tried = (_statements if group.is_sql else _code)(name, group, draw, seconds)
    left = {each: change for each, change in {**earlier, **tried}.items() if change is not None}
    kept = _read(scores)  # another group's may have come meanwhile
    told = kept[name]["tried"] if earlier else len(tried)
    kept[name] = {"mutants": count, "tried": told, "killed": told - len(left)}
    notes.write_text(json.dumps(left), encoding="utf-8")
    scores.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return left


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", choices=GROUPS, action="append", help="this group")
    parser.add_argument("--draw", type=int, default=DRAWN, help="so many mutants of each")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="no longer for each group")
    parser.add_argument("--again", action="store_true", help="only what survived the last time")
    asked = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    for name in asked.only or GROUPS:
        left = survivors(name, asked.draw, 60 * asked.minutes, again=asked.again)
        score = _read(ROOT / SCORES)[name]
        sys.stdout.write("\n".join((*left.values(), f"{name}: {score}", "")))
        sys.stdout.flush()


if __name__ == "__main__":
    main()

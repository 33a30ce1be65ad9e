"""How many mutants the tests kill: `python -m tests.mutation`.

A seeded draw of each group's mutants is tried; what survives is listed, and the score kept for
`make figures`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence, Sized
from pathlib import Path
from typing import Any

from tests.figures import SCORES
from tests.mutation import trial
from tests.mutation.code import Tree
from tests.mutation.groups import GROUPS, ROOT, WORK, Group
from tests.mutation.statements import mutants

SEED, DRAWN = 10, 150

Draw = Callable[[Sequence[str]], Sequence[str]]
Score = Mapping[str, int]
#: What survived, each with what it changes.
Survivors = Mapping[str, str]


def _code(name: str, group: Group, draw: Draw) -> tuple[Score, Survivors]:
    tree = Tree(name, group)
    every = tree.mutants()
    chosen = draw(every)
    left = tree.survivors(chosen)
    return _score(every, chosen, left), left


def _statements(_: str, group: Group, draw: Draw) -> tuple[Score, Survivors]:
    with trial.schema() as schema:
        found = {str(each): each for path in group.paths for each in mutants(path, schema)}
    chosen = draw(list(found))
    left = [str(each) for each in trial.survivors(map(found.__getitem__, chosen), group.tests)]
    return _score(found, chosen, left), dict(zip(left, left, strict=True))


def _score(every: Sized, chosen: Sized, left: Sized) -> Score:
    return {"mutants": len(every), "tried": len(chosen), "killed": len(chosen) - len(left)}


def tried(name: str, drawn: int, *, again: bool) -> Survivors:
    """What survives of the group's mutants, or still does of those that did; the score is kept."""
    notes, scores = WORK / f"{name}.json", ROOT / SCORES
    kept = _read(scores)
    earlier = list(_read(notes)) if again else []

    def draw(every: Sequence[str]) -> Sequence[str]:
        return earlier or random.Random(SEED).sample(every, min(drawn, len(every)))

    group = GROUPS[name]
    score, left = (_statements if group.is_sql else _code)(name, group, draw)
    if earlier:
        killed = kept[name]["tried"] - len(left)
        score = {**kept[name], "killed": killed}
    notes.write_text(json.dumps(left), encoding="utf-8")
    text = json.dumps(_read(scores) | {name: score}, indent=2, sort_keys=True)
    scores.write_text(f"{text}\n", encoding="utf-8")
    return left


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", choices=GROUPS, action="append", help="this group")
    parser.add_argument("--draw", type=int, default=DRAWN, help="so many mutants of each")
    parser.add_argument("--again", action="store_true", help="only what survived the last time")
    asked = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    for name in asked.only or GROUPS:
        left = tried(name, asked.draw, again=asked.again)
        score = _read(ROOT / SCORES)[name]
        sys.stdout.write("\n".join((*left.values(), f"{name}: {score}", "")))
        sys.stdout.flush()


if __name__ == "__main__":
    main()

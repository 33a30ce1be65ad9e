"""How many mutants the tests kill: `python -m tests.mutation`.

A seeded draw of each group's mutants is tried; what survives is listed, and the score kept for
`make figures`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence

from tests.figures import SCORES
from tests.mutation import trial
from tests.mutation.code import Tree
from tests.mutation.groups import GROUPS, ROOT, WORK
from tests.mutation.statements import mutants

SEED, DRAWN = 10, 150


def tried(name: str, drawn: int) -> tuple[dict[str, int], Sequence[str]]:
    """The group's score, and what survived."""
    group = GROUPS[name]
    draw = random.Random(SEED)
    if group.files[0].endswith(".sql"):
        with trial.schema() as schema:
            every = [each for path in group.paths for each in mutants(path, schema)]
        chosen = draw.sample(every, min(drawn, len(every)))
        left = list(map(str, trial.survivors(chosen, group.tests)))
        return _score(len(every), len(chosen), len(left)), left
    tree = Tree(name, group)
    names = tree.mutants()
    some = draw.sample(names, min(drawn, len(names)))
    shown = tree.survivors(some)
    return _score(len(names), len(some), len(shown)), shown


def _score(every: int, chosen: int, left: int) -> dict[str, int]:
    return {"mutants": every, "tried": chosen, "killed": chosen - left}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", choices=GROUPS, action="append", help="this group")
    parser.add_argument("--draw", type=int, default=DRAWN, help="so many mutants of each")
    asked = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    path = ROOT / SCORES
    for name in asked.only or GROUPS:
        score, left = tried(name, asked.draw)
        (WORK / f"{name}.txt").write_text("\n".join(left), encoding="utf-8")
        scores = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        scores[name] = score
        path.write_text(json.dumps(scores, indent=2) + "\n", encoding="utf-8")
        sys.stdout.write("\n".join((*left, f"{name}: {score}", "")))
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""What is mutated, and the tests that say what it has to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Where the trees of mutants are; `make clean` takes it away.
WORK = ROOT / "build" / "mutation"
#: Of every run of pytest: no shrinking, no database of examples, a test that hangs is a kill.
OPTIONS = (
    *("-p", "no:cacheprovider", "-p", "tests.mutation.bounded"),
    *("--hypothesis-profile", "mutants"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Files, Python's or SQL's, as their paths from the root; `tests` as pytest takes them."""

    files: Sequence[str]
    tests: Sequence[str]

    @property
    def is_sql(self) -> bool:
        return all(file.endswith(".sql") for file in self.files)

    @property
    def paths(self) -> Sequence[Path]:
        return [path for file in self.files for path in sorted(ROOT.glob(file))]


_STORAGE = tuple(
    f"tests/bot/storage/test_{name}.py"
    for name in (
        "ledger",
        "limits",
        "several",
        "ends",
        "appeals",
        "money",
        "processes",
        "transitions",
    )
)
_LIVES = tuple(
    f"tests/bot/test_{name}.py"
    for name in ("lifecycle", "turns", "reconcile", "dispatch", "batch", "breaker", "webhook_lives")
)

GROUPS: Mapping[str, Group] = {
    "ledger": Group(
        [
            f"bot/storage/{name}.py"
            for name in ("ledger", "spending", "custody", "creates", "rows", "facts")
        ],
        _STORAGE,
    ),
    "ledger's SQL": Group(
        [f"bot/storage/sql/{name}.sql" for name in ("ledger", "custody")],
        _STORAGE,
    ),
    "lifecycle": Group(
        [
            f"bot/generation/{name}.py"
            for name in ("lifecycle", "purchase", "ending", "lives", "turns", "reconcile")
        ],
        (
            *_LIVES,
            *(f"tests/cogs/test_{name}.py" for name in ("imagine", "several", "models", "notify")),
            *("tests/cogs/test_mention.py", "tests/bot/test_intake.py"),
        ),
    ),
    "policy": Group(
        ["bot/policy/*.py"],
        (
            *("tests/bot/policy", "tests/bot/test_policy.py", "tests/bot/test_access.py"),
            *("tests/bot/test_intake.py", "tests/bot/test_quota.py", "tests/cogs/test_styles.py"),
        ),
    ),
}

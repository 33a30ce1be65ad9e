"""docs/reliability.md: every fault that is tried, what a person sees, what is charged.

A test says so itself: `@pytest.mark.fault("what happens", sees="…", charged="…")`, as often as it
tries different faults. `pytest --faults-table=docs/reliability.md` writes the table with the
results of that run; it must run all marked tests.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "reliability.md"

_HEAD = """\
# What can go wrong, and what happens then

Written by `make reliability` from the tests that try it: each line is a fault that was produced
for real, on real sockets, real files and real processes, and the test that says what follows.

| What happens | What the person sees | What is charged | Shown by | |
|---|---|---|---|---|
"""


@dataclass(frozen=True, order=True)
class Row:
    """One fault; `test` is "file::function" below tests/."""

    test: str
    happens: str
    sees: str
    charged: str


def rows() -> list[Row]:
    """Every mark in the tests' sources, in the order of the files."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [row for file in files for row in _in_file(file)]


def render(results: dict[str, bool]) -> str:
    """The table; `results` says of each test whether it passed."""
    lines = [
        f"| {row.happens} | {row.sees} | {row.charged} | `{row.test}` | {_sign(results, row)} |"
        for row in rows()
    ]
    count = len({row.happens for row in rows()})
    return _HEAD + "\n".join(lines) + f"\n\n{count} distinct faults.\n"


def before(table: Path) -> dict[str, bool]:
    """What an earlier run had found: the faults of another engine."""
    text = table.read_text(encoding="utf-8") if table.exists() else ""
    return {test: sign == "✓" for test, sign in re.findall(r"`([^`]+)` \| ([✓✗]) \|", text)}


def _sign(results: dict[str, bool], row: Row) -> str:
    return "✓" if results.get(row.test) else "✗" if row.test in results else "not run"


def _in_file(file: Path) -> Iterator[Row]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                for call in ast.walk(decorator):
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.fault":
                        yield _row(f"{file.relative_to(ROOT / 'tests')}::{node.name}", call)


def _row(test: str, call: ast.Call) -> Row:
    said = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    return Row(test, ast.literal_eval(call.args[0]), said["sees"], said["charged"])


class Results:
    """Which marked tests passed, all their parameters together."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            name = report.nodeid.removeprefix("tests/").partition("[")[0]
            self.passed[name] = self.passed.get(name, True) and report.passed


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults-table", metavar="PATH", help="write the table of faults there")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "fault(happens, *, sees, charged): a line of docs/reliability.md"
    )
    if config.getoption("--faults-table"):
        config.pluginmanager.register(Results(), "faults-table")


def pytest_sessionfinish(session: pytest.Session) -> None:
    results = session.config.pluginmanager.get_plugin("faults-table")
    if isinstance(results, Results):
        path = Path(str(session.config.getoption("--faults-table")))
        path.write_text(render(before(path) | results.passed), encoding="utf-8")

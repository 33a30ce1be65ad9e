"""The house in figures: `python -m tests.figures`, of this tree or, with `--of`, of any commit.

`--write` puts the table into CONTRIBUTING.md.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from tests.documents import pages
from tests.documents.pages import ROOT

AREAS = ("bot", "cogs", "playground", "bench", "tests")
#: What the limits on length are for; a test may be as long as the story it tells.
PRODUCT = AREAS[:-1]
#: What `make mutants` has left, from the root.
SCORES = Path("tests/mutation/scores.json")
FILE_LINES, MEDIAN_LINES, P90_LINES, FUNCTION_LINES = 300, 10, 25, 40
#: Of 100 mutants of a group.
KILLED = 80

_IGNORED = re.compile(r"#.*\b(noqa|type: ignore)\b")


@dataclass(frozen=True, slots=True)
class Area:
    """A folder: the lines of each of its files, and of each function in them."""

    name: str
    files: Sequence[int]
    functions: Sequence[int]
    ignored: int

    @property
    def p90(self) -> int:
        return round(quantiles(self.functions, n=10, method="inclusive")[-1])

    @property
    def row(self) -> Sequence[str]:
        numbers = (len(self.files), sum(self.files), max(self.files), len(self.functions))
        lengths = (round(median(self.functions)), self.p90, max(self.functions))
        return (f"`{self.name}/`", *(f"{each:,}" for each in (*numbers, *lengths, self.ignored)))


def area(root: Path, *folders: str) -> Area:
    files, functions, ignored = list[int](), list[int](), 0
    for path in sorted(path for folder in folders for path in (root / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        files.append(len(lines))
        functions += _lengths(ast.parse(text))
        ignored += sum(1 for line in lines if _IGNORED.search(line))
    return Area(", ".join(folders), files, functions, ignored)


def _lengths(tree: ast.Module) -> Iterator[int]:
    """Of each function from its `def` to its last line; of one within another, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def table(root: Path) -> str:
    """All figures of the tree at `root`, as Markdown."""
    heads = ("files", "lines", "longest", "functions", "median", "p90", "longest", "ignored")
    areas = [area(root, name).row for name in AREAS]
    product = area(root, *PRODUCT)
    told = [
        ("the longest file", f"{max(product.files)} lines", f"≤ {FILE_LINES}"),
        ("functions: median", f"{median(product.functions):.0f} lines", f"≤ {MEDIAN_LINES}"),
        ("functions: nine of ten within", f"{product.p90} lines", f"≤ {P90_LINES}"),
        ("functions: the longest", f"{max(product.functions)} lines", f"≤ {FUNCTION_LINES}"),
        *_findings(root),
        *_tests(root),
        *_mutants(root),
    ]
    return f"{pages.table(('', *heads), areas)}\n\n{pages.table(('', 'is', 'target'), told)}"


def _findings(root: Path) -> Iterator[tuple[str, str, str]]:
    checks = {
        "`ruff check`": (["ruff", "check", "--output-format", "concise"], r"^\S+:\d+:\d+:"),
        "`ruff format`": (["ruff", "format", "--check"], r"^Would reformat"),
        "`mypy --strict`": (["mypy"], r"^\S+:\d+: error:"),
        "`deptry`": (["deptry", ".", "--no-ansi"], r": DEP\d+ "),
    }
    for name, (command, finding) in checks.items():
        code, said = _run(root, *command)
        found = len(re.findall(finding, said, re.MULTILINE))
        yield (name, f"{found} findings" if found or code == 0 else "not run", "0")


def _tests(root: Path) -> Iterator[tuple[str, str, str]]:
    _, said = _run(root, "pytest", "--collect-only", "-q")
    collected = re.search(r"^(\d+)(?:/\d+)? tests", said, re.MULTILINE)
    yield ("tests", f"{int(collected[1]):,}" if collected else "not collected", "–")
    faults = re.search(r"^(\d+) distinct", (root / "docs/reliability.md").read_text(), re.MULTILINE)
    yield ("faults that a test produces", faults[1] if faults else "–", "–")


def scores(root: Path) -> Mapping[str, Mapping[str, int]]:
    """Of each group: how many mutants there are, how many were tried, how many killed."""
    path = root / SCORES
    found: Mapping[str, Mapping[str, int]]
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _mutants(root: Path) -> Iterator[tuple[str, str, str]]:
    for group, score in scores(root).items():
        killed, tried = score["killed"], score["tried"]
        told = f"{100 * killed / tried:.0f} % ({killed} of {tried}, of {score['mutants']:,})"
        yield (f"mutants killed: {group}", told, f"≥ {KILLED} %")


def _run(root: Path, tool: str, *arguments: str) -> tuple[int, str]:
    """Its exit code, and what it said."""
    command = (sys.executable, "-m", tool, *arguments)
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """Its files in a temporary folder, beside what lies beside this tree for the tests."""
    with TemporaryDirectory() as folder:
        shared = ROOT.parent / "shared"
        if shared.exists():
            (Path(folder) / "shared").symlink_to(shared)
        root = Path(folder) / "tree"
        command = ("git", "archive", commit)
        packed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(root, filter="data")
        yield root


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.figures", description=__doc__)
    parser.add_argument("--of", metavar="COMMIT", help="of this commit instead")
    parser.add_argument("--write", action="store_true", help="into CONTRIBUTING.md, too")
    asked = parser.parse_args()
    if asked.of:
        with tree_of(asked.of) as root:
            sys.stdout.write(f"{table(root)}\n")
        return
    figures = table(ROOT)
    sys.stdout.write(f"{figures}\n")
    if asked.write:
        page = ROOT / "CONTRIBUTING.md"
        page.write_text(pages.written(page.read_text("utf-8"), "figures", figures), "utf-8")


if __name__ == "__main__":
    main()

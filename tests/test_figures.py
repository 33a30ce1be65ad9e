"""The house's measures, which `make figures` prints."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from tests import figures


def test_half_of_all_functions_fit_ten_lines_and_nine_of_ten_fit_25() -> None:
    product = figures.area(figures.ROOT, *figures.PRODUCT)

    assert median(product.functions) <= figures.MEDIAN_LINES
    assert product.p90 <= figures.P90_LINES


def test_figures_are_written_between_their_marks_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n", encoding="utf-8")

    figures.write(page, "new\n")
    figures.write(page, "newer\n")

    marked = "before\n<!-- figures -->\nnewer\n<!-- /figures -->\nafter\n"
    assert page.read_text(encoding="utf-8") == marked


def test_the_mutants_that_were_tried_are_killed_as_often_as_was_promised() -> None:
    """As `make mutants` has found it: what is lost there is not lost unseen."""
    scores = figures.scores(figures.ROOT)

    assert {"ledger", "ledger's SQL", "lifecycle", "policy"} == set(scores)
    for group, score in scores.items():
        assert 100 * score["killed"] >= figures.KILLED * score["tried"], group

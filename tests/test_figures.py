"""The house's measures, which `make figures` prints."""

from __future__ import annotations

from statistics import median

from tests import figures
from tests.documents.pages import ROOT


def test_half_of_all_functions_fit_ten_lines_and_nine_of_ten_fit_25() -> None:
    product = figures.area(ROOT, *figures.PRODUCT)

    assert median(product.functions) <= figures.MEDIAN_LINES
    assert product.p90 <= figures.P90_LINES


def test_the_mutants_that_were_tried_are_killed_as_often_as_was_promised() -> None:
    """As `make mutants` has found it: what is lost there is not lost unseen."""
    scores = figures.scores(ROOT)

    assert {"ledger", "ledger's SQL", "lifecycle", "policy"} == set(scores)
    for group, score in scores.items():
        assert 100 * score["killed"] >= figures.KILLED * score["tried"], group

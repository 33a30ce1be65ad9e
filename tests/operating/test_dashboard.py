"""`deploy/grafana.json`: every query asks for what there is, and the panels can be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from tests.operating.conftest import Seen
from tests.operating.promql import EVERY, ROOT, names, troubles

DASHBOARD = json.loads((ROOT / "deploy" / "grafana.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
CHARTS = [panel for panel in PANELS if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str]]:
    """Where each stands, and the query as Grafana sends it."""
    for panel in CHARTS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m")
    for note in DASHBOARD["annotations"]["list"]:
        yield note["name"], note["expr"]


@pytest.mark.parametrize(("where", "query"), list(queries()))
def test_a_query_asks_only_for_what_a_bot_shows_that_has_made_an_image(
    where: str, query: str, seen: Seen
) -> None:
    shown = seen.families
    for name in names(query):
        assert name in shown or re.sub(r"_(bucket|sum|count)$", "", name) in shown, name
    assert list(troubles(query)) == []


def test_every_figure_of_ours_is_in_the_dashboard() -> None:
    asked = {re.sub(r"_bucket$", "", name) for _, query in queries() for name in names(query)}
    #: Whether the database answers is part of being ready.
    ours = {each.name for each in EVERY} - {"imagine_database_up"}
    assert ours - asked == set()


def test_every_chart_says_what_it_shows_in_which_unit() -> None:
    for panel in CHARTS:
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)


def test_no_two_panels_lie_on_one_another_and_none_sticks_out() -> None:
    for one, other in combinations([panel["gridPos"] for panel in PANELS], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in PANELS)


def test_it_has_a_row_for_each_question() -> None:
    rows = [panel["title"] for panel in PANELS if panel["type"] == "row"]
    assert rows == [
        *("At a glance", "What people see", "The provider", "Discord", "Money", "The process")
    ]


def test_every_name_that_a_query_or_a_legend_uses_is_one_of_its_labels() -> None:
    for panel in CHARTS:
        for target in panel["targets"]:
            used = set(re.findall(r"{{(\w+)}}", target.get("legendFormat", "")))
            grouped = re.search(r"by \(([^)]*)\)", target["expr"])
            known = set(re.split(r", ", grouped[1])) if grouped else {"instance", "job"}
            assert used <= known, panel["title"]

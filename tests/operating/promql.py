"""What a query asks for: metrics, and the labels it tells them apart by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import promql_parser
from promql_parser import AggregateExpr, Expr, VectorSelector

from bot import tally
from bot.web import metrics

ROOT = Path(__file__).parents[2]

#: All of the bot's own, as the page and the document have them.
EVERY: tuple[tally.Metric | metrics.Gauge, ...] = (*tally.DECLARED, *metrics.LOOKED_UP)
#: What Prometheus itself adds to all that it scrapes, and shows of its scrapes.
TARGET = frozenset({"job", "instance"})
OWN = "up"


def declared() -> Mapping[str, frozenset[str]]:
    """The bot's series by name, as they are queried, with their labels."""
    found: dict[str, frozenset[str]] = {}
    for each in EVERY:
        labels = frozenset(each.labels)
        if each.kind == "histogram":
            found |= {f"{each.name}_sum": labels, f"{each.name}_count": labels}
            found[f"{each.name}_bucket"] = labels | {"le"}
        else:
            found[each.name] = labels
    return found


def selectors(expr: Expr) -> list[VectorSelector]:
    found: list[VectorSelector] = []

    def visit(node: Expr) -> None:
        if isinstance(node, VectorSelector):
            found.append(node)

    promql_parser.walk(expr, visit)
    return found


def aggregations(expr: Expr) -> list[AggregateExpr]:
    found: list[AggregateExpr] = []

    def visit(node: Expr) -> None:
        if isinstance(node, AggregateExpr):
            found.append(node)

    promql_parser.walk(expr, visit)
    return found


def names(query: str) -> set[str]:
    return {each.name or "" for each in selectors(promql_parser.parse(query))}


def troubles(query: str) -> Iterator[str]:
    """Labels that the metrics asked for do not have."""
    expr, known = promql_parser.parse(query), declared()
    for selector in selectors(expr):
        has = known.get(selector.name or "", frozenset()) | TARGET
        for matcher in selector.matchers.matchers:
            if matcher.name not in has:
                yield f"{selector.name} has no {matcher.name}"
    for each in aggregations(expr):
        by = each.modifier.labels if each.modifier else []
        for selector in selectors(each):
            has = known.get(selector.name or "", frozenset()) | TARGET
            yield from (f"{selector.name} has no {label}" for label in by if label not in has)

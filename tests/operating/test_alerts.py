"""`deploy/alerts.yaml`: rules that Prometheus takes, that ask for what there is, and that fire."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.operating.conftest import Seen
from tests.operating.promql import OWN, ROOT, names, troubles
from tests.operating.promtool import promtool, run

ALERTS = ROOT / "deploy" / "alerts.yaml"
CASES = Path(__file__).with_name("alerts_test.yaml")
DOCUMENT = ROOT / "docs" / "operating.md"


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


every_rule = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])


@every_rule
def test_a_rule_asks_only_for_what_a_bot_shows_that_has_made_an_image(
    rule: dict[str, Any], seen: Seen
) -> None:
    shown = seen.families
    for name in names(rule["expr"]) - {OWN}:
        assert name in shown or re.sub(r"_(bucket|sum|count)$", "", name) in shown, name
    assert list(troubles(rule["expr"])) == []


@every_rule
def test_a_rule_says_how_long_how_bad_what_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert promql_parser.parse_duration(rule["for"]).total_seconds() >= 60
    assert rule["labels"] in ({"severity": "critical"}, {"severity": "warning"})
    assert set(rule["annotations"]) == {"summary", "runbook"}
    assert rule["annotations"]["runbook"] == f"docs/operating.md#{rule['alert'].lower()}"


def test_every_alert_has_its_paragraph_and_every_paragraph_its_alert() -> None:
    headings = re.findall(r"^### (Imagine\w+)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == [rule["alert"] for rule in rules()]


def test_every_alert_is_tried() -> None:
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))["tests"]
    tried = [each for case in cases for each in case["alert_rule_test"]]
    fired = {each["alertname"] for each in tried if each.get("exp_alerts")}
    silent = {each["alertname"] for each in tried if not each.get("exp_alerts")}
    every = {rule["alert"] for rule in rules()}
    assert fired == every
    assert silent == every


@promtool
def test_prometheus_takes_the_rules() -> None:
    run("check", "rules", str(ALERTS))


@promtool
def test_the_rules_fire_when_they_should_and_not_when_all_is_well() -> None:
    run("test", "rules", str(CASES))

"""`/metrics`: what it holds, what it must not hold, and that the documents tell of all of it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bot.domain.generation import Status
from tests.documents.metrics import LIBRARYS
from tests.operating.conftest import Seen
from tests.operating.promql import EVERY, ROOT, declared
from tests.operating.promtool import promtool, run


def test_the_page_has_what_is_documented_and_nothing_else(seen: Seen) -> None:
    documented = {each.name for each in EVERY} | set(LIBRARYS)
    assert set(seen.families) == documented


def test_an_image_leaves_its_mark_in_every_figure_of_it(seen: Seen) -> None:
    model = {"model": "google/imagen-4-ultra"}
    assert value(seen, "imagine_commands_total", command="imagine") == 1
    assert value(seen, "imagine_generations_ended_total", status="delivered", **model) == 1
    assert value(seen, "imagine_cost_dollars_total", **model) == pytest.approx(0.06)
    assert value(seen, "imagine_limit_used", unit="images", period="month") == 1
    assert value(seen, "imagine_limit_most", unit="images", period="month") == 500
    assert value(seen, "imagine_provider_calls_total", call="create", outcome="ok") == 1
    assert value(seen, "imagine_provider_calls_total", call="download", outcome="ok") == 1
    for name in (
        *("imagine_acknowledgement_seconds", "imagine_image_wait_seconds"),
        *("imagine_turn_wait_seconds", "imagine_delivery_lag_seconds"),
        "imagine_prediction_seconds",
    ):
        assert value(seen, f"{name}_count") == 1, name
    assert value(seen, "imagine_loop_lag_seconds_count") > 1
    assert value(seen, "imagine_guilds") == 1


def test_labels_hold_nothing_of_a_person_a_server_or_a_prompt(seen: Seen) -> None:
    assert [what for what, secret in seen.private.items() if secret in seen.page] == []
    assert not re.search(r"\d{15,}", re.sub(r"[\d.e+]+$", "", seen.page, flags=re.MULTILINE))


def test_what_has_ended_and_what_it_costs_is_shown_from_zero_on(seen: Seen) -> None:
    """`increase` does not see the first step of a series that begins with it."""
    for status in (Status.UNKNOWN, Status.KEPT):
        found = value(seen, "imagine_generations_ended_total", status=status.value)
        assert found == 0


def test_names_follow_prometheus_conventions() -> None:
    for each in EVERY:
        assert re.fullmatch(r"imagine_[a-z_]+", each.name)
        assert each.name.endswith("_total") == (each.kind == "counter"), each.name
        assert each.kind != "histogram" or each.name.endswith("_seconds"), each.name
        assert each.about.endswith("."), each.name
    assert len(declared()) == len({name.lower() for name in declared()})


def test_no_start_waits_for_the_library_that_writes_the_page() -> None:
    code = "import sys, bot.run; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@promtool
def test_promtool_finds_nothing_to_say_about_the_page(seen: Seen) -> None:
    run("check", "metrics", text=seen.page)


def value(seen: Seen, name: str, **labels: str) -> float:
    """The sum of the page's samples of that name and with those labels."""
    samples = [sample for family in seen.families.values() for sample in family.samples]
    found = [
        each.value
        for each in samples
        if each.name == name and labels.items() <= each.labels.items()
    ]
    assert found, name
    return sum(found)

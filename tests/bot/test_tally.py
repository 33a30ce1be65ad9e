"""Counting in memory, and how `/metrics` shows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import tally
from bot.web.metrics import Page


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """What a test declares is not declared for others."""
    declared = tally.DECLARED[:]
    yield
    tally.DECLARED[:] = declared


async def samples(name: str) -> list[tuple[str, dict[str, str], float]]:
    """Of one family, on a page of its own."""
    text = (await Page(lambda: None).text()).decode()
    [found] = [each for each in text_string_to_metric_families(text) if each.name == name]
    return [(each.name, each.labels, each.value) for each in found.samples]


async def test_a_counter_without_labels_is_there_from_zero_on() -> None:
    counter = tally.Counter("imagine_x_total", "X.")
    assert await samples("imagine_x") == [("imagine_x_total", {}, 0)]
    counter.add()
    counter.add(by=0.5)
    assert await samples("imagine_x") == [("imagine_x_total", {}, 1.5)]


async def test_a_counter_with_labels_counts_each_apart_whatever_they_hold() -> None:
    counter = tally.Counter("imagine_x_total", "X.", "what", "why")
    ugly = 'a "quoted"\n\\ {line}'
    counter.add("a", "")
    counter.add("a", ugly)
    counter.add("a", ugly)
    assert await samples("imagine_x") == [
        ("imagine_x_total", {"what": "a", "why": ""}, 1),
        ("imagine_x_total", {"what": "a", "why": ugly}, 2),
    ]


@pytest.mark.parametrize(
    ("seconds", "buckets"),
    [
        (0.0, [1, 1, 1]),
        (1.0, [1, 1, 1]),  # a bound belongs to its bucket
        (1.5, [0, 1, 1]),
        (2.0, [0, 1, 1]),
        (2.1, [0, 0, 1]),
        (float("inf"), [0, 0, 1]),
        (-3.0, [1, 1, 1]),
    ],
)
async def test_a_duration_is_in_every_bucket_whose_bound_it_does_not_exceed(
    seconds: float, buckets: list[int]
) -> None:
    histogram = tally.Histogram("imagine_x_seconds", "X.", (1, 2))
    histogram.note(seconds)
    found = await samples("imagine_x_seconds")
    assert [value for name, _, value in found if name.endswith("_bucket")] == buckets
    assert [labels["le"] for name, labels, _ in found if name.endswith("_bucket")] == [
        *("1.0", "2.0", "+Inf")
    ]
    assert ("imagine_x_seconds_count", {}, 1) in found
    assert ("imagine_x_seconds_sum", {}, max(0.0, seconds)) in found


async def test_a_clock_that_was_set_back_does_not_make_a_sum_smaller() -> None:
    histogram = tally.Histogram("imagine_x_seconds", "X.", (1,), "model")
    histogram.note(2.0, "a")
    histogram.note(-5.0, "a")
    histogram.note(1.0, "b")
    found = await samples("imagine_x_seconds")
    assert ("imagine_x_seconds_sum", {"model": "a"}, 2.0) in found
    assert ("imagine_x_seconds_sum", {"model": "b"}, 1.0) in found


async def test_bounds_ascend_and_labels_are_few() -> None:
    for each in tally.DECLARED:
        assert len(each.labels) <= 3
        if isinstance(each, tally.Histogram):
            assert list(each.bounds) == sorted(set(each.bounds))


async def test_several_pages_in_one_process_do_not_meet() -> None:
    pages = [Page(lambda: None) for _ in range(3)]
    for page in pages * 2:
        assert b"imagine_build_info" in await page.text()


async def test_without_a_client_the_page_says_that_it_is_not_ready() -> None:
    text = (await Page(lambda: None).text()).decode()
    assert "\nimagine_ready 0.0\n" in text
    assert "\nimagine_database_up 0.0\n" in text
    assert "\nimagine_guilds " not in text

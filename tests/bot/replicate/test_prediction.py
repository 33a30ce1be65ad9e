"""Real predictions break their published schema; each shape seen is read, none is fatal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.prediction import Prediction, PredictionStatus
from bot.errors import ProviderError, ProviderTrouble
from bot.replicate.body import loads
from bot.replicate.prediction import parse
from bot.replicate.problems import failure

URL = "https://replicate.delivery/xezq/out-0.jpg"
RECORDED = Path(__file__).parents[4] / "shared" / "replicate" / "examples"


def body(**fields: object) -> dict[str, object]:
    return {"id": "het8zf0rtnrm80crb5gaw4ecdw", "status": "succeeded", **fields}


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, ()),
        ({"output": None}, ()),
        ({"output": ""}, ()),
        ({"output": URL}, (URL,)),
        ({"output": "data:image/png;base64,AAAA"}, ("data:image/png;base64,AAAA",)),
        ({"output": [URL, None, URL]}, (URL, URL)),
        ({"output": [[URL], []]}, (URL,)),
        ({"output": {"image": URL, "seed": 7, "more": [URL]}}, (URL, URL)),
        ({"output": ["Once", " upon", " a time"]}, ()),
        ({"output": 42}, ()),
        ({"output": "javascript:alert(1)"}, ()),
        ({"output": "file:///etc/passwd"}, ()),
    ],
)
def test_output_is_every_address_in_whatever_shape_it_comes(
    fields: dict[str, object], output: tuple[str, ...]
) -> None:
    assert parse(body(**fields)).output == output


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("starting", PredictionStatus.STARTING),
        ("aborted", PredictionStatus.ABORTED),
        ("canceled", PredictionStatus.CANCELED),
        ("cancelled", PredictionStatus.CANCELED),
        ("successful", PredictionStatus.SUCCEEDED),
        ("SUCCEEDED", PredictionStatus.SUCCEEDED),
        ("queued", PredictionStatus.PROCESSING),
    ],
)
def test_unknown_statuses_count_as_processing(word: str, status: PredictionStatus) -> None:
    assert parse(body(status=word)).status is status


@pytest.mark.parametrize(
    ("fields", "milliseconds"),
    [
        ({"metrics": {"predict_time": 0.128148, "total_time": 0.175128}}, 128),
        ({"metrics": {"predict_time": 4}}, 4000),
        ({}, None),
        ({"metrics": {}}, None),
        ({"metrics": None}, None),
        ({"metrics": {"predict_time": "soon"}}, None),
        ({"metrics": {"predict_time": -1}}, None),
        ({"metrics": {"predict_time": float("nan")}}, None),
        ({"metrics": {"predict_time": 10**400}}, None),
        ({"started_at": "2025-06-28T15:07:04.374187253Z"}, None),
        ({"started_at": "yesterday", "completed_at": "today"}, None),
        ({"started_at": "2025-06-28T15:07:04", "completed_at": "2025-06-28T15:07:05Z"}, None),
        (
            {
                "started_at": "2025-06-28T15:07:04.374187253Z",
                "completed_at": "2025-06-28T15:07:06.811450686Z",
            },
            2437,
        ),
    ],
)
def test_compute_time_is_predict_time_or_else_completed_minus_started(
    fields: dict[str, object], milliseconds: int | None
) -> None:
    assert parse(body(**fields)).compute_ms == milliseconds


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (None, None),
        ("", None),
        ("went wrong (E005)", "went wrong (E005)"),
        ({"message": "went wrong"}, "went wrong"),
        ({"detail": "went wrong"}, "went wrong"),
        ({}, "unspecified"),
        (["went", "wrong"], "['went', 'wrong']"),
        ("half a pair \ud83e, a nul \0", "half a pair ?, a nul "),
    ],
)
def test_an_error_is_text_that_can_be_stored(error: object, text: str | None) -> None:
    assert parse(body(error=error)).error == text


@pytest.mark.parametrize(
    "identity", [None, "", " \n", 0.5, True, [], "a" * 201, ".", "..", "snow☃", "a\nb"]
)
def test_a_new_prediction_needs_an_id_that_can_be_asked_for(identity: object) -> None:
    with pytest.raises(ProviderTrouble):
        parse({"id": identity, "status": "starting"})


def test_a_numeric_id_is_an_id() -> None:
    assert parse({"id": 7}) == Prediction("7", PredictionStatus.STARTING)


def test_a_polled_prediction_keeps_the_id_that_was_asked_for() -> None:
    assert parse({"status": "starting", "id": "theirs"}, known_id="ours").id == "ours"


@pytest.mark.parametrize("answer", [None, [], "ok", {}, {"id": "x"}, {"code": 0, "status": 200}])
def test_a_poll_without_a_status_is_no_prediction(answer: object) -> None:
    with pytest.raises(ProviderTrouble):
        parse(answer, known_id="x")


@pytest.mark.parametrize("text", ["", "<html>", "{", "[" * 100_000, "9" * 5_000])
def test_unreadable_json_is_none(text: str) -> None:
    assert loads(text) is None


def recorded() -> Iterator[dict[str, Any]]:
    """Every prediction in the recorded traffic, with its HTTP envelope taken off."""
    for path in sorted(RECORDED.glob("*.json")):
        found = json.loads(path.read_text())
        for candidate in (found, found.get("response", {}).get("body")):
            if isinstance(candidate, dict) and {"id", "status", "input"} <= candidate.keys():
                yield candidate


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded bodies beside the repository")
def test_every_recorded_prediction_is_read() -> None:
    bodies = list(recorded())
    assert len(bodies) > 20
    for wire in bodies:
        read = parse(wire)
        assert (read.id, read.status.value) == (wire["id"], wire["status"])
        metrics = wire.get("metrics") or {}
        if "predict_time" in metrics:
            assert read.compute_ms == round(metrics["predict_time"] * 1000)
        first = wire.get("output")
        first = first[0] if isinstance(first, list) and first else first
        assert bool(read.output) == str(first).startswith(("https://", "data:"))


def test_the_whole_life_runs_from_creation_to_completion() -> None:
    body = {
        "id": "a",
        "status": "succeeded",
        "created_at": "2026-01-01T00:00:00Z",
        "completed_at": "2026-01-01T00:00:09.5Z",
    }

    assert parse(body).total_ms == 9_500
    assert parse({**body, "completed_at": "2025-01-01T00:00:00Z"}).total_ms is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
predictions = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text() | json_values,
        "status": st.sampled_from([*PredictionStatus, "successful"]) | json_values,
        "metrics": st.fixed_dictionaries({}, optional={"predict_time": json_values}) | json_values,
        "started_at": st.datetimes().map(str) | json_values,
        "completed_at": st.datetimes().map(str) | json_values,
        **dict.fromkeys(("output", "error", "data_removed"), json_values),
    },
)


@pytest.mark.fuzz
@given(wire=predictions | json_values, known_id=st.none() | st.just("known"))
def test_no_json_raises_anything_but_a_provider_error(wire: object, known_id: str | None) -> None:
    try:
        read = parse(wire, known_id=known_id)
    except ProviderError:
        return
    assert read.compute_ms is None or read.compute_ms >= 0
    assert isinstance(failure(read), ProviderError)
    (read.error or "").encode()


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("A red fox", "A red fox"),
        (["A", " red", " fox"], "A red fox"),
        (["A", 7, None, {"b": "c"}, " fox"], "A fox"),
        (None, ""),
        (7, ""),
        ({"text": "A fox"}, ""),
    ],
)
def test_a_text_models_words_are_read_whole_or_in_pieces(output: object, text: str) -> None:
    read = parse({"id": "p", "status": "succeeded", "output": output})

    assert (read.text, read.output) == (text, ())


def test_what_holds_an_address_is_no_text() -> None:
    read = parse({"id": "p", "status": "succeeded", "output": ["https://files.invalid/1", "fox"]})

    assert (read.text, read.output) == ("", ("https://files.invalid/1",))

"""Each refusal seen in the wild, and the typed error that it means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.prediction import Prediction, PredictionStatus
from bot.errors import (
    AuthenticationFailed,
    InputInvalid,
    ModelNotFound,
    OutOfCredit,
    PredictionCanceled,
    PredictionNotFound,
    PredictionTimeout,
    ProviderError,
    ProviderTrouble,
    RateLimited,
    SafetyRefused,
)
from bot.replicate.problems import failure, problem

MODEL = "google/imagen-4-ultra"
RECORDED = Path(__file__).parents[4] / "shared" / "replicate" / "examples"


def answered(status: int, body: object, **headers: str) -> ProviderError:
    """What a create's answer means; `body` is sent as JSON unless it is text."""
    text = body if isinstance(body, str) else json.dumps(body)
    return problem(status, text, headers, model=MODEL)


def new_api(code: str | None, message: str) -> dict[str, object]:
    error = {"message": message, "type": "new_api_error"}
    return {"error": {**error, "code": code} if code else error}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"title": "Unauthenticated", "detail": "Not a valid token", "status": 401},
         AuthenticationFailed),
        (401, "", AuthenticationFailed),
        (401, new_api(None, "未提供令牌 (request id: abc123)"), AuthenticationFailed),
        (403, new_api(None, "this token has no access to the model"), AuthenticationFailed),
        (403, "<html><title>Attention Required!</title></html>", ProviderTrouble),
        (402, {"title": "Insufficient credit", "detail": "You have insufficient credit …"},
         OutOfCredit),
        (402, "", OutOfCredit),
        (403, new_api("insufficient_user_quota", "用户额度不足"), OutOfCredit),
        (403, new_api(None, "用户额度不足, 剩余额度: $0.00"), OutOfCredit),
        (500, new_api("insufficient_user_quota", "no quota"), OutOfCredit),
        (400, {"detail": "You've hit your monthly spend limit. Raise it to go on."}, OutOfCredit),
        (404, {"detail": "The requested resource could not be found.", "status": 404},
         ModelNotFound),
        (404, "<html>404</html>", ModelNotFound),
        (410, "", ModelNotFound),
        (503, new_api("model_not_found", "no channel (request id: req)"), ModelNotFound),
        (422, {"title": "Invalid version or not permitted",
               "detail": "The specified version does not exist (or is not permitted)"},
         ModelNotFound),
        (400, {"detail": "This model has been retired."}, ModelNotFound),
        (403, {"error": "The model imagen-4 is no longer available."}, ModelNotFound),
        (429, {"detail": "Request was throttled.", "status": 429}, RateLimited),
        (400, {"detail": "Input was flagged as sensitive (E005)"}, SafetyRefused),
        (400, new_api("sensitive_words_detected", "sensitive words detected"), SafetyRefused),
        (413, "<html>too large</html>", InputInvalid),
        (400, {"message": "prompt is too long"}, InputInvalid),
        (405, "", ProviderTrouble),
        (408, {"detail": "The model was not found"}, ProviderTrouble),
        (409, {"detail": "At capacity - all prediction slots busy"}, ProviderTrouble),
        (500, "<html><title>500 Server Error</title></html>", ProviderTrouble),
        (502, "", ProviderTrouble),
        (503, {"detail": "insufficient credit"}, ProviderTrouble),
        (302, "", ProviderTrouble),
    ],
)  # fmt: skip
def test_an_answer_means_its_error(status: int, body: object, kind: type[ProviderError]) -> None:
    error = answered(status, body)
    assert type(error) is kind
    assert error.status == status


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded bodies beside the repository")
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error_401", AuthenticationFailed),
        ("error_402", OutOfCredit),
        ("error_422_body_not_allowed", InputInvalid),
        ("error_422_enum_imagen-4-fast", InputInvalid),
        ("error_422_invalid_version", ModelNotFound),
        ("error_422_required_and_range_flux-schnell", InputInvalid),
        ("error_429_low_credit", RateLimited),
    ],
)
def test_a_recorded_refusal_means_its_error(name: str, kind: type[ProviderError]) -> None:
    recorded = json.loads((RECORDED / f"{name}.json").read_text())
    error = answered(recorded["http_status"], recorded["body"])
    assert type(error) is kind
    if isinstance(error, InputInvalid):
        assert len(error.fields) == len(recorded["body"]["invalid_fields"])


def test_a_missing_model_is_named() -> None:
    error = answered(404, "")
    assert isinstance(error, ModelNotFound)
    assert error.model == MODEL


def test_a_404_without_a_model_is_a_missing_prediction() -> None:
    assert type(problem(404, "", {})) is PredictionNotFound


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (
            {
                "detail": "- input.aspect_ratio: aspect_ratio must be one of …\n",
                "invalid_fields": [
                    {
                        "type": "enum",
                        "field": "input.aspect_ratio",
                        "description": 'aspect_ratio must be one of the following: "1:1", "9:16"',
                    },
                    {"type": "required", "field": "input", "description": "prompt is required"},
                    {"type": "x", "field": "input.steps", "description": "Must be at most 4"},
                ],
            },
            (
                'aspect_ratio must be one of the following: "1:1", "9:16"',
                "prompt is required",
                "steps: Must be at most 4",
            ),
        ),
        (
            {"detail": "- input: prompt is required\n- input.steps: Must be at most 4\n"},
            ("input: prompt is required", "steps: Must be at most 4"),
        ),
        (
            {"detail": [{"loc": ["body", "input", "prompt"], "msg": "too long", "type": "x"}]},
            ("prompt: too long",),
        ),
        ({"error": {"message": "size is not supported"}}, ("size is not supported",)),
        ("<html>Bad Request</html>", ()),
    ],
)
def test_invalid_input_carries_the_providers_own_words(
    body: object, fields: tuple[str, ...]
) -> None:
    error = answered(422, body)
    assert isinstance(error, InputInvalid)
    assert error.fields == fields


THROTTLED = "Your rate limit for creating predictions is reduced … resets in ~5s."


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({"detail": THROTTLED, "retry_after": 7}, {}, 7.0),
        ({"detail": THROTTLED}, {}, 5.0),
        ({"detail": "Slow down"}, {"Retry-After": "12"}, 12.0),
        ({"detail": "Slow down"}, {"Retry-After": "soon"}, 1.0),
        (
            {"detail": "Slow down"},
            {
                "Retry-After": "Mon, 22 Apr 2024 11:15:45 GMT",
                "Date": "Mon, 22 Apr 2024 11:15:15 GMT",
            },
            30.0,
        ),
        ({"detail": "Slow down"}, {"Retry-After": "Mon, 22 Apr 2024 11:15:45 GMT"}, 0.0),
        ({"detail": "Try again in 250ms"}, {}, 0.25),
        ({"retry_after": -3}, {}, 1.0),
        ({"retry_after": True}, {}, 1.0),
        ({"retry_after": 10**400}, {}, 3600.0),
        ("", {}, 1.0),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(
    body: object, headers: dict[str, str], seconds: float
) -> None:
    error = answered(429, body, **headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_detail_is_the_providers_sentence_or_the_pages_title() -> None:
    assert answered(402, {"detail": " no credit \n", "title": "Oh"}).detail == "no credit"
    assert answered(502, "<html><title>Bad gateway</title>…").detail == "Bad gateway"


def test_detail_never_repeats_a_body_that_may_hold_the_prompt() -> None:
    error = answered(500, {"input": {"prompt": "a secret fox"}})
    assert "fox" not in repr(error)


def ended(
    status: PredictionStatus, error: str | None = None, *, data_removed: bool = False
) -> Prediction:
    return Prediction("id", status, error=error, data_removed=data_removed)


PREFIX = "Prediction failed: Async prediction failed: ModelError: "


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "The input or output was flagged as sensitive. Please try again … (E005)",
            SafetyRefused,
        ),
        (PREFIX + "flagged as sensitive (uIJ6l3ruRD)", SafetyRefused),
        ("NSFW content detected. Try running it again.", SafetyRefused),
        (
            "The prompt could not be submitted: it violates Google's Responsible AI practices",
            SafetyRefused,
        ),
        ("The response is blocked, as it may violate our policies.", SafetyRefused),
        ("Prediction interrupted; please retry (code: PA)", ProviderTrouble),
        ("Service is currently unavailable due to high demand … (E003)", ProviderTrouble),
        ("Director: unexpected error handling prediction (E9828)", ProviderTrouble),
        ("content filter service crashed (E004)", ProviderTrouble),
        ("Prediction timed out", PredictionTimeout),
        ("Input validation error: prompt: too long", InputInvalid),
        (
            "404 Publisher Model `projects/x/models/imagen-4.0-ultra` was not found",
            ModelNotFound,
        ),
        (
            "models/imagen-4.0-ultra-generate-001 is not found for API version v1beta",
            ModelNotFound,
        ),
        ("This model was retired on 2026-08-17", ModelNotFound),
        (PREFIX + "worker was shut down", ProviderTrouble),
        ("You've hit your monthly spend limit", OutOfCredit),
        ("429 Too many requests upstream", ProviderTrouble),
        ("CUDA out of memory", ProviderTrouble),
        (None, ProviderTrouble),
    ],
)
def test_a_failed_prediction_means_its_error(text: str | None, kind: type[ProviderError]) -> None:
    assert type(failure(ended(PredictionStatus.FAILED, text))) is kind


@pytest.mark.parametrize("status", [PredictionStatus.CANCELED, PredictionStatus.ABORTED])
def test_a_prediction_that_was_ended_early_is_canceled(status: PredictionStatus) -> None:
    assert type(failure(ended(status))) is PredictionCanceled


@pytest.mark.parametrize("data_removed", [False, True])
def test_success_without_an_image_is_provider_trouble(data_removed: bool) -> None:
    error = failure(ended(PredictionStatus.SUCCEEDED, data_removed=data_removed))
    assert type(error) is ProviderTrouble
    assert ("removed" in error.detail) is data_removed


@pytest.mark.fuzz
@given(
    status=st.integers(100, 599),
    text=st.text() | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(
                ["detail", "error", "message", "code", "invalid_fields", "field", "description",
                 "loc", "msg", "retry_after", "title"]
            ),
            inner,
        ),
        max_leaves=12,
    ).map(json.dumps),
    wait=st.text(),
)  # fmt: skip
def test_any_answer_at_all_means_some_provider_error(status: int, text: str, wait: str) -> None:
    error = problem(status, text, {"Retry-After": wait}, model=MODEL)
    assert isinstance(error, ProviderError)
    error.detail.encode()

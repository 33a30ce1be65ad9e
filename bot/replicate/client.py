"""The predictions API: one method, one call, typed errors, no retries."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote

import aiohttp

from bot.budget import REQUESTS_PER_MINUTE, Budget, Turnstile
from bot.clock import SystemClock
from bot.domain.prediction import Listed, Prediction
from bot.errors import (
    CancelUnsupported,
    CreateUnknown,
    ModelNotFound,
    PredictionNotFound,
    ProviderTrouble,
    RateLimited,
    UploadUnsupported,
    WebhookRefused,
)
from bot.replicate import webhook as webhooks
from bot.replicate.files import upload
from bot.replicate.listing import listed_since
from bot.replicate.measured import measured
from bot.replicate.origin import Answer, Origin, open_session
from bot.replicate.outputs import OutputFetcher
from bot.replicate.prediction import parse
from bot.replicate.problems import problem

#: Replicate's bounds for `Cancel-After`, in seconds.
CANCEL_AFTER_SECONDS = (5, 24 * 3600)
#: For so long at most one refused read holds up all others; its own prediction waits as told.
LONGEST_REST_SECONDS = 60.0


class Outputs(Protocol):
    """Where finished images are fetched from."""

    def fetch(self, url: str) -> AsyncGenerator[bytes, None]: ...


@asynccontextmanager
async def connect(
    base_url: str,
    token: str,
    *,
    can_cancel: bool = True,
    can_list: bool = False,
    can_upload: bool = False,
    requests: Budget | None = None,
) -> AsyncIterator[ReplicateClient]:
    """A client with sessions of its own, closed on exit."""
    async with open_session() as session, OutputFetcher.open(base_url) as outputs:
        yield ReplicateClient(
            session,
            outputs,
            base_url=base_url,
            token=token,
            can_cancel=can_cancel,
            can_list=can_list,
            can_upload=can_upload,
            requests=Turnstile(requests or Budget(REQUESTS_PER_MINUTE), SystemClock()),
        )


class ReplicateClient:
    """Speaks to the configured origin only; addresses in responses (`urls.*`) are never followed.

    It retries nothing: only the caller knows what was already paid for.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        outputs: Outputs,
        *,
        base_url: str,
        token: str,
        can_cancel: bool = True,
        can_list: bool = False,
        can_upload: bool = False,
        requests: Turnstile | None = None,
    ) -> None:
        self._requests = requests or Turnstile(Budget(REQUESTS_PER_MINUTE), SystemClock())
        self._origin = Origin(session, base_url, token, self._requests)
        self._outputs = outputs
        self._can_cancel = can_cancel
        self._can_list = can_list
        self._can_upload = can_upload

    @property
    def can_cancel(self) -> bool:
        """Whether a cancel is worth trying; turns False once the provider shows it has none."""
        return self._can_cancel

    @measured("create")
    async def create(
        self,
        model: str,
        input: Mapping[str, object],
        *,
        cancel_after: float,
        webhook: str | None = None,
    ) -> Prediction:
        """Buy one prediction of `model` ("owner/name"); sent at most once.

        The provider ends it by itself `cancel_after` seconds later, and tells `webhook` of its end.

        Raises `CreateUnknown` if it may have been accepted (a timeout or a reset after sending,
        408, 409, 5xx, a redirect, an answer without an id); any other `ProviderError` means that
        it was definitely not: `WebhookRefused`, that it may have been without its webhook.
        """
        shortest, longest = CANCEL_AFTER_SECONDS
        seconds = min(max(math.ceil(cancel_after), shortest), longest)
        answer = await self._origin.call(
            "POST",
            f"{_model_path(model)}/predictions",
            headers={"Cancel-After": f"{seconds}s"},
            content={"input": dict(input), **_told(webhook)},
            buys=True,
        )
        if webhook is not None and answer.status in (400, 422) and "webhook" in answer.text.lower():
            raise WebhookRefused(status=answer.status)
        return _created(answer, model)

    @measured("get")
    async def get(self, prediction_id: str) -> Prediction:
        """The prediction as it is now. Raises `PredictionNotFound` or another `ProviderError`."""
        answer = await self._origin.call("GET", _prediction_path(prediction_id))
        if not answer.accepted:
            error = problem(answer.status, answer.text, answer.headers)
            if isinstance(error, RateLimited):
                self._requests.rest(min(error.retry_after, LONGEST_REST_SECONDS))
            raise error
        return parse(answer.body, known_id=prediction_id)

    @measured("cancel")
    async def cancel(self, prediction_id: str) -> None:
        """Ask the provider to stop; what became of it only the next `get` tells.

        Raises `CancelUnsupported` if this provider has no cancel, and `ProviderError` where asking
        again may help (no connection, 5xx, 429). Any other refusal is ignored: it is too late.
        """
        answer = await self._origin.call("POST", f"{_prediction_path(prediction_id)}/cancel")
        if answer.status not in (404, 405, 501):
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= 500:
                raise problem(answer.status, answer.text, answer.headers)
            return
        # A 404 in Replicate's own words is about one prediction; any other is a missing route.
        body = answer.body
        if answer.status != 404 or not (isinstance(body, Mapping) and "detail" in body):
            self._can_cancel = False
        raise CancelUnsupported(status=answer.status)

    @property
    def can_list(self) -> bool:
        """Whether the provider lists this account's predictions, and nobody else's."""
        return self._can_list

    def listed_since(self, since: int) -> AsyncIterator[Listed]:
        """The provider's list back to `since`, newest first; see `bot.replicate.listing`."""
        return listed_since(self._origin, since)

    @property
    def can_upload(self) -> bool:
        """Whether the provider takes files; turns False once it shows that it does not."""
        return self._can_upload

    @measured("upload")
    async def upload(self, name: str, media_type: str, content: bytes) -> str:
        """Hand over a file; see `bot.replicate.files`. It buys nothing."""
        try:
            return await upload(self._origin, name, media_type, content)
        except UploadUnsupported:
            self._can_upload = False
            raise

    async def webhook_secret(self) -> str:
        """What webhooks are signed with; see `bot.replicate.webhook`."""
        return await webhooks.secret(self._origin)

    async def model(self, name: str) -> Mapping[str, object]:
        """What the provider shows of model `name`. Raises `ModelNotFound` or another error.

        Gateways may lack this route: their 404 does not prove that the model is missing.
        """
        return await self._look_up(_model_path(name), model=name)

    async def account(self) -> None:
        """Return if the token is valid.

        Raises `AuthenticationFailed`, or `ProviderTrouble` with status 404 where there is no such
        route (gateways).
        """
        try:
            await self._look_up("/account")
        except PredictionNotFound as exc:
            raise ProviderTrouble(exc.detail, exc.status) from exc

    def download(self, url: str) -> AsyncGenerator[bytes, None]:
        """An output's bytes in pieces, fetched without the token. Raises `ProviderTrouble`."""
        return self._outputs.fetch(url)

    async def _look_up(self, path: str, *, model: str = "") -> Mapping[str, object]:
        answer = await self._origin.call("GET", path)
        if not answer.accepted:
            raise problem(answer.status, answer.text, answer.headers, model=model)
        if not isinstance(answer.body, Mapping):
            raise ProviderTrouble("The answer is not a JSON object.", answer.status)
        return answer.body


def _told(webhook: str | None) -> dict[str, object]:
    """Only of its end: all that comes before is not worth a call."""
    if webhook is None:
        return {}
    return {"webhook": webhook, "webhook_events_filter": ["completed"]}


def _created(answer: Answer, model: str) -> Prediction:
    if answer.accepted:
        try:
            return parse(answer.body)
        except ProviderTrouble:
            # No id. Unless its words are a refusal, something was accepted that nobody can name.
            pass
    error = problem(answer.status, answer.text, answer.headers, model=model)
    definite = 400 <= answer.status < 500 and answer.status not in (408, 409)
    if type(error) is ProviderTrouble and not definite:
        raise CreateUnknown(error.detail, answer.status)
    raise error


def _prediction_path(prediction_id: str) -> str:
    return f"/predictions/{quote(prediction_id, safe='')}"


def _model_path(model: str) -> str:
    parts = model.split("/")
    if len(parts) != 2 or any(part in ("", ".", "..") for part in parts):
        raise ModelNotFound('A model is named "owner/name".', None, model)
    return "/models/" + "/".join(quote(part, safe="") for part in parts)

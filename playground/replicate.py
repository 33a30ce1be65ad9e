"""A small Replicate: predictions that take their time, and placeholder images."""

from __future__ import annotations

import asyncio
import random
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from playground.faults import FAULTS, Faults
from playground.files import MOST_BYTES, Files
from playground.models import MODELS, chosen, complaints, model_body
from playground.placeholder import draw
from playground.predictions import Purchase, cancel_seconds, purchase
from playground.refusals import invalid, problem
from playground.serving import serve
from playground.webhooks import Webhooks
from playground.wire import Cut, Point, Wire, page

__all__ = ["FAULTS", "Faults", "SmallReplicate"]

#: Seconds that an image takes on average, unless told otherwise.
MEAN_SECONDS = 6.0
#: Seconds that a throttled create is told to wait.
THROTTLE_SECONDS = 3
#: Bytes of an "oversize" image: above the 10 MiB that Discord takes without boosts.
OVERSIZE = 12 * 1024 * 1024
#: Seconds until a prediction is in a "late list", and between two bytes of a "slow loris".
LIST_DELAY_SECONDS = 5.0
DRIP_SECONDS = 1.0
#: Predictions on one page of the list, as at Replicate.
PAGE = 100


class SmallReplicate:
    """The state of the API, whatever serves it.

    `faults` may be replaced at any time; purchases keep those of their creation. `invoice` lists
    every accepted create, oldest first. `wire` is what calls pass through: taps, and the trouble
    that a test plans. `clock` returns seconds since 1970: whoever steps it steps
    the predictions. Any bearer token is accepted, or only `token` if one is given.
    """

    def __init__(
        self,
        faults: Faults | None = None,
        *,
        clock: Callable[[], float] = time.time,
        mean_seconds: float = MEAN_SECONDS,
        token: str | None = None,
        seed: int | None = None,
    ) -> None:
        self.faults = faults or Faults()
        self.invoice: list[Purchase] = []
        self._clock = clock
        self._mean = mean_seconds
        self._token = token
        self._chance = random.Random(seed)
        self._throttled_until: float | None = None
        self._polls = self._calls = 0
        self._files = Files()
        self.webhooks = Webhooks(clock)
        self.wire = Wire(self._meet)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Serve on 127.0.0.1 while the context lasts; yields the base address, with `/v1`."""
        async with serve(self.app()) as address:
            yield f"{address}/v1"

    def app(self) -> web.Application:
        """A new application over this state: the API below /v1, output files below /files."""
        app = web.Application(
            client_max_size=MOST_BYTES + (1 << 20),
            middlewares=[self.wire.only("/"), self._authenticate],
        )
        app.add_routes(
            [
                web.post("/v1/models/{owner}/{name}/predictions", self._create),
                web.get("/v1/models/{owner}/{name}", self._model),
                web.get("/v1/predictions", self._list),
                web.get("/v1/predictions/{id}", self._get),
                web.post("/v1/predictions/{id}/cancel", self._cancel),
                web.get("/v1/account", self._account),
                web.get("/v1/webhooks/default/secret", self._secret),
                web.post("/v1/files", self._upload),
                web.get("/v1/files/{id}", self._files.get),
                web.get("/files/{id}/{name}", self._file),
            ]
        )
        app.on_cleanup.append(lambda _: self.webhooks.close())
        return app

    async def _meet(self, point: Point, request: web.Request) -> web.StreamResponse | None:
        """The faults that are about connections, whatever is called."""
        on, every_second = self.faults, self._calls % 2 == 0
        if point is Point.RECEIVED:
            self._calls += 1
            if on.reset and self._calls % 2 == 0:
                raise Cut
            if on.storm_5xx:
                return page(502, "Bad Gateway")
            if on.storm_429:
                words = "Request was throttled. Your rate limit resets in ~1s."
                return problem(429, words, retry_after=1)
        creates = request.method == "POST" and request.path.endswith("/predictions")
        if point is Point.APPLIED and (
            (on.lost_creates and creates) or (on.lost_answers and every_second)
        ):
            raise Cut
        if point is Point.HALFWAY and on.truncated:
            raise Cut
        return None

    @web.middleware
    async def _authenticate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = scheme == "Bearer" and token and self._token in (None, token)
        if request.path.startswith("/v1/") and (not known or self.faults.bad_token):
            return problem(401, "You did not pass a valid authentication token", "Unauthenticated")
        return await handler(request)

    async def _create(self, request: web.Request) -> web.Response:
        if refusal := self._refusal():
            return refusal
        try:
            body = await request.json()
        except ValueError:
            return problem(400, "The request's body is not JSON")
        model = _model_name(request)
        if wrong := complaints(body, model, webhooks=not self.faults.no_webhooks):
            return invalid(wrong)
        if not self._sells(model):
            return problem(404, "The requested resource could not be found.")
        given, pictures, wrong = self._files.pictures(model, body["input"])
        if wrong:
            return invalid(wrong)
        bought = purchase(
            model=model,
            input={**chosen(body["input"], model), **given},
            pictures=pictures,
            now=self._clock(),
            mean_seconds=self._mean,
            cancel_after=cancel_seconds(request.headers.get("Cancel-After", "")),
            faults=self.faults,
            chance=self._chance,
            number=len(self.invoice),
        )
        self.invoice.append(bought)
        self._promise(bought, body, request)
        return web.json_response(self._body(bought, request), status=201)

    def _promise(self, bought: Purchase, body: Mapping[str, Any], request: web.Request) -> None:
        if address := body.get("webhook"):
            files, skew = f"{request.url.origin()}/files", self.faults.skew_seconds
            self.webhooks.promise(
                bought, str(address), lambda now: bought.body(now, files, skew=skew), skew=skew
            )

    async def _secret(self, _: web.Request) -> web.Response:
        if self.faults.no_webhooks:
            return problem(404, "The requested resource could not be found.")
        return web.json_response({"key": self.webhooks.secret})

    def _refusal(self) -> web.Response | None:
        """A create's refusal by the faults that are on, before its body matters."""
        if self.faults.server_error:
            return page(500, "Server Error")
        if self.faults.no_credit:
            words = "You have insufficient credit to run this model. Purchase credit to go on."
            return problem(402, words, "Insufficient credit")
        return self._throttle() if self.faults.rate_limit else None

    def _throttle(self) -> web.Response | None:
        """One create in `THROTTLE_SECONDS`, and the first one waits too."""
        now = self._clock()
        if self._throttled_until is None:
            self._throttled_until = now + THROTTLE_SECONDS
        left = self._throttled_until - now
        if left <= 0:
            self._throttled_until = now + THROTTLE_SECONDS
            return None
        seconds = max(1, round(left))
        words = f"Request was throttled. Your rate limit resets in ~{seconds}s."
        return problem(429, words, retry_after=seconds)

    async def _model(self, request: web.Request) -> web.Response:
        model = _model_name(request)
        if not self._sells(model):
            return problem(404, "The requested resource could not be found.")
        return web.json_response(model_body(model))

    async def _list(self, request: web.Request) -> web.Response:
        if self.faults.no_list:
            return problem(404, "The requested resource could not be found.")
        try:
            start = int(request.query.get("cursor", "0"))
        except ValueError:
            return problem(400, "Invalid cursor")
        oldest = self._clock() - (LIST_DELAY_SECONDS if self.faults.late_list else 0)
        newest_first = [bought for bought in self.invoice[::-1] if bought.created_at <= oldest]
        shown = newest_first[start : start + PAGE]
        elsewhere = "https://api.replicate.com/v1/predictions?cursor="
        more = start + PAGE < len(newest_first)
        return web.json_response(
            {
                "next": f"{elsewhere}{start + PAGE}" if more else None,
                "previous": f"{elsewhere}{max(0, start - PAGE)}" if start else None,
                "results": [self._body(bought, request) for bought in shown],
            }
        )

    async def _get(self, request: web.Request) -> web.Response:
        self._polls += 1
        if self.faults.flaky_polls and self._polls % 2 == 0:
            return page(503, "Service Unavailable")
        return self._answer(request, self._find(request))

    async def _cancel(self, request: web.Request) -> web.Response:
        if bought := self._find(request):
            bought.cancel(self._clock())
        return self._answer(request, bought)

    async def _upload(self, request: web.Request) -> web.Response:
        if self.faults.no_files:
            return problem(404, "The requested resource could not be found.")
        return await self._files.post(request, self._clock())

    async def _account(self, request: web.Request) -> web.Response:
        account = {"type": "organization", "username": "playground", "name": "The playground"}
        return web.json_response({**account, "avatar_url": None, "github_url": None})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        bought, now = self._find(request), self._clock()
        if bought is None or bought.status(now) != "succeeded" or bought.removed(now):
            return web.Response(status=404)
        if self.faults.not_an_image:
            return page(200, "This is a web page, as --fault not-an-image asks")
        image_format = str(bought.input["output_format"])
        size = OVERSIZE if bought.faults.oversize else 0
        wanted = (str(bought.input["prompt"]), str(bought.input["aspect_ratio"]), image_format)
        seed = zlib.crc32(request.path.encode())
        start = bought.pictures[0] if bought.pictures else None
        content = await asyncio.to_thread(draw, *wanted, seed, min_bytes=size, start=start)
        media_type = {"jpg": "image/jpeg"}.get(image_format, f"image/{image_format}")
        if self.faults.slow_loris:
            return await self._drip(request, content, media_type)
        return web.Response(body=content, content_type=media_type)

    async def _drip(
        self, request: web.Request, content: bytes, media_type: str
    ) -> web.StreamResponse:
        """One byte, a pause, one byte …; once the fault is off, the rest at once."""
        response = web.StreamResponse(headers={"Content-Type": media_type})
        response.content_length = len(content)
        await response.prepare(request)
        sent = 0
        while self.faults.slow_loris and sent < len(content):
            await response.write(content[sent : sent + 1])
            sent += 1
            await asyncio.sleep(DRIP_SECONDS)
        await response.write(content[sent:])
        return response

    def _sells(self, model: str) -> bool:
        return model in MODELS and not self.faults.retired

    def _find(self, request: web.Request) -> Purchase | None:
        wanted = request.match_info["id"]
        return next((bought for bought in self.invoice if bought.id == wanted), None)

    def _answer(self, request: web.Request, bought: Purchase | None) -> web.Response:
        if bought is None:
            return problem(404, "The requested resource could not be found.")
        return web.json_response(self._body(bought, request))

    def _body(self, bought: Purchase, request: web.Request) -> dict[str, object]:
        skew = self.faults.skew_seconds
        return bought.body(self._clock(), f"{request.url.origin()}/files", skew=skew)


def _model_name(request: web.Request) -> str:
    return f"{request.match_info['owner']}/{request.match_info['name']}"

"""`python -m bot check --buy-one`: one real purchase, from the create to the decoded picture."""

from __future__ import annotations

import asyncio
import io
import time
from contextlib import suppress

from bot.domain.picture import Image
from bot.domain.prediction import Prediction, PredictionStatus
from bot.errors import (
    PredictionCanceled,
    PredictionTimeout,
    ProviderError,
    ProviderTrouble,
    RateLimited,
)
from bot.pictures.images import inspect
from bot.record import Record
from bot.replicate import catalogue
from bot.replicate.client import ReplicateClient, connect
from bot.replicate.polling import Schedule
from bot.settings.config import Settings
from bot.text import money

#: Nothing that any filter minds.
PROMPT = "A red fox in fresh snow, watercolor"


class Purchase(Record):
    """What the money bought, and how long it took."""

    image: Image
    seconds: float

    def __str__(self) -> str:
        image = self.image
        size = f"{image.width}×{image.height} {image.media_type}, {image.size:,} bytes"
        return f"{size}, in {self.seconds:.1f} s"


def offer(settings: Settings) -> str:
    """Say what `buy_one` will cost, as far as anybody here knows."""
    models = catalogue.load([settings.default_model], settings.models_dir)
    price = catalogue.prices(models, settings.model_prices).get(settings.default_model)
    cost = "at a price not known here" if price is None else f"for about {money(price.micros)}"
    return f"This buys one image of {settings.default_model} {cost}."


async def buy_one(settings: Settings) -> Purchase:
    """Buy one image and fetch it. Raises ProviderError when any step of it does not work."""
    started = time.monotonic()
    token = settings.replicate_api_token.reveal()
    can_cancel = settings.provider_can_cancel
    async with connect(settings.replicate_api_url, token, can_cancel=can_cancel) as client:
        prediction = await client.create(
            settings.default_model, {"prompt": PROMPT}, cancel_after=settings.generation_timeout
        )
        prediction = await _finished(client, prediction, started + settings.generation_timeout)
        if prediction.status is not PredictionStatus.SUCCEEDED or not prediction.output:
            raise _unsuccessful(prediction)
        body = b"".join([piece async for piece in client.download(prediction.output[0])])
    image = await asyncio.to_thread(inspect, io.BytesIO(body))
    return Purchase(image, time.monotonic() - started)


async def _finished(client: ReplicateClient, prediction: Prediction, deadline: float) -> Prediction:
    """Poll to the end; what is merely unwell is asked again until the deadline."""
    schedule, started = Schedule.learned(()), time.monotonic()
    while not prediction.status.ended:
        pause = schedule.delay(time.monotonic() - started)
        if time.monotonic() + pause > deadline:
            with suppress(ProviderError):
                await client.cancel(prediction.id)
            raise PredictionTimeout("The prediction did not end in time.")
        await asyncio.sleep(pause)
        try:
            prediction = await client.get(prediction.id)
        except RateLimited as error:
            await asyncio.sleep(max(0.0, min(error.retry_after, deadline - time.monotonic())))
        except ProviderTrouble:
            continue
    return prediction


def _unsuccessful(prediction: Prediction) -> ProviderError:
    if prediction.status in (PredictionStatus.CANCELED, PredictionStatus.ABORTED):
        return PredictionCanceled(prediction.error or "The provider ended the prediction.")
    return ProviderTrouble(prediction.error or "The prediction ended without an image.")

"""The small Replicate's files, and its models that start from a picture."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.errors import InputInvalid, UploadUnsupported
from bot.replicate.client import ReplicateClient, connect
from playground.faults import Faults
from playground.replicate import SmallReplicate

ONE, SEVERAL = "black-forest-labs/flux-kontext-pro", "google/nano-banana"


def halves() -> bytes:
    """White on the left, black on the right."""
    picture = Image.new("L", (400, 400), "white")
    picture.paste(0, (200, 0, 400, 400))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def inline(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


@asynccontextmanager
async def shop(**options: Any) -> AsyncIterator[tuple[SmallReplicate, ReplicateClient, str]]:
    small = SmallReplicate(mean_seconds=0.01, **options)
    async with small.serve() as base, connect(base, "any", can_upload=True) as client:
        yield small, client, base


async def made(client: ReplicateClient, model: str, **pictures: object) -> Image.Image:
    """The image that it makes of them."""
    bought = await client.create(model, {"prompt": "fox", **pictures}, cancel_after=60)
    looked = await client.get(bought.id)
    while looked.output == ():
        looked = await client.get(bought.id)
    content = b"".join([chunk async for chunk in client.download(looked.output[0])])
    return Image.open(io.BytesIO(content)).convert("L")


def is_of_halves(image: Image.Image) -> bool:
    left, right = image.resize((2, 1), Image.Resampling.BOX).tobytes()
    return left > right + 60


async def test_a_picture_in_the_input_shows_in_what_is_made_of_it() -> None:
    async with shop() as (_, client, _base):
        assert is_of_halves(await made(client, ONE, input_image=inline(halves())))
        assert is_of_halves(await made(client, SEVERAL, image_input=[inline(halves())]))


async def test_a_file_that_was_uploaded_does_the_same() -> None:
    async with shop() as (_, client, _base):
        address = await client.upload("picture.png", "image/png", halves())

        assert is_of_halves(await made(client, ONE, input_image=address))


async def test_a_file_can_be_looked_at_again() -> None:
    async with shop() as (_, client, _base), aiohttp.ClientSession() as session:
        address = await client.upload("picture.png", "image/png", halves())

        credential = {"Authorization": "Bearer any"}
        async with session.get(address, headers=credential) as answer:
            assert (answer.content_type, await answer.read()) == ("image/png", halves())
        async with session.get(f"{address}x", headers=credential) as answer:
            assert answer.status == 404


async def test_without_a_picture_such_a_model_draws_as_any_other() -> None:
    async with shop() as (_, client, _base):
        assert (await made(client, SEVERAL)).size == (1024, 1024)


@pytest.mark.parametrize(
    ("model", "pictures"),
    [
        (ONE, {"input_image": "https://cdn.discordapp.com/attachments/1/2/me.png"}),
        (ONE, {"input_image": "data:image/png;base64,%%%"}),
        (ONE, {"input_image": inline(b"<html>")}),
        (ONE, {"input_image": [inline(halves())]}),
        (SEVERAL, {"image_input": inline(halves())}),
        (SEVERAL, {"image_input": [inline(halves()), 5]}),
    ],
)
async def test_what_is_no_picture_of_ours_is_refused_unsold(
    model: str, pictures: dict[str, object]
) -> None:
    async with shop() as (small, client, _base):
        with pytest.raises(InputInvalid):
            await client.create(model, {"prompt": "fox", **pictures}, cancel_after=60)

        assert small.invoice == []


async def test_a_provider_may_take_no_files() -> None:
    async with shop(faults=Faults(no_files=True)) as (_, client, _base):
        with pytest.raises(UploadUnsupported):
            await client.upload("picture.png", "image/png", halves())

        assert not client.can_upload


async def test_what_is_no_form_is_refused() -> None:
    async with shop() as (_, _client, base), aiohttp.ClientSession() as session:
        credential = {"Authorization": "Bearer any"}
        for body in (b"{}", aiohttp.FormData({"content": "text"})):
            async with session.post(f"{base}/files", headers=credential, data=body) as answer:
                assert answer.status == 400

"""Files handed to the provider: what is sent, to whom, and what its answers mean."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator

import pytest

from bot.errors import ProviderError, ProviderTrouble, UploadUnsupported
from bot.replicate.client import ReplicateClient, connect
from bot.replicate.files import LONGEST_ADDRESS
from bot.replicate.origin import LARGE_BODY
from tests.bot.replicate.servers import Recorder, recorder

TOKEN = "r8_a_token_that_stays_at_home"
MODEL = "google/nano-banana"


@pytest.fixture
async def provider() -> AsyncIterator[Recorder]:
    async with recorder() as here:
        yield here


@pytest.fixture
async def client(provider: Recorder) -> AsyncIterator[ReplicateClient]:
    async with connect(f"{provider.origin}/v1", TOKEN, can_upload=True) as here:
        yield here


def file_at(address: object) -> str:
    """What Replicate answers (recorded 2024), as far as we read it."""
    return json.dumps({"id": "f1", "size": 5, "urls": {"get": address}})


async def upload(client: ReplicateClient) -> str:
    return await client.upload("picture.png", "image/png", b"bytes")


async def test_a_file_is_sent_with_its_name_and_type(
    provider: Recorder, client: ReplicateClient
) -> None:
    provider.answers(201, file_at("https://api.replicate.com/v1/files/f1"))

    assert await upload(client) == "https://api.replicate.com/v1/files/f1"

    (received,) = provider.received
    assert (received.method, received.path) == ("POST", "/v1/files")
    assert received.headers["Authorization"] == f"Bearer {TOKEN}"
    assert received.headers["Content-Type"].startswith("multipart/form-data")
    assert 'name="content"; filename="picture.png"' in received.body
    assert "bytes" in received.body
    for name, value in (("filename", "picture.png"), ("type", "image/png")):
        assert f'name="{name}"\r\n\r\n{value}\r\n' in received.body


async def test_the_files_address_is_never_called(
    provider: Recorder, client: ReplicateClient
) -> None:
    async with recorder() as stranger:
        stranger.answers(200, "{}")
        provider.answers(201, file_at(f"{stranger.origin}/files/f1"))

        address = await upload(client)
        provider.answers(201, json.dumps({"id": "p1", "status": "starting"}))
        await client.create(MODEL, {"image": address}, cancel_after=60)

        assert stranger.received == []
        assert json.loads(provider.received[-1].body) == {"input": {"image": address}}


async def test_the_token_follows_no_redirect(provider: Recorder, client: ReplicateClient) -> None:
    async with recorder() as stranger:
        stranger.answers(201, file_at("https://stranger.example/f1"))
        provider.answers(307, headers={"Location": f"{stranger.origin}/v1/files"})

        with pytest.raises(UploadUnsupported):
            await upload(client)

        assert stranger.received == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, '{"detail": "The requested resource could not be found."}'),
        (405, ""),
        (501, ""),
        (302, ""),
        (200, "<html>home</html>"),
    ],
)
async def test_a_provider_that_takes_no_files_is_found_out(
    provider: Recorder, client: ReplicateClient, status: int, body: str
) -> None:
    provider.answers(status, body)

    with pytest.raises(UploadUnsupported):
        await upload(client)

    assert not client.can_upload


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, ""),
        (429, '{"detail": "Request was throttled."}'),
        (401, '{"title": "Unauthenticated", "detail": "no"}'),
        (413, '{"detail": "Files must be less than 100MB in size"}'),
        (201, "{}"),
        (201, file_at(None)),
        (201, file_at("file:///etc/passwd")),
        (201, file_at("https://" + "x" * LONGEST_ADDRESS)),
        (201, '{"urls": "https://api.replicate.com/v1/files/f1"}'),
        (201, "[]"),
    ],
)
async def test_an_upload_that_fails_says_nothing_of_all_uploads(
    provider: Recorder, client: ReplicateClient, status: int, body: str
) -> None:
    provider.answers(status, body)

    with pytest.raises(ProviderError) as raised:
        await upload(client)

    assert not isinstance(raised.value, UploadUnsupported)
    assert client.can_upload
    assert TOKEN not in str(raised.value.detail)


async def test_an_upload_without_an_answer_is_trouble_and_never_a_purchase() -> None:
    async with connect("http://127.0.0.1:1/v1", TOKEN, can_upload=True) as client:
        with pytest.raises(ProviderTrouble) as raised:
            await upload(client)
    assert type(raised.value) is ProviderTrouble


async def test_uploads_are_not_tried_where_nobody_said_that_there_are_any() -> None:
    async with connect("http://127.0.0.1:1/v1", TOKEN) as client:
        assert not client.can_upload


async def test_a_large_picture_in_an_input_arrives_whole(
    provider: Recorder, client: ReplicateClient
) -> None:
    picture = "data:image/png;base64," + base64.b64encode(b"\x89" * LARGE_BODY).decode()
    provider.answers(201, json.dumps({"id": "p1", "status": "starting"}))

    await client.create(MODEL, {"image": [picture]}, cancel_after=60)

    (received,) = provider.received
    assert json.loads(received.body) == {"input": {"image": [picture]}}
    assert received.headers["Content-Type"] == "application/json"
    assert received.headers["Content-Length"] == str(len(received.body))

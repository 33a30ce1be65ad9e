"""The client against real sockets: what is sent, to whom, how often, and what answers mean."""

from __future__ import annotations

import json
import socket
import traceback
from collections.abc import AsyncGenerator, AsyncIterator

import aiohttp
import pytest
from aiohttp.abc import ResolveResult

from bot.budget import Budget, Turnstile
from bot.domain.prediction import PredictionStatus
from bot.errors import (
    AuthenticationFailed,
    CancelUnsupported,
    CreateUnknown,
    InputInvalid,
    ModelNotFound,
    OutOfCredit,
    PredictionNotFound,
    ProviderError,
    ProviderTrouble,
    RateLimited,
)
from bot.replicate.client import ReplicateClient, connect
from tests.bot.replicate.servers import Names, Recorder, raw_server, recorder
from tests.clocks import HandClock

TOKEN = "r8_a_token_that_stays_at_home"
MODEL = "google/imagen-4-ultra"
INPUT = {"prompt": 'a "red" fox ☃ \ud83e', "aspect_ratio": "16:9"}
IMAGE = b"\x89PNG not really"


@pytest.fixture
async def provider() -> AsyncIterator[Recorder]:
    async with recorder() as here:
        yield here


@pytest.fixture
async def client(provider: Recorder) -> AsyncIterator[ReplicateClient]:
    async with connect(f"{provider.origin}/v1", TOKEN) as here:
        yield here


def prediction(**fields: object) -> str:
    """A body whose addresses all point at another provider, as a gateway's do."""
    elsewhere = "https://api.replicate.com/v1/predictions/abc"
    urls = {"get": elsewhere, "cancel": f"{elsewhere}/cancel"}
    return json.dumps({"id": "abc", "status": "starting", "output": None, "urls": urls, **fields})


async def create(client: ReplicateClient) -> None:
    await client.create(MODEL, INPUT, cancel_after=600)


async def test_a_create_sends_the_input_and_nothing_else(
    provider: Recorder, client: ReplicateClient
) -> None:
    provider.answers(201, prediction())

    made = await client.create(MODEL, INPUT, cancel_after=599.2)

    assert (made.id, made.status) == ("abc", PredictionStatus.STARTING)
    (received,) = provider.received
    assert received.method == "POST"
    assert received.path == "/v1/models/google/imagen-4-ultra/predictions"
    assert json.loads(received.body) == {"input": INPUT}
    assert received.headers["Authorization"] == f"Bearer {TOKEN}"
    assert received.headers["Cancel-After"] == "600s"
    assert received.headers["Content-Type"] == "application/json"
    assert "Prefer" not in received.headers


@pytest.mark.parametrize(("seconds", "sent"), [(0.5, "5s"), (30, "30s"), (1e9, "86400s")])
async def test_cancel_after_stays_within_what_the_provider_takes(
    provider: Recorder, client: ReplicateClient, seconds: float, sent: str
) -> None:
    provider.answers(201, prediction())
    await client.create(MODEL, INPUT, cancel_after=seconds)
    assert provider.received[0].headers["Cancel-After"] == sent


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_any_2xx_with_an_id_is_a_prediction(
    provider: Recorder, client: ReplicateClient, status: int
) -> None:
    provider.answers(status, prediction())
    assert (await client.create(MODEL, INPUT, cancel_after=600)).id == "abc"


async def test_the_token_reaches_only_the_api_whatever_the_addresses_in_answers(
    provider: Recorder, client: ReplicateClient
) -> None:
    async with recorder() as outputs:
        outputs.answers(200, IMAGE, content_type="image/png", headers={"Set-Cookie": "id=1"})
        url = f"{outputs.origin}/files/out.png"
        urls = {"get": f"{outputs.origin}/get", "cancel": f"{outputs.origin}/cancel"}
        provider.answers(200, prediction(status="succeeded", output=url, urls=urls))

        made = await client.create(MODEL, INPUT, cancel_after=600)
        finished = await client.get(made.id)
        await client.cancel(made.id)
        for _ in range(2):
            pieces = [piece async for piece in client.download(finished.output[0])]
            assert b"".join(pieces) == IMAGE

    assert [r.path for r in provider.received] == [
        "/v1/models/google/imagen-4-ultra/predictions",
        "/v1/predictions/abc",
        "/v1/predictions/abc/cancel",
    ]
    assert all(r.headers["Authorization"] == f"Bearer {TOKEN}" for r in provider.received)
    assert [r.path for r in outputs.received] == ["/files/out.png"] * 2
    for received in outputs.received:
        assert TOKEN not in str(received)
        assert not {"Authorization", "Cookie"} & received.headers.keys()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        # Ambiguous: it may have been accepted.
        (200, "{}", CreateUnknown),
        (201, "<html>", CreateUnknown),
        (201, "", CreateUnknown),
        (204, "", CreateUnknown),
        (302, "", CreateUnknown),
        (307, "", CreateUnknown),
        (408, "", CreateUnknown),
        (409, '{"detail": "At capacity"}', CreateUnknown),
        (500, "<html>", CreateUnknown),
        (502, "", CreateUnknown),
        (503, '{"error": {"message": "insufficient credit"}}', CreateUnknown),
        (504, "", CreateUnknown),
        # Definite: nothing was accepted.
        (400, "{}", InputInvalid),
        (401, "", AuthenticationFailed),
        (402, "", OutOfCredit),
        (403, '{"error": {"code": "insufficient_user_quota"}}', OutOfCredit),
        (404, "", ModelNotFound),
        (405, "", ProviderTrouble),
        (415, "", ProviderTrouble),
        (422, '{"detail": "- input: prompt is required"}', InputInvalid),
        (429, '{"retry_after": 3}', RateLimited),
        (503, '{"error": {"code": "model_not_found"}}', ModelNotFound),
        (200, '{"error": {"code": "insufficient_user_quota"}}', OutOfCredit),
    ],
)
async def test_only_an_ambiguous_answer_leaves_a_create_unknown(
    provider: Recorder, client: ReplicateClient, status: int, body: str, kind: type[ProviderError]
) -> None:
    provider.answers(status, body, headers={"Location": f"{provider.origin}/elsewhere"})

    with pytest.raises(ProviderError) as caught:
        await create(client)

    assert type(caught.value) is kind
    assert len(provider.received) == 1


async def test_an_answer_without_an_end_leaves_a_create_unknown() -> None:
    reply = b"HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n" + prediction().encode()[:40]
    async with (
        raw_server(reply, hangs_up=True) as server,
        connect(server.origin, TOKEN) as client,
    ):
        with pytest.raises(CreateUnknown):
            await create(client)
    assert len(server.requests) == 1


async def test_a_refusal_counts_even_if_its_text_breaks_off() -> None:
    reply = b"HTTP/1.1 402 Payment Required\r\nContent-Length: 999\r\n\r\n{"
    async with (
        raw_server(reply, hangs_up=True) as server,
        connect(server.origin, TOKEN) as client,
    ):
        with pytest.raises(OutOfCredit):
            await create(client)


async def test_a_reset_after_sending_leaves_a_create_unknown_and_sends_it_once() -> None:
    async with raw_server() as server, connect(server.origin, TOKEN) as client:
        with pytest.raises(CreateUnknown):
            await create(client)
    assert len(server.requests) == 1


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n" + b'{"id":"a","status":"starting"}'


async def test_a_create_on_a_kept_connection_that_closes_is_not_sent_again() -> None:
    async with raw_server(OK) as server, connect(server.origin, TOKEN) as client:
        await client.get("abc")
        with pytest.raises(CreateUnknown):
            await create(client)
    assert [request.split()[0] for request in server.requests] == ["GET", "POST"]


async def test_a_look_on_a_kept_connection_that_closes_is_sent_again() -> None:
    """The same circumstance as above, to show that it does provoke a second sending."""
    async with raw_server(OK) as server, connect(server.origin, TOKEN) as client:
        await client.get("abc")
        with pytest.raises(ProviderTrouble):
            await client.get("abc")
    assert [request.split()[0] for request in server.requests] == ["GET", "GET", "GET"]


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


async def test_a_refused_connection_means_that_nothing_was_bought() -> None:
    async with connect(closed_port(), TOKEN) as client:
        with pytest.raises(ProviderTrouble) as caught:
            await create(client)
    assert type(caught.value) is ProviderTrouble


async def test_failing_tls_means_that_nothing_was_bought(provider: Recorder) -> None:
    async with connect(provider.origin.replace("http://", "https://"), TOKEN) as client:
        with pytest.raises(ProviderTrouble) as caught:
            await create(client)
    assert type(caught.value) is ProviderTrouble


async def test_an_unknown_host_means_that_nothing_was_bought() -> None:
    async with (
        aiohttp.TCPConnector(resolver=Names({})) as connector,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        base = "http://api.example/v1"
        client = ReplicateClient(session, NoOutputs(), base_url=base, token=TOKEN)
        with pytest.raises(ProviderTrouble) as caught:
            await create(client)
    assert type(caught.value) is ProviderTrouble


async def test_no_connection_in_time_means_that_nothing_was_bought() -> None:
    async with (
        aiohttp.TCPConnector(resolver=Unresponsive({})) as connector,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        base = "http://api.example/v1"
        client = ReplicateClient(session, NoOutputs(), base_url=base, token=TOKEN)
        with pytest.raises(ProviderTrouble, match="ConnectionTimeoutError") as caught:
            await create(client)
    assert type(caught.value) is ProviderTrouble


class Unresponsive(Names):
    """Time runs out while it looks: what aiohttp then raises is its own connection timeout."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise TimeoutError


class NoOutputs:
    def fetch(self, url: str) -> AsyncGenerator[bytes, None]:
        raise AssertionError(url)


@pytest.mark.parametrize("model", ["", "imagen", "a/b/c", "/imagen", "google/..", "./x"])
async def test_a_model_that_is_not_owner_and_name_is_never_asked_for(
    provider: Recorder, client: ReplicateClient, model: str
) -> None:
    with pytest.raises(ModelNotFound):
        await client.create(model, INPUT, cancel_after=600)
    assert not provider.received


async def test_names_and_ids_cannot_leave_their_place_in_the_address(
    provider: Recorder, client: ReplicateClient
) -> None:
    provider.answers(200, prediction())
    await client.create("a b?/c#%2F", INPUT, cancel_after=600)
    await client.get("../account?x=/1")
    assert [r.path for r in provider.received] == [
        "/v1/models/a%20b%3F/c%23%252F/predictions",
        "/v1/predictions/..%2Faccount%3Fx%3D%2F1",
    ]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, '{"detail": "Not found"}', PredictionNotFound),
        (401, "", AuthenticationFailed),
        (429, "", RateLimited),
        (302, "", ProviderTrouble),
        (503, "<html>", ProviderTrouble),
        (200, "<html>", ProviderTrouble),
        (200, '{"id": "abc"}', ProviderTrouble),
    ],
)
async def test_a_look_that_fails_says_why_and_is_not_repeated(
    provider: Recorder, client: ReplicateClient, status: int, body: str, kind: type[ProviderError]
) -> None:
    provider.answers(status, body, headers={"Location": f"{provider.origin}/elsewhere"})
    with pytest.raises(ProviderError) as caught:
        await client.get("abc")
    assert type(caught.value) is kind
    assert len(provider.received) == 1


@pytest.mark.parametrize(
    ("status", "body", "still_offered"),
    [
        (404, '{"detail": "No such prediction", "status": 404}', True),
        (404, "<html>", False),
        (404, '{"error": {"message": "Invalid URL"}}', False),
        (405, "", False),
        (501, "", False),
    ],
)
async def test_a_provider_without_cancel_is_found_out(
    provider: Recorder, client: ReplicateClient, status: int, body: str, *, still_offered: bool
) -> None:
    provider.answers(status, body)
    with pytest.raises(CancelUnsupported):
        await client.cancel("abc")
    assert client.can_cancel is still_offered


@pytest.mark.parametrize("status", [200, 202, 302, 400, 401, 409, 422])
async def test_a_cancel_that_comes_too_late_is_left_to_the_next_look(
    provider: Recorder, client: ReplicateClient, status: int
) -> None:
    provider.answers(status, "{}")
    await client.cancel("abc")
    assert client.can_cancel


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_cancel_that_may_work_later_is_raised_to_be_asked_again(
    provider: Recorder, client: ReplicateClient, status: int
) -> None:
    provider.answers(status, "{}")
    with pytest.raises(ProviderError):
        await client.cancel("abc")
    assert client.can_cancel


async def test_a_cancel_without_a_connection_is_raised_to_be_asked_again() -> None:
    async with connect(closed_port(), TOKEN) as client:
        with pytest.raises(ProviderTrouble):
            await client.cancel("abc")
        assert client.can_cancel


async def test_a_provider_known_to_have_no_cancel_is_not_offered_one() -> None:
    async with connect("http://127.0.0.1:1", TOKEN, can_cancel=False) as client:
        assert not client.can_cancel


async def test_the_model_and_the_account_are_looked_up_without_spending(
    provider: Recorder, client: ReplicateClient
) -> None:
    provider.answers(200, "{}")
    await client.model(MODEL)
    await client.account()
    assert [(r.method, r.path) for r in provider.received] == [
        ("GET", "/v1/models/google/imagen-4-ultra"),
        ("GET", "/v1/account"),
    ]


@pytest.mark.parametrize(
    ("status", "body", "model", "account"),
    [
        (404, "", ModelNotFound, ProviderTrouble),
        (401, "", AuthenticationFailed, AuthenticationFailed),
        (200, "<html>a home page</html>", ProviderTrouble, ProviderTrouble),
        (500, "", ProviderTrouble, ProviderTrouble),
    ],
)
async def test_a_look_up_that_fails_says_why(
    provider: Recorder,
    client: ReplicateClient,
    status: int,
    body: str,
    model: type[ProviderError],
    account: type[ProviderError],
) -> None:
    provider.answers(status, body)
    with pytest.raises(model):
        await client.model(MODEL)
    with pytest.raises(account) as caught:
        await client.account()
    assert caught.value.status == status


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 401 Unauthorized\r\n\r\nno such token: " + TOKEN.encode(),
        b"HTTP/9.9 what\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"",
    ],
)
async def test_no_error_carries_the_token(reply: bytes) -> None:
    async with (
        raw_server(reply, hangs_up=True) as server,
        connect(server.origin, TOKEN) as client,
    ):
        with pytest.raises(ProviderError) as caught:
            await create(client)
    chain: list[BaseException] = [caught.value]
    while nested := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(nested)
    shown = [repr(e) + str(e) + str(vars(e)) for e in chain] + [repr(client)]
    assert TOKEN not in "".join(shown + traceback.format_exception(caught.value))


async def test_a_token_too_short_to_be_secret_changes_no_id(provider: Recorder) -> None:
    """Some gateways take any word for a token; whose id were changed could not be found again."""
    provider.answers(201, prediction(id="yvtanyp7"))

    async with connect(f"{provider.origin}/v1", "any") as client:
        made = await client.create(MODEL, INPUT, cancel_after=600)

    assert made.id == "yvtanyp7"


async def test_a_refusal_of_any_size_is_read_only_in_part(
    provider: Recorder, client: ReplicateClient
) -> None:
    provider.answers(500, "x" * 5_000_000)
    with pytest.raises(CreateUnknown) as caught:
        await create(client)
    assert len(caught.value.detail) < 1_001


async def test_a_refused_read_holds_up_the_others_for_a_minute_at_most() -> None:
    clock = HandClock()
    requests = Turnstile(Budget(3000), clock)
    async with recorder() as api, aiohttp.ClientSession() as session:
        api.answers(429, b'{"detail": "later", "retry_after": 3600}')
        client = ReplicateClient(
            session, NoOutputs(), base_url=api.origin, token=TOKEN, requests=requests
        )
        with pytest.raises(RateLimited) as caught:
            await client.get("p")

    assert caught.value.retry_after == 3600
    assert 59_000 < requests.budget.wait(clock.now()) <= 60_000

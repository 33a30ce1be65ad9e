"""Webhooks over real sockets: what is genuine makes the bot look, and nothing makes it believe."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from standardwebhooks import Webhook

from bot.clock import Clock
from bot.errors import CreateUnknown, InputInvalid, ProviderTrouble, WebhookRefused
from bot.generation.webhooks import ASK_AGAIN_MS, DOUBT, FIRST_DOUBT, MISSES, Webhooks
from bot.replicate.client import connect
from bot.replicate.polling import Schedule
from bot.replicate.webhook import is_signed
from bot.storage.database import Database
from bot.storage.facts import Facts
from bot.web import webhook_receiver
from bot.web.server import MOST_BYTES, listening
from playground.faults import Faults
from playground.replicate import SmallReplicate
from playground.webhooks import new_secret, signed
from tests.bot.replicate.servers import recorder
from tests.clocks import HandClock, settled

SECRET, OTHER = new_secret(), new_secret()
GENERATION = "1234567890123456789-0"
ENDED = json.dumps({"id": "p1", "status": "succeeded", "output": "https://x.invalid/a.jpg"})
BOUGHT: tuple[str, dict[str, object]] = ("google/imagen-4-ultra", {"prompt": "a red fox"})
EXAMPLES = Path(__file__).parents[3] / "shared" / "replicate" / "examples"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as claimed:
        return int(claimed.getsockname()[1])


async def never() -> str:
    raise ProviderTrouble("unwell", 503)


@dataclass
class Bot:
    """The receiver, listening; and what it made the bot look at."""

    webhooks: Webhooks
    base: str
    session: aiohttp.ClientSession
    looked_at: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        found = self.webhooks.address(GENERATION)
        assert found is not None
        return found

    async def post(
        self,
        body: str | bytes = ENDED,
        *,
        key: str = SECRET,
        age: float = 0,
        address: str = "",
        headers: dict[str, str] | None = None,
    ) -> int:
        content = body.encode() if isinstance(body, str) else body
        signature = signed(key, content, at=time.time() - age)
        given = {**signature, **(headers or {})}
        sent, url = io.BytesIO(content), address or self.address
        async with self.session.post(url, data=sent, headers=given) as got:
            self.said = await got.text()
            return got.status


@pytest.fixture
async def database(tmp_path: Path, new_database: Path) -> AsyncIterator[Database]:
    shutil.copy(new_database, tmp_path / "imagine.db")
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as here:
        yield here


@asynccontextmanager
async def listening_bot(
    database: Database,
    *,
    path: str = "",
    secret: str | None = SECRET,
    ask: Any = never,
    clock: Clock | None = None,
) -> AsyncIterator[Bot]:
    port = free_port()
    base = f"http://127.0.0.1:{port}{path}"
    webhooks = Webhooks(base, secret, clock)
    async with aiohttp.ClientSession() as session, webhooks.opened(Facts(database), ask):
        bot = Bot(webhooks, base, session)

        def nudge(generation_id: str) -> bool:
            bot.looked_at.append(generation_id)
            return False  # not under way here: ended long ago, or another process's

        async with listening(webhook_receiver.routes(webhooks, nudge), "127.0.0.1", port):
            yield bot


@pytest.fixture
async def bot(database: Database) -> AsyncIterator[Bot]:
    async with listening_bot(database) as here:
        yield here


async def test_a_genuine_webhook_makes_the_bot_look_once(bot: Bot) -> None:
    assert await bot.post() == 200
    assert bot.looked_at == [GENERATION]


async def test_the_documented_example_is_signed_as_the_library_signs() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip("the shared examples are not here")
    vector = json.loads((EXAMPLES / "webhook_signature_vector.json").read_text(encoding="utf-8"))
    headers = vector["headers"]
    sent = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signature = Webhook(vector["key"]).sign(headers["webhook-id"], sent, vector["body"])
    assert signature == headers["webhook-signature"]
    assert not is_signed(vector["key"], headers, vector["body"].encode()), "but in 2021"


async def test_a_forged_webhook_changes_nothing(bot: Bot) -> None:
    assert await bot.post(key=OTHER) == 401
    assert bot.looked_at == []


@pytest.mark.parametrize("age", [301, 3600, -301, -86_400])
async def test_a_webhook_of_another_time_changes_nothing(bot: Bot, age: float) -> None:
    assert await bot.post(age=age) == 401
    assert bot.looked_at == []


async def test_a_body_that_was_changed_on_its_way_changes_nothing(bot: Bot) -> None:
    headers = signed(SECRET, b'{"id": "p1", "status": "processing"}', at=time.time())
    assert await bot.post(headers=headers) == 401
    assert bot.looked_at == []


@pytest.mark.parametrize("status", ["starting", "processing", "no such word"])
async def test_what_arrives_out_of_order_is_taken_and_changes_nothing(
    bot: Bot, status: str
) -> None:
    assert await bot.post(json.dumps({"id": "p1", "status": status})) == 200
    assert bot.looked_at == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"<html>", b"\xff\xfe", b"{" * 50_000, b'{"status": "failed"}']
)
async def test_a_body_that_is_no_prediction_changes_nothing(bot: Bot, body: bytes) -> None:
    assert await bot.post(body) in (200, 401)  # 401: not text, so nothing the standard signs
    assert bot.looked_at == []


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v2,AAAA v1a,AAAA ,"},
        {"webhook-signature": ", " * 1000},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "now"},
        {"webhook-id": ""},
        {"webhook-id": "é"},
    ],
)
async def test_headers_that_make_no_sense_are_refused_without_a_word(
    bot: Bot, headers: dict[str, str]
) -> None:
    assert await bot.post(headers=headers) == 401
    assert bot.looked_at == []
    assert GENERATION not in bot.said


@pytest.mark.parametrize(
    "path",
    [
        GENERATION,
        f"{GENERATION}.",
        f"{GENERATION}.{'0' * 64}",
        f".{'0' * 64}",
        "é.é",
        "%00",
        "%ff%fe",
        "." * 1000,
    ],
)
async def test_an_address_that_was_made_up_is_answered_like_any_other_that_is_none(
    bot: Bot, path: str
) -> None:
    origin = bot.base
    assert await bot.post(address=f"{origin}/webhooks/{path}") == 404
    said = bot.said
    assert await bot.post(address=f"{origin}/nothing/here") == 404
    assert said == bot.said
    assert bot.looked_at == []


async def test_one_generations_address_is_of_no_use_for_another(bot: Bot) -> None:
    mark = bot.address.rpartition(".")[2]
    assert await bot.post(address=f"{bot.base}/webhooks/1234567890123456789-1.{mark}") == 404


async def test_a_body_beyond_all_measure_is_not_read(bot: Bot) -> None:
    with suppress(aiohttp.ClientError):  # closed before all of it was sent
        assert await bot.post(b"x" * (MOST_BYTES + 1)) == 413
    assert bot.looked_at == []


async def test_a_large_body_is_checked_all_the_same(bot: Bot) -> None:
    large = json.dumps({**json.loads(ENDED), "input": {"image": "x" * 1_000_000}})
    assert await bot.post(large) == 200
    assert await bot.post(large, key=OTHER) == 401
    assert bot.looked_at == [GENERATION]


async def test_only_a_post_is_a_webhook(bot: Bot) -> None:
    async with bot.session.get(bot.address) as got:
        assert got.status == 405


@pytest.mark.parametrize("path", ["/a/bot", "/{x}", "/%7Bx%7D/a~b"])
@pytest.mark.parametrize("kept", [True, False])
async def test_the_public_addresss_path_may_be_kept_by_the_proxy_or_taken_away(
    database: Database, path: str, kept: bool
) -> None:
    async with listening_bot(database, path=path) as bot:
        assert f"{path}/webhooks/" in bot.address
        address = bot.address if kept else bot.address.replace(path, "")
        assert await bot.post(address=address) == 200
    assert bot.looked_at == [GENERATION]


async def test_any_process_on_the_same_database_knows_the_address(database: Database) -> None:
    async with listening_bot(database) as one, listening_bot(database) as other:
        mine = one.address.rpartition("/")[2]
        assert other.webhooks.generation(mine) == GENERATION


async def test_another_installation_knows_other_addresses(
    bot: Bot, tmp_path: Path, new_database: Path
) -> None:
    shutil.copy(new_database, tmp_path / "other.db")
    async with (
        Database.open(tmp_path / "other.db", exclusive=True) as database,
        listening_bot(database) as other,
    ):
        assert other.webhooks.generation(bot.address.rpartition("/")[2]) is None


async def test_without_a_public_address_nothing_listens_and_nothing_is_asked_for() -> None:
    webhooks = Webhooks()
    assert webhook_receiver.routes(webhooks, lambda _: True) == ()
    assert webhooks.address(GENERATION) is None


async def test_the_log_tells_no_address(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    await bot.post()
    await bot.post(key=OTHER)
    await bot.post(address=f"{bot.address}0")
    assert bot.address.rpartition(".")[2] not in caplog.text


# The secret


@pytest.fixture
def small() -> SmallReplicate:
    return SmallReplicate()


async def test_the_provider_is_asked_for_its_secret(
    database: Database, small: SmallReplicate
) -> None:
    async with (
        small.serve() as url,
        connect(url, "token") as client,
        listening_bot(database, secret=None, ask=client.webhook_secret) as bot,
    ):
        await until(lambda: bot.webhooks.address(GENERATION) is not None)
        assert await bot.post(key=small.webhooks.secret) == 200


@pytest.mark.parametrize("status", [403, 404, 405, 501])
async def test_a_provider_that_has_no_secret_has_no_webhooks(
    database: Database, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask() -> str:
        raise ProviderTrouble("", status)

    async with listening_bot(database, secret=None, ask=ask) as bot:
        await settled()
        assert bot.webhooks.address(GENERATION) is None
        assert bot.webhooks.base is None
    assert caplog.text.count("no webhooks: polling") == 1


async def test_a_provider_that_is_unwell_is_asked_again_a_minute_later(database: Database) -> None:
    clock, asked = HandClock(), []

    async def ask() -> str:
        asked.append(clock.now())
        if len(asked) < 2:
            raise ProviderTrouble("", 502)
        return SECRET

    async with listening_bot(database, secret=None, ask=ask, clock=clock) as bot:
        for _ in range(3):
            assert bot.webhooks.address(GENERATION) is None
            await settled()
        await clock.advance(ASK_AGAIN_MS / 1000)
        assert bot.webhooks.address(GENERATION) is None
        await settled()
        assert bot.webhooks.address(GENERATION) is not None
    assert len(asked) == 2


async def test_a_secret_that_was_changed_is_learned_and_the_next_try_fits(
    database: Database,
) -> None:
    clock, secrets = HandClock(), [SECRET, OTHER, SECRET]

    async def ask() -> str:
        return secrets.pop(0)

    async with listening_bot(database, secret=None, ask=ask, clock=clock) as bot:
        await settled()
        assert await bot.post(key=OTHER) == 401
        assert len(secrets) == 2, "at most once a minute"
        await clock.advance(ASK_AGAIN_MS / 1000)
        assert await bot.post(key=OTHER) == 401
        await settled()
        assert await bot.post(key=OTHER) == 200
        assert [await bot.post(key=new_secret()) for _ in range(5)] == [401] * 5
    assert len(secrets) == 1


async def test_a_secret_that_was_set_is_the_only_one(database: Database) -> None:
    async def ask() -> str:
        raise AssertionError("nobody asked for it")

    async with listening_bot(database, ask=ask) as bot:
        assert await bot.post(key=OTHER) == 401
        await settled()


#: One character short, so that nothing can be verified with it.
HALF = json.dumps({"key": "whsec_" + "A" * 25})


@pytest.mark.parametrize("answer", ["{}", '{"key": 7}', '{"key": "whsec_"}', HALF, "[]", "<html>"])
async def test_an_answer_without_a_secret_is_none(answer: str) -> None:
    async with recorder() as provider, connect(f"{provider.origin}/v1", "token") as client:
        provider.answers(200, answer)
        with pytest.raises(ProviderTrouble):
            await client.webhook_secret()


# What a create says


async def test_a_create_asks_to_be_told_of_the_end_only() -> None:
    async with recorder() as provider, connect(f"{provider.origin}/v1", "token") as client:
        provider.answers(201, '{"id": "p1", "status": "starting"}')
        await client.create(*BOUGHT, cancel_after=60, webhook="https://bot.invalid/w")
        await client.create(*BOUGHT, cancel_after=60)
    sent = [json.loads(received.body) for received in provider.received]
    told = {"webhook": "https://bot.invalid/w", "webhook_events_filter": ["completed"]}
    assert sent == [{"input": BOUGHT[1], **told}, {"input": BOUGHT[1]}]


async def test_a_refusal_that_speaks_of_the_webhook_is_told_from_others() -> None:
    small = SmallReplicate(Faults(no_webhooks=True))
    async with small.serve() as url, connect(url, "token") as client:
        with pytest.raises(WebhookRefused):
            await client.create(*BOUGHT, cancel_after=60, webhook="https://bot.invalid/w")
        await client.create(*BOUGHT, cancel_after=60)
        wrong = {**BOUGHT[1], "aspect_ratio": "7:5"}
        with pytest.raises(InputInvalid):
            await client.create(BOUGHT[0], wrong, cancel_after=60)
    assert len(small.invoice) == 1


async def test_an_answer_that_nobody_understands_is_no_refusal_of_the_webhook() -> None:
    async with recorder() as provider, connect(f"{provider.origin}/v1", "token") as client:
        provider.answers(500, "webhook")
        with pytest.raises(CreateUnknown):
            await client.create(*BOUGHT, cancel_after=60, webhook="https://bot.invalid/w")


# Whether they come


@pytest.fixture
def trusted() -> Webhooks:
    webhooks = Webhooks("https://bot.invalid", SECRET)
    webhooks.came()
    return webhooks


def test_after_several_in_a_row_that_did_not_come_it_is_polled_until_one_does(
    trusted: Webhooks, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(MISSES - 1):
        trusted.missed()
    seen = [trusted.doubt(is_known=True)]
    for _ in range(5):
        trusted.missed()
    seen += [trusted.doubt(is_known=True)]
    trusted.came()
    seen += [trusted.doubt(is_known=True)]
    assert seen == [DOUBT, None, DOUBT]
    assert caplog.text.count("webhooks do not come") == 1


def test_one_that_comes_begins_the_count_anew(trusted: Webhooks) -> None:
    for _ in range(MISSES * 3):
        trusted.missed()
        trusted.came()
    assert trusted.come


def test_where_none_ever_came_one_that_does_not_is_enough() -> None:
    webhooks = Webhooks("https://bot.invalid", SECRET)
    before = webhooks.doubt(is_known=True)
    webhooks.missed()
    assert (before, webhooks.come) == (FIRST_DOUBT, False)


def test_a_model_of_which_nothing_is_known_is_not_left_alone_for_long(trusted: Webhooks) -> None:
    doubt = trusted.doubt(is_known=False)
    assert doubt is not None
    assert 10 < Schedule.learned(()).patience(0.0, doubt) < 20


def test_safety_looks_come_after_nearly_all_ends_and_ever_more_seldom() -> None:
    schedule = Schedule.learned([9.0 + n / 10 for n in range(-20, 20)])
    first = schedule.patience(0.0, DOUBT)
    assert 10 < first < 16
    assert schedule.patience(first, DOUBT) == pytest.approx(first / 2)
    assert schedule.patience(first / 2, DOUBT) == pytest.approx(first / 2)


# The small Replicate and the receiver


@pytest.mark.parametrize(
    ("fault", "looks", "answers"),
    [
        ("webhook_forged", 1, [("succeeded", 401), ("succeeded", 200)]),
        ("webhook_stale", 1, [("succeeded", 401), ("succeeded", 200)]),
        ("webhook_replayed", 4, [("succeeded", 200)] * 4),
        ("webhook_double", 2, [("succeeded", 200)] * 2),
        (
            "webhook_reordered",
            1,
            [("succeeded", 200), ("processing", 200), ("starting", 200)],
        ),
        ("webhook_lost", 0, []),
    ],
)
async def test_each_kind_of_trouble_is_answered_as_it_should_be(
    database: Database,
    small: SmallReplicate,
    fault: str,
    looks: int,
    answers: list[tuple[str, int]],
) -> None:
    small = SmallReplicate(Faults(**{fault: True}), mean_seconds=0.1)
    async with (
        small.serve() as url,
        connect(url, "token") as client,
        listening_bot(database, secret=small.webhooks.secret) as bot,
    ):
        await client.create(*BOUGHT, cancel_after=60, webhook=bot.address)
        await until(lambda: not small.webhooks._telling)
    assert small.webhooks.told == answers
    assert len(bot.looked_at) == looks


async def until(true: Any) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 (another task's, which announces nothing)
            await asyncio.sleep(0.01)

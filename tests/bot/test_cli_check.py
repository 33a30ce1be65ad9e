"""`check`, `run` and `sync` against small real servers that stand in for Discord and a provider."""

from __future__ import annotations

import asyncio
import io
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from bot.chat.application import PERMISSIONS
from bot.cli.check import LOW_SPACE, space
from bot.domain.generation import Request, Status
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from tests.bot.command import API_TOKEN, DISCORD_TOKEN, PATIENCE, Outcome, imagine, started
from tests.turns import PLENTY, dispatch

MODEL = "google/imagen-4-ultra"
APPLICATION = 4242


@dataclass
class Discord:
    """What the bot asks before it connects."""

    token: str = DISCORD_TOKEN
    public: bool = False
    about: dict[str, object] = field(default_factory=dict)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    #: Answers in a shape of its own, as a compatible server may.
    odd: bool = False
    #: Set: who the bot is will be answered only once this is.
    awaits: asyncio.Event | None = None
    #: One entry a server: the permissions that the bot's roles give it there.
    permissions: list[int] = field(default_factory=lambda: [PERMISSIONS.value])

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/v10/gateway", self.gateway)
        app.router.add_get("/api/v10/users/@me", self.guarded(self.me))
        app.router.add_get("/api/v10/users/@me/guilds", self.guarded(self.guilds))
        app.router.add_get("/api/v10/oauth2/applications/@me", self.guarded(self.application))
        return app

    def guarded(
        self, answer: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def checked(request: web.Request) -> web.Response:
            if request.headers.get("Authorization") != f"Bot {self.token}":
                return web.json_response({"message": "401: Unauthorized", "code": 0}, status=401)
            return await answer(request)

        return checked

    async def gateway(self, request: web.Request) -> web.Response:
        return web.json_response({"url": "ws://127.0.0.1:9"})

    async def me(self, request: web.Request) -> web.Response:
        self.asked.set()
        if self.awaits:
            await self.awaits.wait()
        return web.json_response({"id": "1", "username": "Imagine"})

    async def guilds(self, request: web.Request) -> web.Response:
        first = int(request.query["after"])
        every = [
            {"id": str(number), "name": "s3rv3r-name", "permissions": str(bits)}
            for number, bits in enumerate(self.permissions, 1)
        ]
        if self.odd:
            every = [{"id": guild["id"]} for guild in every]
        return web.json_response(every[first : first + int(request.query["limit"])])

    async def application(self, request: web.Request) -> web.Response:
        about = (
            self.about
            | {"bot_public": self.public}
            | ({} if self.odd else {"id": str(APPLICATION)})
        )
        return web.json_response(about)


@dataclass
class Provider:
    """A predictions API; as a gateway it has neither account nor models."""

    gateway: bool = False
    token: str = API_TOKEN
    secret: tuple[int, object] = (200, {"key": "whsec_YourSigningSecretFromTheProvider"})
    ends_as: str = "succeeded"
    created: list[object] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        if not self.gateway:
            app.router.add_get("/v1/account", self.account)
            app.router.add_get(f"/v1/models/{MODEL}", self.account)
            app.router.add_get("/v1/webhooks/default/secret", self.signing)
        app.router.add_post(f"/v1/models/{MODEL}/predictions", self.create)
        app.router.add_get("/v1/predictions/p1", self.show)
        app.router.add_get("/files/out.png", self.file)
        return app

    def refusal(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {self.token}":
            return None
        return web.json_response({"title": "Unauthenticated", "status": 401}, status=401)

    async def account(self, request: web.Request) -> web.Response:
        return self.refusal(request) or web.json_response({"username": "acme", "name": "x"})

    async def signing(self, request: web.Request) -> web.Response:
        status, body = self.secret
        return self.refusal(request) or web.json_response(body, status=status)

    async def create(self, request: web.Request) -> web.Response:
        if refusal := self.refusal(request):
            return refusal
        self.created.append(await request.json())
        return web.json_response({"id": "p1", "status": "starting"}, status=201)

    async def show(self, request: web.Request) -> web.Response:
        output = str(request.url.origin() / "files/out.png")
        succeeded = self.ends_as == "succeeded"
        body = {"id": "p1", "status": self.ends_as, "output": output if succeeded else None}
        return web.json_response(body | {"error": None if succeeded else "GPU on fire"})

    async def file(self, request: web.Request) -> web.Response:
        self.strangers.append(request.headers.get("Authorization", ""))
        picture = io.BytesIO()
        Image.new("RGB", (32, 20)).save(picture, "PNG")
        return web.Response(body=picture.getvalue(), content_type="image/png")


@dataclass
class Place:
    """Both stand-ins, and the commands run against them."""

    folder: Path
    discord: Discord = field(default_factory=Discord)
    provider: Provider = field(default_factory=Provider)
    extra: dict[str, str] = field(default_factory=dict)

    async def run(self, *arguments: str, typed: str = "") -> Outcome:
        """Run one command to its end."""
        async with self.served() as settings:
            return await imagine(self.folder, *arguments, settings=settings, typed=typed)

    @asynccontextmanager
    async def process(self, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run one command, to look at while it runs."""
        async with (
            self.served() as settings,
            started(self.folder, *arguments, settings=settings) as process,
        ):
            yield process

    @asynccontextmanager
    async def served(self) -> AsyncIterator[dict[str, str]]:
        """Serve both; the settings lead to them."""
        async with (
            TestServer(self.discord.app()) as discord,
            TestServer(self.provider.app()) as provider,
        ):
            yield {
                "DISCORD_TOKEN": DISCORD_TOKEN,
                "DISCORD_API_URL": str(discord.make_url("/api/v10")),
                "REPLICATE_API_TOKEN": API_TOKEN,
                "REPLICATE_API_URL": str(provider.make_url("/v1")),
                **self.extra,
            }


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Database]:
    """The database as the running bot holds it: open, locked, in its default place."""
    async with Database.open(tmp_path / "data" / "imagine.db", exclusive=True) as database:
        yield database


def line(outcome: Outcome, subject: str) -> str:
    """The one line of the report about `subject`."""
    [found] = [text for text in outcome.out.splitlines() if text[2:].startswith(f"{subject}:")]
    return found


async def test_all_that_works_is_ticked_and_exits_0(place: Place, running: Database) -> None:
    place.extra = {
        "MODEL_PRICES": f"{MODEL}=0.06",
        "ALLOWED_GUILDS": "any",
        "OPERATOR_ID": "77",
    }
    outcome = await place.run("check")
    assert outcome.code == 0
    assert {text[0] for text in outcome.out.splitlines()} == {"✓"}
    for subject in ("settings", "Discord token", "intents", "permissions", "invite", "API token"):
        assert line(outcome, subject)
    assert "$0.06" in line(outcome, f"price of {MODEL}")


HOOKED = {
    "PUBLIC_URL": "http://127.0.0.1:9/bot",
    "WEB_PORT": "9",
    "REPLICATE_HAS_WEBHOOKS": "yes",
}


@pytest.mark.parametrize(
    ("settings", "secret", "sign", "said"),
    [
        ({}, (200, {"key": "whsec_" + "a" * 32}), "✓", "the provider's secret"),
        ({"REPLICATE_WEBHOOK_SECRET": "whsec_" + "a" * 32}, (404, {}), "✓", "WEBHOOK_SECRET"),
        ({}, (404, {"detail": "not found"}), "!", "no signing secret"),
        ({}, (403, {"detail": "not yours"}), "!", "no signing secret"),
        ({}, (503, {}), "!", "just now"),
        ({}, (200, {"key": "nonsense"}), "!", "no signing secret"),
        ({"REPLICATE_HAS_WEBHOOKS": "auto"}, (200, {}), "!", "REPLICATE_HAS_WEBHOOKS"),
    ],
)
async def test_whether_webhooks_can_be_verified_is_told(
    place: Place, settings: dict[str, str], secret: tuple[int, object], sign: str, said: str
) -> None:
    place.extra, place.provider.secret = HOOKED | settings, secret
    told = line(await place.run("check"), "webhooks")
    assert told.startswith(sign)
    assert said in told


async def test_where_nothing_is_to_arrive_nothing_is_said_of_webhooks(place: Place) -> None:
    assert "webhooks" not in (await place.run("check")).out


async def test_a_public_address_needs_a_port_behind_it(place: Place) -> None:
    place.extra = HOOKED | {"WEB_PORT": ""}
    outcome = await place.run("check")
    assert outcome.code != 0
    assert "WEB_PORT" in outcome.out + outcome.err


async def test_who_would_hear_of_no_trouble_is_warned(place: Place) -> None:
    told = line(await place.run("check"), "operator")
    assert told.startswith("!")
    assert "OPERATOR_ID" in told


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0.0335@2026-11-01", ["$0.0335 an image", "2026-11-01"]),
        (
            "0.06@2026-11-01@provider.example/pricing",
            ["$0.06 an image", "2026-11-01", "provider.example/pricing"],
        ),
    ],
)
async def test_a_price_is_shown_with_the_date_and_the_source_it_has(
    place: Place, written: str, said: list[str]
) -> None:
    place.extra = {"MODEL_PRICES": f"owner/other=9@2026-01-01,{MODEL}={written}"}
    told = line(await place.run("check"), f"price of {MODEL}")
    assert told[0] == "✓"
    assert [words for words in said if words not in told] == []


async def test_every_model_on_offer_has_its_line_and_its_price(place: Place) -> None:
    place.extra = {"MODELS": "google/imagen-4-fast"}
    outcome = await place.run("check")
    assert line(outcome, f"model {MODEL}")[0] == "✓"
    assert line(outcome, "model google/imagen-4-fast")
    told = line(outcome, "price of google/imagen-4-fast")
    assert "$0.02 an image" in told
    assert "MODEL_PRICES" not in told


async def test_a_budget_that_cannot_be_kept_is_crossed(place: Place) -> None:
    place.extra = {"DAILY_BUDGET": "25"}
    outcome = await place.run("check")
    assert outcome.code == 1
    assert "needs the price of" in line(outcome, "DAILY_BUDGET")


async def test_a_model_that_the_catalogue_has_not_is_crossed(place: Place) -> None:
    place.extra = {"MODELS": "maker/unheard-of"}
    outcome = await place.run("check")
    assert outcome.code == 1
    assert "models add maker/unheard-of" in line(outcome, "maker/unheard-of")


async def test_the_invite_asks_for_exactly_the_permissions_needed(place: Place) -> None:
    invite = line(await place.run("check"), "invite")
    assert f"client_id={APPLICATION}" in invite
    assert f"permissions={PERMISSIONS.value}" in invite


async def test_a_refused_discord_token_is_crossed_with_its_remedy(place: Place) -> None:
    place.discord.token = "another"
    outcome = await place.run("check")
    assert outcome.code == 1
    assert line(outcome, "Discord token").startswith("✗")
    assert "DISCORD_TOKEN" in line(outcome, "Discord token")


async def test_a_discord_that_does_not_answer_is_crossed(place: Place) -> None:
    place.extra = {"DISCORD_API_URL": "http://127.0.0.1:9/api/v10"}
    outcome = await place.run("check")
    assert (outcome.code, line(outcome, "Discord token")[0]) == (1, "✗")


async def test_missing_permissions_are_named_and_servers_only_counted(place: Place) -> None:
    needed = PERMISSIONS.value
    administrator = 1 << 3
    place.discord.permissions = [needed] * 250 + [administrator, needed & ~(1 << 15)]
    outcome = await place.run("check")
    assert outcome.code == 1
    said = line(outcome, "permissions")
    assert "Attach Files missing in 1 of 252 servers" in said
    assert "s3rv3r-name" not in outcome.out


async def test_a_discord_of_another_shape_is_a_finding_and_no_traceback(place: Place) -> None:
    place.discord.odd = True
    outcome = await place.run("check")
    assert line(outcome, "permissions").startswith("– permissions: this server does not tell")
    assert line(outcome, "invite").startswith("✗ invite: this server does not tell")
    assert "Traceback" not in outcome.err


async def test_a_bot_in_no_server_is_told_to_be_invited(place: Place) -> None:
    place.discord.permissions = []
    outcome = await place.run("check")
    assert (outcome.code, line(outcome, "permissions")[0]) == (0, "–")


async def test_a_public_application_is_warned_about_until_servers_are_decided(
    place: Place,
) -> None:
    place.discord.public = True
    warned = await place.run("check")
    place.extra = {"ALLOWED_GUILDS": "any"}
    decided = await place.run("check")
    assert (warned.code, line(warned, "application")[0]) == (0, "!")
    assert "application:" not in decided.out


@pytest.mark.parametrize(
    ("types", "mark"),
    [({"0": {}, "1": {}}, "✓"), ({"0": {}}, "✗"), (None, "–")],
)
async def test_whether_people_can_add_it_to_their_account_is_asked_where_they_may(
    place: Place, types: object, mark: str
) -> None:
    place.discord.about = {} if types is None else {"integration_types_config": types}
    place.extra = {"USER_INSTALL": "on"}
    told = line(await place.run("check"), "user install")
    assert told[0] == mark
    assert ("Installation page" in told) == (mark == "✗")


async def test_the_text_model_has_its_line(place: Place) -> None:
    place.extra = {"PROMPT_MODEL": "meta/llama"}
    assert line(await place.run("check"), "model meta/llama")


async def test_a_refused_api_token_is_crossed(place: Place) -> None:
    place.provider.token = "another"
    outcome = await place.run("check")
    assert outcome.code == 1
    assert line(outcome, "API token").startswith("✗")
    assert "REPLICATE_API_TOKEN" in line(outcome, "API token")


async def test_what_a_gateway_does_not_tell_is_left_open(place: Place) -> None:
    place.provider.gateway = True
    outcome = await place.run("check")
    assert outcome.code == 0
    assert line(outcome, "API token").startswith("–")
    assert line(outcome, f"model {MODEL}").startswith("–")


async def test_a_provider_that_does_not_answer_is_crossed(place: Place) -> None:
    place.extra = {"REPLICATE_API_URL": "http://127.0.0.1:9/v1"}
    outcome = await place.run("check")
    assert (outcome.code, line(outcome, "API token")[0]) == (1, "✗")


async def test_the_database_is_checked_while_the_bot_runs(place: Place, running: Database) -> None:
    assert line(await place.run("check"), "database").startswith("✓")


async def test_a_missing_database_is_no_fault_and_is_not_made(place: Place) -> None:
    outcome = await place.run("check")
    assert (outcome.code, line(outcome, "database")[0]) == (0, "–")
    assert list(place.folder.iterdir()) == []


@pytest.mark.sqlite("its file")
async def test_a_file_that_is_no_database_is_crossed(place: Place) -> None:
    (place.folder / "data").mkdir()
    (place.folder / "data" / "imagine.db").write_text("a shopping list, and a long one at that\n")
    outcome = await place.run("check")
    assert (outcome.code, line(outcome, "database")[0]) == (1, "✗")
    assert "Traceback" not in outcome.err


async def test_purchases_of_unknown_outcome_are_warned_about(
    place: Place, running: Database
) -> None:
    ledger = Ledger(running)
    [row] = await ledger.reserve(
        Request(1, 1, 2, 3, 4, MODEL, "a red fox", {}, "interaction-token", 0, 1),
        now=1,
        price_micros=None,
        limits=(),
        capacity=PLENTY,
    )
    submitted = await dispatch(ledger, row, now=2)
    assert submitted is not None
    await ledger.finish(submitted, Status.UNKNOWN, now=3, bought=True)

    outcome = await place.run("check")

    assert outcome.code == 0
    said = line(outcome, "ledger")
    assert said.startswith("! ledger: generations with unknown outcome, counted as spent: 1. ")
    assert "dashboard" in said


@pytest.mark.parametrize(("free", "mark"), [(LOW_SPACE - 1, "!"), (LOW_SPACE, "✓")])
def test_little_free_space_is_warned_about(free: int, mark: str) -> None:
    assert str(space(free)).startswith(f"{mark} disk: 0.5 GiB free")


async def test_the_space_is_that_of_the_disk_that_data_dir_will_be_on(place: Place) -> None:
    assert "GiB free" in line(await place.run("check"), "disk")


@pytest.mark.sqlite("its file")
async def test_a_damaged_database_is_crossed_with_its_remedy(place: Place) -> None:
    path = place.folder / "data" / "imagine.db"
    async with Database.open(path, exclusive=True):
        pass
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    outcome = await place.run("check")
    assert (outcome.code, line(outcome, "database")[0]) == (1, "✗")
    assert "restore" in line(outcome, "database")
    assert "Traceback" not in outcome.err


async def test_check_alone_buys_nothing(place: Place) -> None:
    await place.run("check")
    assert place.provider.created == []


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
async def test_buy_one_buys_nothing_unless_the_answer_is_yes(place: Place, typed: str) -> None:
    outcome = await place.run("check", "--buy-one", typed=typed)
    assert (outcome.code, place.provider.created) == (1, [])
    assert "price not known" in outcome.out


async def test_buy_one_states_the_price_and_proves_that_the_model_answers(place: Place) -> None:
    place.extra = {"MODEL_PRICES": f"{MODEL}=0.06"}
    outcome = await place.run("check", "--buy-one", typed="y\n")
    assert outcome.code == 0
    assert "$0.06" in outcome.out
    assert "✓ purchase: 32×20 image/png" in outcome.out
    assert len(place.provider.created) == 1
    assert place.provider.strangers == [""]


async def test_buy_one_knows_the_catalogues_price(place: Place) -> None:
    place.extra = {"DEFAULT_MODEL": "google/imagen-4-fast"}
    place.provider.gateway = True
    outcome = await place.run("check", "--buy-one", typed="n\n")
    assert "for about $0.02." in outcome.out


async def test_buy_one_asks_for_the_price_alone_whatever_stands_behind_it(place: Place) -> None:
    place.extra = {"MODEL_PRICES": f"{MODEL}=0.06@2026-11-01@provider.example/pricing"}
    outcome = await place.run("check", "--buy-one", typed="n\n")
    assert f"This buys one image of {MODEL} for about $0.06." in outcome.out


async def test_buy_one_works_where_only_a_purchase_can_tell(place: Place) -> None:
    place.provider.gateway = True
    outcome = await place.run("check", "--buy-one", "--yes")
    assert (outcome.code, line(outcome, "purchase")[0]) == (0, "✓")


@pytest.mark.parametrize("ends_as", ["failed", "canceled", "aborted"])
async def test_a_purchase_without_an_image_exits_1(place: Place, ends_as: str) -> None:
    place.provider.ends_as = ends_as
    outcome = await place.run("check", "--buy-one", "--yes")
    assert (outcome.code, line(outcome, "purchase")[0]) == (1, "✗")
    assert "GPU on fire" in outcome.out


async def test_a_purchase_that_does_not_end_is_given_up_at_the_deadline(place: Place) -> None:
    place.provider.ends_as = "processing"
    place.extra = {"GENERATION_TIMEOUT": "1"}
    outcome = await place.run("check", "--buy-one", "--yes")
    assert (outcome.code, "timeout" in line(outcome, "purchase")) == (1, True)


async def test_nothing_is_bought_when_the_check_fails(place: Place) -> None:
    place.discord.token = "another"
    outcome = await place.run("check", "--buy-one", "--yes")
    assert (outcome.code, place.provider.created) == (1, [])


@pytest.mark.parametrize("command", ["run", "sync"])
async def test_a_token_that_discord_refuses_ends_with_a_sentence_and_exit_3(
    place: Place, command: str
) -> None:
    place.discord.token = "another"
    outcome = await place.run(command)
    assert outcome.code == 3
    assert "Discord refuses the bot's token" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.sqlite("its lock")
async def test_a_second_bot_on_the_same_database_is_refused_with_exit_1(
    place: Place, running: Database
) -> None:
    outcome = await place.run("run")
    assert outcome.code == 1
    assert "Another process is using this database." in outcome.err
    assert "Traceback" not in outcome.err


async def test_a_discord_that_cannot_be_reached_ends_run_with_a_sentence(place: Place) -> None:
    place.extra = {"DISCORD_API_URL": "http://127.0.0.1:9/api/v10"}
    outcome = await place.run("run")
    assert outcome.code == 1
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_while_the_bot_is_still_logging_in_ends_it_with_exit_0(
    place: Place, stop: signal.Signals
) -> None:
    place.discord.awaits = asyncio.Event()
    async with place.process("run") as process, asyncio.timeout(PATIENCE):
        await place.discord.asked.wait()
        process.send_signal(stop)
        _, err = await process.communicate()
        place.discord.awaits.set()
    assert b"Traceback" not in err
    assert process.returncode == 0, err.decode()

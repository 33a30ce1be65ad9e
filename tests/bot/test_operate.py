"""`pause`, `resume` and `erase` from a shell, whether the bot runs or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli import operate
from bot.domain.generation import Capacity, Generation, Request, Status
from bot.domain.picture import Stored
from bot.refusals import Paused
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from tests.bot.command import imagine
from tests.custody import begun
from tests.shelf import Item, shelf
from tests.turns import PLENTY, dispatch
from tests.world import World

OLIVIA, MAX = 1_234_567_890_123_456_789, 42
PROMPT = "xylophone made of amber"
AT = 1_793_491_200_000


def database(folder: Path) -> Path:
    """Where the command line looks for it by default."""
    return folder / "data" / "imagine.db"


def request(number: int, user_id: int) -> Request:
    return Request(
        interaction_id=7_000_000_000_000_000_000 + number,
        application_id=1,
        guild_id=2,
        channel_id=3,
        user_id=user_id,
        model="google/imagen-4-ultra",
        prompt=PROMPT if user_id == OLIVIA else "not hers",
        options={},
        token="interaction-token",
        token_expires_at=0,
        size_limit=10_000_000,
    )


async def reserve(ledger: Ledger, number: int, user_id: int = OLIVIA, at: int = AT) -> Generation:
    [row] = await ledger.reserve(
        request(number, user_id), now=at, price_micros=60_000, limits=(), capacity=PLENTY
    )
    return row


async def deliver(folder: Path, ledger: Ledger, number: int, user_id: int = OLIVIA) -> Path | Item:
    """A generation with its image, which lies where the command line looks for it."""
    row = await dispatch(ledger, await reserve(ledger, number, user_id), now=AT)
    assert row is not None
    row = await ledger.attach(row, f"prediction-{number}") or row
    name = f"{row.id}.png"
    row = (
        await ledger.store(
            row,
            [Stored(name, "image/png", 7)],
            now=AT,
            compute_ms=1,
            duration_ms=1,
        )
        or row
    )
    await ledger.finish(row, Status.DELIVERED, now=AT, bought=True)
    images = shelf(folder / "data" / "images")
    images.mkdir(parents=True, exist_ok=True)
    image = images / name
    image.write_bytes(b"picture of %d" % user_id)
    return image


async def owners(folder: Path) -> list[tuple[int, str]]:
    async with Database.open(database(folder), exclusive=False) as opened:
        found = await opened.read("select user_id, prompt from generation order by prompt", {})
    return [(row["user_id"], row["prompt"]) for row in found]


def stored_bytes(folder: Path) -> bytes:
    """Every byte of the database, its log, and the images; names too."""
    files = sorted((folder / "data").rglob("*"))
    return b"".join(
        str(path).encode() + (path.read_bytes() if path.is_file() else b"") for path in files
    )


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Ledger]:
    """The ledger of a bot that is running: its database is open and locked."""
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        yield Ledger(opened)


async def test_a_pause_refuses_the_running_bots_next_request_until_it_is_resumed(
    tmp_path: Path, running: Ledger
) -> None:
    paused = await imagine(tmp_path, "pause")
    with pytest.raises(Paused) as refused:
        await reserve(running, 1)
    resumed = await imagine(tmp_path, "resume")

    assert (paused.code, paused.out) == (
        0,
        "Paused: requests are refused, what runs goes on.\n",
    )
    assert refused.value.scope == "installation"
    assert (resumed.code, resumed.out) == (0, "Resumed.\n")
    assert (await reserve(running, 1)).status is Status.QUEUED


async def test_pause_and_resume_say_when_there_was_nothing_to_do(
    tmp_path: Path, running: Ledger
) -> None:
    not_paused = await imagine(tmp_path, "resume")
    await operate.pause(database(tmp_path))
    again = await imagine(tmp_path, "pause")

    assert (not_paused.code, not_paused.out) == (0, "It is not paused.\n")
    assert (again.code, again.out) == (0, "It is paused already.\n")


@pytest.mark.parametrize("command", ["pause", "resume", "erase"])
async def test_without_a_database_it_says_so_exits_1_and_makes_none(
    tmp_path: Path, command: str
) -> None:
    arguments = [str(OLIVIA), "--yes"] if command == "erase" else []

    outcome = await imagine(tmp_path, command, *arguments)

    assert outcome.code == 1
    assert outcome.err.startswith("There is no database yet.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("user_id", ["olivia", str(2**63)])
async def test_erase_takes_nothing_that_is_no_id_of_discords(tmp_path: Path, user_id: str) -> None:
    async with Database.open(database(tmp_path), exclusive=True):
        pass

    outcome = await imagine(tmp_path, "erase", user_id, "--yes")

    assert (outcome.code, "Traceback" in outcome.err) == (2, False)


@pytest.mark.parametrize("typed", ["n\n", ""])
async def test_erase_erases_nothing_unless_the_answer_is_yes(tmp_path: Path, typed: str) -> None:
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        image = await deliver(tmp_path, Ledger(opened), 1)

    outcome = await imagine(tmp_path, "erase", str(OLIVIA), typed=typed)

    assert outcome.code == 1
    assert "This is final" in outcome.out
    assert (await owners(tmp_path), image.exists()) == ([(OLIVIA, PROMPT)], True)


@pytest.mark.sqlite("its file's bytes")
@pytest.mark.parametrize(("arguments", "typed"), [(("--yes",), ""), ((), "y\n")])
async def test_erase_leaves_no_trace_of_the_person_where_no_bot_runs_and_all_of_others(
    tmp_path: Path, arguments: tuple[str, ...], typed: str
) -> None:
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        ledger = Ledger(opened)
        await deliver(tmp_path, ledger, 1)
        await ledger.aliases.remembered(OLIVIA)
        other = await deliver(tmp_path, ledger, 2, MAX)
    traces = [
        OLIVIA.to_bytes(8, "big"),  # as SQLite writes a number
        str(OLIVIA).encode(),
        PROMPT.encode(),
        str(request(1, OLIVIA).interaction_id).encode(),
    ]
    before = stored_bytes(tmp_path)
    assert [trace in before for trace in traces] == [True, True, True, True]

    outcome = await imagine(tmp_path, "erase", str(OLIVIA), *arguments, typed=typed)

    assert (outcome.code, outcome.out.splitlines()[-1][-7:]) == (0, "Erased.")
    assert str(OLIVIA) not in outcome.out + outcome.err
    after = stored_bytes(tmp_path)
    assert [trace for trace in traces if trace in after] == []
    assert other.exists()
    assert (MAX, "not hers") in await owners(tmp_path)


async def test_what_is_under_way_while_no_bot_runs_is_canceled_and_erased_by_the_next(
    tmp_path: Path,
) -> None:
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        await reserve(Ledger(opened), 1)

    outcome = await imagine(tmp_path, "erase", str(OLIVIA), "--yes")

    assert (outcome.code, outcome.out[:10]) == (0, "On record:")
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        [row] = await begun(Ledger(opened))
        wishes = await opened.read("select user_id from erasure", {})
    assert row.cancel_requested_at is not None
    assert [wish["user_id"] for wish in wishes] == [OLIVIA]


@pytest.mark.sqlite("its lock")
async def test_beside_a_running_bot_erase_only_records_the_wish(
    tmp_path: Path, running: Ledger
) -> None:
    image = await deliver(tmp_path, running, 1)

    outcome = await imagine(tmp_path, "erase", str(OLIVIA), "--yes")

    assert (outcome.code, outcome.out[:10]) == (0, "On record:")
    assert str(OLIVIA) not in outcome.out + outcome.err
    assert (await owners(tmp_path), image.exists()) == ([(OLIVIA, PROMPT)], True)


async def erased_from_the_shell(world: World) -> bool:
    """As `erase` does for Alice, beside the world's bot."""
    path = world.folder / "imagine.db"
    return await operate.erase(path, world.folder / "images", world.alice.id)


@pytest.mark.usefixtures("env")
async def test_the_running_bot_cancels_what_runs_and_erases_everything_by_itself(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot")
    await world.imagine(prompt=PROMPT)
    await world.env.advance_time(15)
    await world.imagine(prompt=PROMPT)
    await world.env.advance_time(2)
    assert not await erased_from_the_shell(world)

    await world.bot.retention.go_on()  # what runs may end at once, or only later
    await world.env.advance_time(15)

    assert await world.bot.retention.go_on() == 0
    assert len(world.provider.canceled) == 1
    assert await world.ledger.recent(world.alice.id, 10) == []
    assert list(world.shelf.iterdir()) == []
    assert str(world.alice.id) not in caplog.text
    assert PROMPT not in caplog.text


@pytest.mark.usefixtures("env")
@pytest.mark.rules(capacity=Capacity(running=1))
async def test_who_waits_for_a_turn_is_canceled_and_erased_without_a_purchase(
    world: World,
) -> None:
    world.provider.seconds = 300
    await world.imagine(world.bob)
    await world.imagine(world.alice)
    await world.env.advance_time(2)
    assert not await erased_from_the_shell(world)

    await world.bot.retention.go_on()
    await world.env.advance_time(5)

    assert await world.bot.retention.go_on() == 0
    assert "Canceled" in world.content
    assert len(world.provider.inputs) == 1


@pytest.mark.usefixtures("env")
async def test_what_is_asked_after_the_wish_is_neither_canceled_nor_erased(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(15)
    wished = (await world.row()).created_at
    await world.bot._storage.people.ask_erasure(world.alice.id, now=wished)
    await world.imagine(prompt="a later one")
    await world.env.advance_time(2)

    assert await world.bot.retention.go_on() == 0
    await world.env.advance_time(15)

    assert (await world.row()).status is Status.DELIVERED
    assert (await world.row()).request.prompt == "a later one"

"""Rules about words: stored whole or not at all, counted by the day, and in memory as stored."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.domain.act import REASON_LENGTH, Sought
from bot.domain.limits import DAY_MS
from bot.domain.rule import Rule
from bot.policy.patterns import PatternRefused
from bot.refusals.words import MinorsRefused, WordsRefused
from bot.request.screens import Screens, TooManyRules
from bot.storage.database import Database
from bot.storage.storage import Storage
from tests.broken import refuse

GUILD, OTHER, OLIVIA = 7, 8, 5


def rules(*lines: str) -> list[Rule]:
    return [Rule.read(line) for line in lines]


@pytest.fixture
def screens(storage: Storage) -> Screens:
    return Screens(storage.words, storage.settings)


async def test_each_server_has_its_own(storage: Storage) -> None:
    await storage.words.change(GUILD, OLIVIA, rules("one: a", "/t.o/"), [], now=1)
    await storage.words.change(OTHER, OLIVIA, rules("allow: three"), [], now=1)

    assert await storage.words.of(GUILD) == rules("/t.o/", "one: a")
    assert await storage.words.all() == {
        GUILD: rules("/t.o/", "one: a"),
        OTHER: rules("allow: three"),
    }


async def test_a_change_that_fails_changes_nothing(storage: Storage, database: Database) -> None:
    await storage.words.change(GUILD, OLIVIA, rules("one"), [], now=1)
    await refuse(database, "insert", on="word_rule", when="new.text = 'three'")

    with pytest.raises(Exception, match="trouble"):
        await storage.words.change(GUILD, OLIVIA, rules("two", "three"), rules("one"), now=2)

    assert await storage.words.of(GUILD) == rules("one")
    assert len(await storage.settings.audit(GUILD, 10)) == 1
    assert (await storage.settings.reload(GUILD)).version == 1


async def test_who_changed_it_is_on_record_by_a_pseudonym(storage: Storage) -> None:
    await storage.words.change(GUILD, OLIVIA, rules("one: why"), [], now=3)
    await storage.words.change(GUILD, OLIVIA, [], rules("one"), now=4)

    taken, given = await storage.settings.audit(GUILD, 10)
    assert (given.at, given.reason) == (3, "+ one: why")
    assert (taken.at, taken.reason) == (4, "− one: why")
    assert given.actor == await storage.aliases.of(OLIVIA)


async def test_what_was_written_is_one_entrys_reason_and_nothing_of_it_stays_for_ever(
    storage: Storage,
) -> None:
    lines = [f"{'x' * 90}{number}: y" for number in range(10)]
    await storage.words.change(GUILD, OLIVIA, rules(*lines), [], now=3)

    [entry] = await storage.audit.entries(GUILD, Sought(), limit=10)
    assert entry.details == {"holder": "guild", "id": "0", "name": "words"}
    assert entry.reason.startswith(f"+ {lines[0]} · + {lines[1]}")
    assert len(entry.reason) == REASON_LENGTH
    [chain] = [chain async for chain in storage.audit.chains(GUILD)]
    assert chain.broken is None


async def test_what_is_set_already_is_no_change(storage: Storage) -> None:
    assert await storage.words.change(GUILD, OLIVIA, rules("one: a"), rules("two"), now=1)
    assert not await storage.words.change(GUILD, OLIVIA, rules("one: a"), rules("two"), now=2)

    assert (await storage.settings.reload(GUILD)).version == 1


async def test_refusals_are_counted_by_server_and_day(storage: Storage) -> None:
    for day in (0, 0, 1, 30):
        await storage.words.count(GUILD, now=day * DAY_MS + 5)

    assert await storage.words.refusals(GUILD, 1, now=30 * DAY_MS) == 1
    assert await storage.words.refusals(GUILD, 30, now=30 * DAY_MS) == 2
    assert await storage.words.refusals(GUILD, 31, now=30 * DAY_MS) == 4
    assert await storage.words.refusals(OTHER, 31, now=30 * DAY_MS) == 0


@pytest.mark.parametrize(
    ("text", "takes_long", "here"),
    [("a cat", False, True), ("a cat", True, False), ("cat" * 500, False, False)],
)
async def test_what_may_take_long_is_judged_off_the_event_loop(
    screens: Screens, text: str, takes_long: bool, here: bool
) -> None:
    judged = await screens.turn(GUILD, [text], threading.get_ident, takes_long=takes_long)

    assert (judged == threading.get_ident()) is here


async def test_changes_at_the_same_time_are_all_kept(screens: Screens, storage: Storage) -> None:
    await asyncio.gather(
        *(screens.change(GUILD, OLIVIA, rules(f"word{n}"), [], now=n) for n in range(20))
    )

    assert len(screens.rules(GUILD)) == 20
    assert list(screens.rules(GUILD)) == await storage.words.of(GUILD)
    assert storage.settings.policy(GUILD).version == 20


async def test_reading_them_again_undoes_no_change_made_meanwhile(
    screens: Screens, storage: Storage
) -> None:
    slow = rules(*(rf"/{number}\p{{L}}/" for number in range(40)))
    await storage.words.change(GUILD, OLIVIA, slow, [], now=1)  # by another process

    change = screens.change(GUILD, OLIVIA, rules("fox"), slow, now=2)
    await asyncio.gather(screens.reload(GUILD), change)

    assert list(screens.rules(GUILD)) == await storage.words.of(GUILD) == rules("fox")


async def test_what_does_not_compile_leaves_the_old_rules(screens: Screens) -> None:
    await screens.change(GUILD, OLIVIA, rules("fox: no"), [], now=1)

    with pytest.raises(PatternRefused):
        await screens.change(GUILD, OLIVIA, rules("/(?=a)/"), rules("fox"), now=2)

    with pytest.raises(WordsRefused):
        await screens.judge({"prompt": "a fox"}, GUILD, now=3)


async def test_a_server_has_only_so_many_rules(screens: Screens, storage: Storage) -> None:
    await screens.change(GUILD, OLIVIA, rules(*(f"w{n}x" for n in range(1_000))), [], now=1)

    with pytest.raises(TooManyRules):
        await screens.change(GUILD, OLIVIA, rules("another"), [], now=2)

    assert len(await storage.words.of(GUILD)) == 1_000


async def test_a_cancelled_change_leaves_memory_as_the_database_is(
    screens: Screens, storage: Storage
) -> None:
    change = asyncio.create_task(screens.change(GUILD, OLIVIA, rules("fox"), [], now=1))
    await asyncio.sleep(0)
    change.cancel()
    await asyncio.gather(change, return_exceptions=True)

    await screens.reload(GUILD)
    assert list(screens.rules(GUILD)) == await storage.words.of(GUILD)
    await screens.change(GUILD, OLIVIA, rules("owl"), [], now=2)
    assert rules("owl")[0] in screens.rules(GUILD)


async def test_a_refusal_that_cannot_be_counted_is_still_one(
    screens: Screens, database: Database
) -> None:
    await screens.change(GUILD, OLIVIA, rules("fox: no"), [], now=1)
    await database.write("drop table word_refusal", {})

    with pytest.raises(WordsRefused):
        await screens.judge({"prompt": "a fox"}, GUILD, now=2)


@pytest.mark.parametrize("guild_id", [None, GUILD])
async def test_the_floor_holds_where_there_are_no_rules(
    screens: Screens, guild_id: int | None
) -> None:
    with pytest.raises(MinorsRefused):
        await screens.judge({"prompt": "a nude child"}, guild_id, now=1)
    await screens.judge({"prompt": "a fox"}, guild_id, now=1)


@pytest.mark.parametrize("text", ["fox " * 400, "ein fuchs, fox, schön", "fox"])
async def test_long_and_foreign_texts_are_judged_as_short_ones(screens: Screens, text: str) -> None:
    await screens.change(GUILD, OLIVIA, rules("fox: no"), [], now=1)

    with pytest.raises(WordsRefused):
        await screens.judge({"prompt": text}, GUILD, now=2)
    with pytest.raises(MinorsRefused):
        await screens.judge({"prompt": f"{text}\na nude child"}, GUILD, now=2)


async def test_the_floor_reads_what_takes_long_beside_the_event_loop(screens: Screens) -> None:
    """One sign that stands for eighteen letters."""
    judged = asyncio.create_task(screens.is_about_minors({"prompt": "\ufdfa" * 1_000}))
    turns = 0
    while not judged.done():
        await asyncio.sleep(0)
        turns += 1

    assert not judged.result()
    assert turns > 5

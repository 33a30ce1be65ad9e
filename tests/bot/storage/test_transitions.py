"""What each of the ledger's statements is about, and what it leaves alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.attached import Attached
from bot.domain.generation import Capacity, Generation, Request, StandIn, Status
from bot.domain.limits import HOUR_MS, Limit, Period, Scope, Unit
from bot.domain.picture import Stored
from bot.record import replace
from bot.refusals import QueueFull, QuotaExceeded
from bot.storage.custody import ANSWERED_MS
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from tests.custody import begun
from tests.turns import PLENTY, dispatch

MINUTE = 60_000
CAT, DOG = (Attached("image/png", 10, 1, 1, f"https://cdn.invalid/{name}") for name in "cd")
PICTURE = Stored("1-0.png", "image/png", 10)


def request(number: int = 1, **changes: Any) -> Request:
    plain = Request(
        interaction_id=number,
        application_id=2,
        guild_id=7,
        channel_id=4,
        user_id=5,
        model="owner/name",
        prompt="a red fox",
        options={"aspect_ratio": "1:1"},
        token="secret",
        token_expires_at=900_000,
        size_limit=10,
    )
    return replace(plain, **changes)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as opened:
        yield opened


@pytest.fixture
async def ledger(database: Database) -> Ledger:
    here = Ledger(database, provider="https://api.invalid")
    await begun(here)
    return here


async def queued(
    ledger: Ledger, asked: Request, *, at: int = 1_000, capacity: Capacity = PLENTY
) -> Generation:
    [row] = await ledger.reserve(asked, now=at, price_micros=1, limits=(), capacity=capacity)
    return row


async def submitted(ledger: Ledger, asked: Request, *, at: int = 2_000) -> Generation:
    row = await dispatch(ledger, await queued(ledger, asked, at=at), now=at)
    assert row is not None
    return row


async def running(ledger: Ledger, asked: Request, *, at: int = 2_000) -> Generation:
    row = await submitted(ledger, asked, at=at)
    found = await ledger.attach(row, f"p{row.id}")
    assert found is not None
    return found


async def delivering(ledger: Ledger, asked: Request, *, took: int = 5_000) -> Generation:
    row = await running(ledger, asked)
    about = {"now": 9_000 + took, "compute_ms": 1, "duration_ms": took}  # it was told late
    found = await ledger.store(row, [PICTURE], **about)
    assert found is not None
    return found


def drawn(number: int, *pictures: Attached, **changes: Any) -> Request:
    return request(number, pictures=pictures, picture_input="image", **changes)


async def test_rows_that_differ_in_their_pictures_alone_are_rivals(ledger: Ledger) -> None:
    own = await submitted(ledger, drawn(1, CAT), at=10 * MINUTE)
    await submitted(ledger, drawn(2, DOG), at=12 * MINUTE)
    await submitted(ledger, drawn(3), at=8 * MINUTE)

    assert sorted(await ledger.rivals(own, within=2 * MINUTE)) == [8 * MINUTE, 12 * MINUTE]
    assert await ledger.rivals(own, within=2 * MINUTE - 1) == []


@pytest.mark.parametrize(
    "change", [{"prompt": "a fox"}, {"model": "owner/other"}, {"options": {"aspect_ratio": "2:1"}}]
)
async def test_a_row_of_other_words_or_another_model_is_no_rival(
    ledger: Ledger, change: dict[str, Any]
) -> None:
    own = await submitted(ledger, drawn(1, CAT))
    await submitted(ledger, drawn(2, DOG, **change))

    assert await ledger.rivals(own, within=MINUTE) == []


async def test_what_has_its_prediction_was_not_sent_or_has_no_pictures_is_no_rival(
    ledger: Ledger,
) -> None:
    own = await submitted(ledger, drawn(1, CAT))
    plain = await submitted(ledger, drawn(2))
    await running(ledger, drawn(3, DOG))
    await queued(ledger, drawn(4, DOG))
    refused = await submitted(ledger, drawn(5, DOG))
    await ledger.finish(refused, Status.FAILED, now=3_000, bought=False)

    assert await ledger.rivals(own, within=MINUTE) == [plain.submitted_at]
    assert await ledger.rivals(plain, within=MINUTE) == [own.submitted_at]


async def test_one_whose_outcome_is_unknown_is_a_rival_still(ledger: Ledger) -> None:
    own = await submitted(ledger, drawn(1, CAT))
    lost = await submitted(ledger, drawn(2, DOG))
    await ledger.finish(lost, Status.UNKNOWN, now=3_000, bought=True)

    assert await ledger.rivals(own, within=MINUTE) == [lost.submitted_at]


async def test_rows_of_one_request_start_from_the_same_pictures(ledger: Ledger) -> None:
    about: dict[str, Any] = {"now": 1_000, "price_micros": 1, "limits": (), "capacity": PLENTY}
    rows = await ledger.reserve(drawn(1, CAT, predictions=2), **about)
    sent = [await dispatch(ledger, row, now=2_000) for row in rows]

    assert sent[0] is not None
    assert await ledger.rivals(sent[0], within=MINUTE) == []


async def test_a_prediction_is_taken_at_the_provider_that_made_it(
    ledger: Ledger, database: Database
) -> None:
    row = await running(ledger, request())
    another = Ledger(database, provider="https://other.invalid")

    assert await ledger.taken(["p1-0", "p2-0"]) == {row.prediction_id}
    assert await another.taken(["p1-0"]) == set()


async def test_what_is_found_is_adopted_unless_another_row_has_it(ledger: Ledger) -> None:
    await running(ledger, request(1))
    row = await submitted(ledger, request(2))

    assert await ledger.adopt(row, "p1-0", answered_before=9_000) is None
    adopted = await ledger.adopt(replace(row, message_id=77), "new", answered_before=9_000)

    assert adopted is not None
    assert (adopted.status, adopted.prediction_id) == (Status.RUNNING, "new")
    assert adopted.message_id == 77
    assert await ledger.adopt(adopted, "newer", answered_before=9_000) is None


@pytest.mark.parametrize(
    ("change", "waits"),
    [
        ({}, True),
        ({"prompt": "a fox"}, False),
        ({"model": "owner/other"}, False),
        ({"options": {"aspect_ratio": "2:1"}}, False),
    ],
)
async def test_what_a_twin_may_still_be_answered_with_is_not_adopted(
    ledger: Ledger, change: dict[str, Any], *, waits: bool
) -> None:
    row = await submitted(ledger, request(1), at=2_000)
    await submitted(ledger, request(2, **change), at=5_000)

    early = await ledger.adopt(row, "found", answered_before=4_999)
    later = await ledger.adopt(row, "found", answered_before=5_000)

    assert (early is None) is waits
    assert (later is not None) is waits


async def test_a_refusal_by_the_filter_brakes_for_an_hour_and_not_longer(ledger: Ledger) -> None:
    row = await submitted(ledger, request(1))
    await ledger.finish(row, Status.FAILED, now=5_000, bought=False, error="safety")
    other = await submitted(ledger, request(2))
    await ledger.finish(other, Status.FAILED, now=9_000, bought=False, error="provider")

    async def asked(number: int, now: int) -> None:
        since = now - HOUR_MS
        brake = Limit(Scope.FILTER, Unit.REFUSALS, Period.HOUR, 1, since, now + HOUR_MS)
        about: dict[str, Any] = {"price_micros": 1, "limits": [brake], "capacity": PLENTY}
        await ledger.reserve(request(number), now=now, **about)

    with pytest.raises(QuotaExceeded) as caught:
        await asked(3, HOUR_MS + 4_999)
    assert caught.value.resets_at == HOUR_MS + 5_000
    await asked(4, HOUR_MS + 5_000)


@pytest.mark.parametrize("review", ["off", "prompt"])
async def test_a_full_line_names_whose_it_is(ledger: Ledger, review: str) -> None:
    two = Capacity(running=9, waiting=3, user_running=9, user_waiting=2)
    for number in (1, 2):
        await queued(ledger, request(number, review=review), capacity=two)

    with pytest.raises(QueueFull) as own:
        await queued(ledger, request(3, review=review), capacity=two)
    assert (own.value.scope, own.value.limit) == ("user", 2)

    await queued(ledger, request(4, user_id=6), capacity=two)
    if review == "off":
        with pytest.raises(QueueFull) as full:
            await queued(ledger, request(5, user_id=8), capacity=two)
        assert (full.value.scope, full.value.limit) == ("installation", 3)
    else:  # what a moderator has to decide about stands in no line yet
        await queued(ledger, request(5, user_id=8), capacity=two)


async def test_what_others_have_at_the_desk_fills_nobodys_line(ledger: Ledger) -> None:
    two = Capacity(running=9, waiting=2, user_running=9, user_waiting=2)
    for number in (1, 2):
        await queued(ledger, request(number, review="prompt"), capacity=two)
        await queued(ledger, request(10 + number, user_id=6), capacity=two)

    with pytest.raises(QueueFull) as full:
        await queued(ledger, request(3, user_id=8), capacity=two)

    assert full.value.scope == "installation"


async def test_how_long_a_model_takes_is_told_by_what_was_delivered_newest_first(
    ledger: Ledger,
) -> None:
    for number, took in enumerate((4_000, 6_000, 8_000), start=1):
        row = await delivering(ledger, request(number), took=took)
        await ledger.finish(row, Status.DELIVERED, now=20_000 + number, bought=True)
    kept = await delivering(ledger, request(4), took=1_000)
    await ledger.finish(kept, Status.KEPT, now=30_000, bought=True)
    other = await delivering(ledger, request(5, model="owner/other"), took=2_000)
    await ledger.finish(other, Status.DELIVERED, now=30_000, bought=True)

    assert await ledger.recent_durations("owner/name") == [8.0, 6.0, 4.0]
    assert await ledger.recent_durations("owner/name", 2) == [8.0, 6.0]


async def test_recent_ones_are_the_persons_own_newest_first(ledger: Ledger) -> None:
    for number, user in enumerate((5, 6, 5, 5), start=1):
        await queued(ledger, request(number, user_id=user), at=1_000 * min(number, 3))

    assert [row.id for row in await ledger.recent(5, 9)] == ["4-0", "3-0", "1-0"]
    assert [row.id for row in await ledger.recent(5, 2)] == ["4-0", "3-0"]


async def test_when_a_request_was_first_canceled_stays(ledger: Ledger) -> None:
    await queued(ledger, request(1))
    await queued(ledger, request(2))

    await ledger.request_cancel("1-0", now=5_000)
    [again] = await ledger.request_cancel("1-0", now=6_000)

    assert again.cancel_requested_at == 5_000
    other = await ledger.find("2-0")
    assert other is not None
    assert other.cancel_requested_at is None


async def test_what_is_put_off_waits_in_line_again_until_then(ledger: Ledger) -> None:
    row = await submitted(ledger, request())

    back = await ledger.requeue(replace(row, message_id=77), not_before=9_000)

    assert back is not None
    assert (back.status, back.submitted_at, back.not_before) == (Status.QUEUED, None, 9_000)
    assert back.message_id == 77
    assert await dispatch(ledger, back, now=8_999) is None
    sent = await dispatch(ledger, back, now=9_000)
    assert sent is not None
    assert (sent.submitted_at, sent.not_before) == (9_000, None)


async def test_a_stand_in_takes_the_place_of_the_model_with_its_own_input_and_price(
    ledger: Ledger,
) -> None:
    instead = StandIn("owner/other", "text", {"size": "1K"}, 7, "images", picture_list=True)
    row = await submitted(ledger, request(stand_in=instead))

    after = await ledger.stand_in(replace(row, message_id=77))

    assert after is not None
    assert (after.status, after.submitted_at, after.message_id) == (Status.QUEUED, None, 77)
    assert (after.instead_of, after.price_micros) == ("owner/name", 7)
    asked = after.request
    assert (asked.model, asked.prompt_input) == ("owner/other", "text")
    assert (asked.options, asked.stand_in) == ({"size": "1K"}, None)
    assert (asked.picture_input, asked.picture_list) == ("images", True)
    assert await ledger.stand_in(after) is None
    again = await dispatch(ledger, after, now=9_000)
    assert again is not None
    assert await ledger.stand_in(again) is None, "nobody stands in for a stand-in"


async def test_where_the_reply_is_may_be_recorded_until_the_end(ledger: Ledger) -> None:
    row = await queued(ledger, request())
    found = await ledger.acknowledged(replace(row, message_id=77))
    assert found is not None
    assert found.message_id == 77
    others = replace(found, owner_epoch=found.owner_epoch + 1, message_id=78)
    assert await ledger.acknowledged(others) is None, "it is another process's"

    ended = await ledger.finish(found, Status.CANCELED, now=3_000, bought=False)
    assert ended is not None
    assert await ledger.acknowledged(replace(ended, message_id=78)) is None


async def test_stored_pictures_are_recorded_while_nothing_was_bought(ledger: Ledger) -> None:
    row = await queued(ledger, drawn(1, CAT))
    stored = replace(CAT, url="", sha256="0" * 64)

    found = await ledger.pictured(replace(row, message_id=77), [stored])

    assert found is not None
    assert (found.request.pictures, found.message_id) == ((stored,), 77)
    kept = await ledger.pictured(replace(found, message_id=78), [stored])
    assert kept is not None
    assert kept.message_id == 77, "where the reply is does not change"
    sent = await dispatch(ledger, kept, now=2_000)
    assert sent is not None
    assert await ledger.pictured(sent, [stored]) is None


async def test_an_end_keeps_no_address_and_a_delivered_one_no_token(ledger: Ledger) -> None:
    row = await delivering(ledger, drawn(1, CAT))
    row = replace(row, published_id=88)

    ended = await ledger.finish(row, Status.DELIVERED, now=9_000, bought=True)

    assert ended is not None
    assert (ended.ended_at, ended.published_id, ended.sealed_until) == (9_000, 88, None)
    assert ended.request.token == ""
    assert [picture.url for picture in ended.request.pictures] == [""]


async def test_another_ends_token_stays_until_the_person_was_told(ledger: Ledger) -> None:
    row = await queued(ledger, request())
    await ledger.told(row)
    waiting = await ledger.find(row.id)
    assert waiting is not None
    assert waiting.request.token == "secret", "it has not ended"

    ended = await ledger.finish(row, Status.FAILED, now=3_000, bought=False, error="provider")
    assert ended is not None
    assert (ended.request.token, ended.error) == ("secret", "provider")

    await ledger.told(ended)
    after = await ledger.find(row.id)
    assert after is not None
    assert after.request.token == ""


async def test_what_no_moderator_let_through_is_sealed_for_a_week(ledger: Ledger) -> None:
    row = await delivering(ledger, request(review="image"))
    assert row.status is Status.REVIEWING

    ended = await ledger.finish(row, Status.EXPIRED, now=9_000, bought=True)

    assert ended is not None
    assert ended.sealed_until == 9_000 + 7 * 24 * HOUR_MS
    assert await ledger.unended_images() == {PICTURE.name}


async def test_a_failed_one_whose_prompt_alone_was_reviewed_has_nothing_sealed(
    ledger: Ledger,
) -> None:
    row = await queued(ledger, request(review="image"))
    ended = await ledger.finish(row, Status.FAILED, now=9_000, bought=False)

    assert ended is not None
    assert ended.sealed_until is None


async def test_images_are_kept_until_the_person_was_told(ledger: Ledger) -> None:
    row = await delivering(ledger, request())
    assert await ledger.unended_images() == {PICTURE.name}

    await ledger.finish(row, Status.DELIVERED, now=9_000, bought=True)

    assert await ledger.unended_images() == set()


async def test_the_line_tells_of_those_who_wait_and_who_of_them_is_canceled(
    ledger: Ledger,
) -> None:
    for number in (1, 2, 3):
        await queued(ledger, request(number), at=1_000 * number)
    await ledger.request_cancel("2-0", now=9_000)

    line = await ledger.line()

    places = {id: (turn.position, turn.of_user) for id, turn in line.items() if not turn.canceled}
    assert places == {"1-0": (1, 1), "3-0": (2, 2)}
    assert line["2-0"].canceled


async def test_a_hand_over_is_of_all_that_is_not_done_with_where_the_reply_is(
    ledger: Ledger, database: Database
) -> None:
    row = await queued(ledger, request(1))
    over = await queued(ledger, request(2))
    over = await ledger.finish(over, Status.FAILED, now=3_000, bought=False) or over
    other = Ledger(database, provider="https://api.invalid")
    assert sorted(await ledger.custody.held()) == ["1-0", "2-0"]

    await ledger.custody.release([replace(row, message_id=77)])
    await other.custody.enter()
    assert await other.custody.claimable()
    claimed = {each.id: each for each in await other.custody.claim()}

    assert claimed["1-0"].message_id == 77
    assert claimed["1-0"].owner_epoch == other.custody.epoch
    assert not await other.custody.claimable()
    assert sorted(await other.custody.held()) == sorted(claimed)
    assert not set(claimed) & set(await ledger.custody.held())


async def test_what_is_held_says_whom_somebody_canceled_and_leaves_out_the_desk(
    ledger: Ledger,
) -> None:
    await queued(ledger, request(1))
    await queued(ledger, request(2))
    await queued(ledger, request(3, review="prompt"))
    await ledger.request_cancel("2-0", now=5_000)

    assert await ledger.custody.held() == {"1-0": False, "2-0": True}


async def test_what_has_ended_is_not_taken_on(ledger: Ledger) -> None:
    row = await queued(ledger, request(1, review="prompt"))
    over = await queued(ledger, request(2, review="prompt"))
    ended = await ledger.finish(over, Status.CANCELED, now=3_000, bought=False)
    assert ended is not None

    assert [each.id for each in await ledger.custody.take([ended, row])] == [row.id]


async def test_an_interaction_is_answered_once_and_remembered_for_a_quarter_of_an_hour(
    ledger: Ledger,
) -> None:
    assert await ledger.custody.answers(1, now=1_000)
    assert not await ledger.custody.answers(1, now=2_000)
    assert await ledger.custody.answers(2, now=1_001)

    await ledger.custody.forget_answered(now=1_001 + ANSWERED_MS)

    assert await ledger.custody.answers(1, now=3_000), "it is forgotten"
    assert not await ledger.custody.answers(2, now=3_000)


async def test_each_entry_is_another_process_and_one_is_alive(ledger: Ledger) -> None:
    before = ledger.custody.epoch

    assert await ledger.custody.enter() == before + 1
    assert await ledger.custody.living() == 1


async def test_a_fact_is_the_last_one_written_and_whoever_settles_it_first_decides(
    ledger: Ledger,
) -> None:
    facts = ledger.facts
    assert await facts.read("zone") is None
    assert await facts.settled("zone", "UTC") == "UTC"
    assert await facts.settled("zone", "Asia/Tokyo") == "UTC"

    await facts.write("zone", "Europe/Berlin")
    await facts.write("other", "1")

    assert await facts.read("zone") == "Europe/Berlin"
    assert await facts.forget("zone")
    assert not await facts.forget("zone")
    assert (await facts.read("zone"), await facts.read("other")) == (None, "1")

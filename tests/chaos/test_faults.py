"""Each fault by itself, with the unmodified bot between both halves: who sees and who pays what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from playground.wire import Point
from tests.chaos.rehearsal import Rehearsals, eventually, rehearsals

pytestmark = pytest.mark.asyncio(loop_scope="module")

IMAGE = "the image, in the same reply"
NOTHING = "nothing"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def one_bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rehearsals]:
    async with rehearsals(tmp_path_factory.mktemp("rehearsals")) as running:
        yield running


@pytest.fixture
def on(one_bot: Rehearsals) -> Iterator[Rehearsals]:
    yield one_bot
    one_bot.calm()


def delivered_once(row: dict[str, object]) -> bool:
    return (row["status"], row["quota"], row["budget"]) == ("delivered", "settled", "settled")


def free(row: dict[str, object]) -> bool:
    return (row["status"], row["quota"], row["budget"]) == ("failed", "released", "released")


def billed(row: dict[str, object]) -> bool:
    return (row["status"], row["quota"], row["budget"]) == ("failed", "released", "settled")


@pytest.mark.fault(
    "images take four times as long", sees="progress, then the image", charged="one image, once"
)
@pytest.mark.fault(
    "every second poll meets a 503 page", sees="the image", charged="one image, once"
)
@pytest.mark.fault(
    "the provider accepts a create and cuts the connection without an answer",
    sees="the image, after it was looked up",
    charged="one image, once",
)
@pytest.mark.fault(
    "the provider answers 429 to creates",
    sees="a waiting reply, then the image",
    charged="one image, once",
)
@pytest.mark.fault(
    "the provider's clock is a day ahead", sees="the image", charged="one image, once"
)
@pytest.mark.fault(
    "the provider's clock is a day behind", sees="the image", charged="one image, once"
)
@pytest.mark.fault(
    "the image is larger than Discord takes",
    sees="a smaller version of the image",
    charged="one image, once",
)
@pytest.mark.fault(
    "every second edit meets a 429 from Discord", sees="the image", charged="one image, once"
)
@pytest.mark.fault(
    "every second edit meets a 429 in plain text (a proxy's)",
    sees="the image",
    charged="one image, once",
)
@pytest.mark.fault(
    "every second edit meets a 502 from Discord", sees="the image", charged="one image, once"
)
@pytest.mark.fault(
    "Discord's clock is a day ahead of ours", sees="the image", charged="one image, once"
)
@pytest.mark.fault(
    "Discord's clock is a day behind ours", sees="the image", charged="one image, once"
)
@pytest.mark.parametrize(
    "names",
    [
        ("slow",),
        ("flaky-polls",),
        ("lost-creates",),
        ("rate-limit",),
        ("clock-ahead",),
        ("clock-behind",),
        ("oversize",),
        ("discord-429",),
        ("discord-429-text",),
        ("discord-5xx",),
        ("discord-clock-ahead",),
        ("discord-clock-behind",),
    ],
    ids="+".join,
)
async def test_trouble_that_ends_in_the_image_in_the_same_message(
    on: Rehearsals, names: tuple[str, ...]
) -> None:
    on.trouble(*names)
    asked = await on.ask()
    row = await asked.ended()

    assert delivered_once(row)
    assert asked.purchases == 1
    assert [message["id"] for message in asked.shown(on.channel)] == [asked.message_id]


@pytest.mark.fault(
    "the prediction fails at the provider",
    sees="that it failed, in the same reply",
    charged="the person: nothing; the installation: what the provider bills",
)
@pytest.mark.fault(
    "the provider's safety filter refuses",
    sees="that the filter refused, and to change the prompt",
    charged="the person: nothing; the installation: what the provider bills",
)
@pytest.mark.fault(
    "the image's address serves a web page",
    sees="that it failed, in the same reply",
    charged="the person: nothing; the installation: what the provider bills",
)
@pytest.mark.parametrize("name", ["failing", "safety", "not-an-image"])
async def test_trouble_after_the_purchase_is_free_for_the_person(on: Rehearsals, name: str) -> None:
    on.trouble(name)
    asked = await on.ask()
    row = await asked.ended()

    assert billed(row)
    assert asked.purchases == 1
    assert asked.shown(on.channel) == []


@pytest.mark.fault(
    "the provider's account has no credit (402)",
    sees="that it failed, in the same reply",
    charged="nothing",
)
@pytest.mark.fault(
    "the API token is not accepted (401)",
    sees="that it failed, in the same reply",
    charged="nothing",
)
@pytest.mark.fault(
    "the model is gone (404)", sees="that the model is not available", charged="nothing"
)
@pytest.mark.fault(
    "a create ends in a server error and was not accepted",
    sees="that it failed, once two looks found nothing",
    charged="nothing",
)
@pytest.mark.parametrize("name", ["no-credit", "bad-token", "retired", "server-error"])
async def test_what_was_not_accepted_is_free(on: Rehearsals, name: str) -> None:
    on.trouble(name)
    asked = await on.ask()
    row = await asked.ended()

    assert free(row)
    assert asked.purchases == 0


@pytest.mark.fault(
    "a create's connection is reset before the provider has read it",
    sees="that it failed, once two looks found nothing",
    charged="nothing",
)
async def test_a_create_that_never_arrived_is_free(on: Rehearsals) -> None:
    on.stage.small.wire.cut("POST", r"/predictions$", Point.RECEIVED)
    asked = await on.ask()

    assert free(await asked.ended())
    assert asked.purchases == 0


@pytest.mark.fault(
    "a create is answered by nobody, and what is listed is a day off our clock",
    sees="that nobody knows whether it was made",
    charged="the person: nothing; the installation: the estimate",
)
async def test_what_cannot_be_told_apart_is_unknown(on: Rehearsals) -> None:
    on.trouble("lost-creates", "clock-ahead")
    asked = await on.ask()
    row = await asked.ended()

    assert (row["status"], row["quota"], row["budget"]) == ("unknown", "released", "settled")
    assert asked.purchases == 1


@pytest.mark.fault(
    "the download breaks off half way",
    sees="the image, after another attempt",
    charged="one image, once",
)
@pytest.mark.fault(
    "the download's answer is lost",
    sees="the image, after another attempt",
    charged="one image, once",
)
@pytest.mark.fault(
    "the file host resets the connection",
    sees="the image, after another attempt",
    charged="one image, once",
)
@pytest.mark.parametrize("at", [Point.HALFWAY, Point.APPLIED, Point.RECEIVED])
async def test_a_broken_download_is_fetched_again(on: Rehearsals, at: Point) -> None:
    on.stage.small.wire.cut("GET", r"^/files/", at)
    asked = await on.ask()

    assert delivered_once(await asked.ended())
    assert len(asked.shown(on.channel)) == 1


@pytest.mark.fault(
    "a storm of 502 from the provider while a prediction runs",
    sees="that the provider does not answer, then the image",
    charged="one image, once",
)
@pytest.mark.fault(
    "a storm of 429 from the provider while a prediction runs",
    sees="that the provider does not answer, then the image",
    charged="one image, once",
)
@pytest.mark.parametrize("name", ["5xx-storm", "429-storm"])
async def test_a_storm_at_the_provider_is_waited_out(on: Rehearsals, name: str) -> None:
    on.trouble("slow")
    asked = await on.ask()
    await asked.running()
    on.trouble(name)
    polls = on.stage.small._calls
    await eventually(lambda: on.stage.small._calls >= polls + 2)
    on.calm()

    assert delivered_once(await asked.ended())
    assert asked.purchases == 1


@pytest.mark.fault(
    "an edit with the image takes effect and its answer is lost",
    sees="one image",
    charged="one image, once",
)
@pytest.mark.fault(
    "an edit's connection is reset before Discord has read it",
    sees="the image",
    charged="one image, once",
)
@pytest.mark.parametrize("at", [Point.APPLIED, Point.RECEIVED])
async def test_an_edit_that_is_not_answered_is_made_again(on: Rehearsals, at: Point) -> None:
    on.stage.discord.wire.cut("PATCH", r"/webhooks/", at, times=2)
    asked = await on.ask()

    assert delivered_once(await asked.ended())
    assert len(asked.shown(on.channel)) == 1


@pytest.mark.fault(
    "the reply's token no longer works (50027)",
    sees="the image, in the same reply",
    charged="one image, once",
)
@pytest.mark.fault(
    "the reply's webhook is unknown (10015)",
    sees="the image, in the same reply",
    charged="one image, once",
)
@pytest.mark.parametrize(("status", "code"), [(401, 50027), (404, 10015)])
async def test_without_the_replys_token_the_bot_edits_the_same_message(
    on: Rehearsals, status: int, code: int
) -> None:
    asked = await on.ask()
    on.stage.discord.inject("PATCH", r"/webhooks/", status, code, times=1000)

    assert delivered_once(await asked.ended())
    assert [message["id"] for message in asked.shown(on.channel)] == [asked.message_id]


@pytest.mark.fault(
    "the token has expired and the old message takes no more edits (30046)",
    sees="the image in a new message",
    charged="one image, once",
)
async def test_a_message_that_takes_no_edits_is_followed_by_one_new_message(
    on: Rehearsals,
) -> None:
    asked = await on.ask()
    on.stage.discord.inject("PATCH", r"/webhooks/", 401, 50027, times=1000)
    on.trouble("discord-old-edits")

    assert delivered_once(await asked.ended())
    [message] = asked.shown(on.channel)
    assert message["id"] != asked.message_id


@pytest.mark.fault(
    "the token has expired and the channel is out of sight (50001)",
    sees="the image as a direct message",
    charged="one image, once",
)
async def test_a_channel_out_of_sight_leaves_the_direct_message(on: Rehearsals) -> None:
    line = on.line
    asked = await on.ask()
    on.stage.discord.inject("PATCH", r"/webhooks/", 401, 50027, times=1000)
    on.stage.discord.inject("PATCH", rf"/channels/{on.channel}/", 403, 50001, times=1000)

    assert delivered_once(await asked.ended())
    assert asked.shown(on.channel) == []
    assert len(asked.shown(line)) == 1


@pytest.mark.fault(
    "the same, and the person takes no direct messages (50007)",
    sees="the image in /history",
    charged="one image, once",
)
async def test_closed_direct_messages_leave_the_history(on: Rehearsals) -> None:
    asked = await on.ask()
    on.stage.world.places.take_messages(on.person, open=False)
    on.stage.discord.inject("PATCH", r"/webhooks/", 401, 50027, times=1000)
    on.stage.discord.inject("PATCH", rf"/channels/{on.channel}/", 403, 50001, times=1000)
    row = await asked.ended()

    assert (row["status"], row["quota"], row["budget"]) == ("kept", "settled", "settled")
    assert asked.shown(on.channel) == asked.shown(on.line) == []


@pytest.mark.fault(
    "somebody removes the reply while the image is made (10008)",
    sees="nothing in the channel, ever again",
    charged="what the provider bills",
)
async def test_a_removed_reply_does_not_come_back(on: Rehearsals) -> None:
    asked = await on.ask()
    await asked.running()
    await on.stage.world.delete(on.stage.world.people[0]["id"], on.channel, asked.message_id)
    row = await asked.ended()

    assert row["status"] in ("kept", "canceled")
    assert asked.shown(on.channel) == []


@pytest.mark.fault(
    "the thread is archived while the image is made",
    sees="the image in the thread, which is open again",
    charged="one image, once",
)
async def test_an_archived_thread_is_opened_again(on: Rehearsals) -> None:
    thread = on.stage.world.places.start_thread(on.person, on.channel, "foxes")
    asked = await on.ask(thread)
    await asked.running()
    on.stage.world.places.change_thread(thread, "archive")

    assert delivered_once(await asked.ended())
    assert len(asked.shown(thread)) == 1


@pytest.mark.fault(
    "the thread is locked while the image is made",
    sees="the image in /history",
    charged="one image, once",
)
async def test_a_locked_thread_stays_locked_and_the_image_is_kept(on: Rehearsals) -> None:
    thread = on.stage.world.places.start_thread(on.person, on.channel, "foxes")
    asked = await on.ask(thread)
    await asked.running()
    on.stage.world.places.change_thread(thread, "lock")
    row = await asked.ended()

    assert (row["status"], row["quota"], row["budget"]) == ("kept", "settled", "settled")
    assert asked.shown(thread) == []

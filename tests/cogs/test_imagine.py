"""`/imagine` as a person meets it: the reply, the refusals, the button."""

from __future__ import annotations

import re

import discord
import pytest

from bot.domain.generation import Entry, Status
from bot.domain.prediction import PredictionStatus
from bot.errors import (
    AuthenticationFailed,
    CreateUnknown,
    InputInvalid,
    ModelNotFound,
    OutOfCredit,
    ProviderError,
    ProviderTrouble,
    RateLimited,
)
from bot.policy import Policy
from tests.world import MODEL, World, picture

pytestmark = pytest.mark.usefixtures("env")


# --------------------------------------------------------------------------------- the reply


async def test_the_reply_goes_from_thinking_to_the_image_in_one_message(world: World) -> None:
    await world.imagine(prompt="a red fox in snow", aspect_ratio="16:9")
    await world.env.advance_time(1)
    beginning = world.content
    await world.env.advance_time(4)
    middle = world.content
    await world.env.advance_time(10)

    assert "Starting the model" in beginning
    assert "Generating" in middle
    assert "AI-generated" in world.content
    assert [a.description for a in world.message.attachments] == ["a red fox in snow"]
    assert len(world.channel.history()) == 1


async def test_the_finished_reply_names_prompt_model_options_requester_and_time(
    world: World,
) -> None:
    await world.imagine(prompt="a red fox", aspect_ratio="16:9", output_format="png")
    await world.env.advance_time(15)

    for part in ("a red fox", MODEL, "16:9", "PNG", world.alice.mention):
        assert part in world.content
    assert re.search(r"AI-generated in (9|10|11) s", world.content)


async def test_options_left_out_are_sent_with_their_defaults(world: World) -> None:
    await world.imagine(prompt="  a red fox \n")

    assert world.provider.inputs == [
        {
            "prompt": "a red fox",
            "aspect_ratio": "1:1",
            "output_format": "jpg",
            "safety_filter_level": "block_medium_and_above",
        }
    ]


async def test_a_delivered_image_is_settled_in_both_books(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(15)

    row = await world.row()
    assert (row.status, row.quota, row.budget) == (Status.DELIVERED, Entry.SETTLED, Entry.SETTLED)
    assert row.request.token == ""


async def test_edits_are_at_least_three_seconds_apart_and_only_on_change(world: World) -> None:
    world.provider.seconds = 60
    edits: list[int] = []
    world.env.backend.subscribers.append(
        lambda event, _: edits.append(world.clock.now()) if event == "MESSAGE_UPDATE" else None
    )

    await world.imagine()
    for _ in range(50):
        await world.env.advance_time(1)

    assert len(edits) == 2
    assert edits[1] - edits[0] >= 3000


async def test_what_users_type_pings_nobody_and_breaks_no_markdown(world: World) -> None:
    await world.imagine(prompt=f"@everyone {world.bob.mention} **bold** `x` https://evil.invalid")
    await world.env.advance_time(15)

    assert world.bob.id not in [user.id for user in world.message.mentions]
    assert not world.message.mention_everyone
    for raw in ("@everyone", world.bob.mention, "**bold**", "`x`", "https://evil"):
        assert raw not in world.content


async def test_the_usual_time_is_said_once_the_ledger_knows_it(world: World) -> None:
    for _ in range(3):
        await world.imagine()
        assert "usually" not in world.content
        await world.env.advance_time(15)

    await world.imagine()
    await world.env.advance_time(4)

    assert "usually about 9 s" in world.content


@pytest.mark.fault(
    "the image is larger than the upload limit",
    sees="a smaller one, and that it was made so",
    charged="one image",
)
async def test_an_image_above_the_upload_limit_is_made_smaller_and_the_reply_says_so(
    world: World,
) -> None:
    world.provider.output = picture("PNG", (2000, 1800), noise=True)
    limit = 10 * 1024 * 1024  # what the bot's own token may upload here
    assert len(world.provider.output) > limit

    await world.imagine()
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", "/webhooks/*", status=413, code=40005, times=1)
    await world.env.advance_time(10)

    [attachment] = world.message.attachments
    assert not attachment.filename.endswith(".png")
    assert attachment.size <= limit
    assert "to fit the upload limit here" in world.content


# ------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("prompt", "words"),
    [("   ", "prompt is empty"), ("x" * 2001, "2,001 characters; the limit is 2,000")],
)
async def test_a_refused_prompt_is_answered_privately_and_buys_nothing(
    world: World, prompt: str, words: str
) -> None:
    result = await world.imagine(prompt=prompt)

    assert result.ephemeral
    assert words in result.response.content
    assert world.provider.inputs == []
    assert await world.ledger.recent(world.alice.id, 1) == []


async def test_a_prompt_of_exactly_the_limit_after_trimming_is_taken(world: World) -> None:
    await world.imagine(prompt="  " + "x" * 2000 + " ")

    assert world.provider.inputs[0]["prompt"] == "x" * 2000


@pytest.mark.rules(person=2)
async def test_the_daily_limit_refuses_privately_with_the_time_of_its_reset(world: World) -> None:
    for _ in range(2):
        await world.imagine()
    result = await world.imagine()

    assert result.ephemeral
    assert "all 2 images for today; more <t:" in result.response.content
    assert len(world.provider.inputs) == 2


@pytest.mark.rules(installation=1)
async def test_the_installations_limit_holds_for_everybody(world: World) -> None:
    await world.imagine()
    result = await world.imagine(world.bob)

    assert result.ephemeral
    assert "the one image of this month" in result.response.content


@pytest.mark.rules(policy=Policy(prompt_max_length=2000, allowed_guilds=frozenset({1})))
async def test_a_server_that_is_not_allowed_is_refused(world: World) -> None:
    result = await world.imagine()

    assert result.ephemeral
    assert "does not serve this server" in result.response.content


@pytest.mark.fault(
    "the bot may not attach files in the channel",
    sees="which permission is missing",
    charged="nothing",
)
async def test_a_channel_where_the_bot_cannot_attach_is_refused_before_money(world: World) -> None:
    denied = discord.PermissionOverwrite(attach_files=False)
    world.channel = world.guild.create_text_channel("quiet", overwrites={world.bot.user: denied})

    result = await world.imagine()

    assert result.ephemeral
    assert "Attach Files" in result.response.content
    assert world.provider.inputs == []


# ------------------------------------------------------------------------------- failures


@pytest.mark.fault(
    "the provider refuses: credential, credit, model, input, nonsense",
    sees="which of them, and what to do",
    charged="nothing",
)
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AuthenticationFailed("token r8_x", 401), "credential"),
        (OutOfCredit("you have $0.03", 402), "no credit"),
        (ModelNotFound("gone", 404, model=MODEL), MODEL),
        (InputInvalid("x", 422, fields=("aspect_ratio must be one of …",)), "must be one of"),
        (ProviderTrouble("<html>", 400), "had a problem"),
    ],
)
async def test_a_create_that_was_not_accepted_says_why_and_charges_nobody(
    world: World, error: ProviderError, words: str
) -> None:
    world.provider.create_errors = [error]

    await world.imagine()

    row = await world.row()
    assert words in world.content
    assert "You were not charged" in world.content
    assert "$0.03" not in world.content
    assert (row.status, row.quota, row.budget) == (Status.FAILED, Entry.RELEASED, Entry.RELEASED)


@pytest.mark.fault(
    "a purchase is unanswered and the provider has no list",
    sees="no answer, operator informed",
    charged="the person nothing, the payer's budget one image",
)
async def test_a_create_that_may_have_been_accepted_is_never_sent_again(world: World) -> None:
    world.provider.can_list = False
    world.provider.create_errors = [CreateUnknown("reset")]

    await world.imagine()
    await world.env.advance_time(60)

    row = await world.row()
    assert len(world.provider.inputs) == 1
    assert (row.status, row.quota, row.budget) == (Status.UNKNOWN, Entry.RELEASED, Entry.SETTLED)
    assert "no way to find out" in world.content


@pytest.mark.fault(
    "a purchase is rate-limited (429)",
    sees="waiting for a turn, then the image",
    charged="one image",
)
async def test_a_rate_limited_create_waits_as_told_and_goes_through(world: World) -> None:
    world.provider.create_errors = [RateLimited("slow down", 429, retry_after=5)]

    await world.imagine()
    await world.env.advance_time(4)
    assert len(world.provider.inputs) == 1
    await world.env.advance_time(16)

    assert len(world.provider.inputs) == 2
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "every purchase is rate-limited for ten minutes",
    sees="no turn came up in time",
    charged="nothing",
)
async def test_a_request_that_gets_no_turn_in_ten_minutes_expires_uncharged(world: World) -> None:
    world.provider.create_errors = [RateLimited("busy", 429, retry_after=60)] * 20

    await world.imagine()
    await world.env.advance_time(11 * 60)

    row = await world.row()
    assert (row.status, row.quota, row.budget) == (Status.EXPIRED, Entry.RELEASED, Entry.RELEASED)
    assert "No turn came up" in world.content


@pytest.mark.fault(
    "the provider's safety filter takes the prompt or image",
    sees="that the filter refused it",
    charged="the person nothing, the payer's budget one image",
)
async def test_the_providers_safety_filter_is_named(world: World) -> None:
    world.provider.ends_as = PredictionStatus.FAILED
    world.provider.error = "The input or output was flagged as sensitive. (E005)"

    await world.imagine()
    await world.env.advance_time(15)

    row = await world.row()
    assert "safety filter" in world.content
    assert "You were not charged" in world.content
    assert (row.error, row.quota, row.budget) == ("safety", Entry.RELEASED, Entry.SETTLED)


@pytest.mark.fault(
    "the provider aborts before it begins",
    sees="that it was ended early",
    charged="nothing",
)
async def test_an_aborted_prediction_is_released_in_both_books(world: World) -> None:
    world.provider.ends_as = PredictionStatus.ABORTED

    await world.imagine()
    await world.env.advance_time(15)

    row = await world.row()
    assert (row.status, row.quota, row.budget) == (Status.FAILED, Entry.RELEASED, Entry.RELEASED)


@pytest.mark.fault(
    "the output is no image, cut short or empty",
    sees="the provider had a problem",
    charged="the person nothing, the payer's budget one image",
)
@pytest.mark.parametrize("output", [b"<html>not an image</html>", picture()[:-40], b""])
async def test_a_broken_output_is_refused_as_the_providers_trouble(
    world: World, output: bytes
) -> None:
    world.provider.output = output

    await world.imagine()
    await world.env.advance_time(30)

    assert "had a problem" in world.content
    assert (await world.row()).status is Status.FAILED


@pytest.mark.fault(
    "polls answer 503 for a while",
    sees="that the provider is not answering, then the image",
    charged="one image",
)
async def test_polls_that_fail_are_shown_and_survived(world: World) -> None:
    world.provider.poll_errors = [ProviderTrouble("503", 503)] * 6

    await world.imagine()
    await world.env.advance_time(2)
    troubled = world.content
    await world.env.advance_time(15)

    assert "not answering" in troubled
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "a prediction never ends",
    sees="it took too long",
    charged="the person nothing, the payer's budget one image",
)
@pytest.mark.rules(generation_timeout=30.0)
async def test_a_prediction_that_never_ends_times_out_and_is_canceled_at_the_provider(
    world: World,
) -> None:
    world.provider.seconds = 10_000

    await world.imagine()
    await world.env.advance_time(120)

    row = await world.row()
    assert world.provider.canceled == ["p0"]
    assert (row.status, row.quota, row.budget) == (Status.FAILED, Entry.RELEASED, Entry.SETTLED)
    assert "took too long" in world.content


@pytest.mark.fault(
    "the provider stays silent to the end",
    sees="no answer, operator informed",
    charged="the person nothing, the payer's budget one image",
)
@pytest.mark.rules(generation_timeout=30.0)
async def test_a_provider_that_stays_silent_to_the_deadline_leaves_the_outcome_unknown(
    world: World,
) -> None:
    world.provider.poll_errors = [ProviderTrouble("no connection")] * 1000

    await world.imagine()
    await world.env.advance_time(22 * 60)

    assert (await world.row()).status is Status.UNKNOWN


# ------------------------------------------------------------------------------- Cancel


async def test_the_requester_cancels_a_running_generation(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(2)

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(3)

    row = await world.row()
    assert world.provider.canceled == ["p0"]
    assert "Canceled" in world.content
    assert "already sent to the provider, so it counts as one image" in world.content
    assert (row.status, row.quota, row.budget) == (Status.CANCELED, Entry.SETTLED, Entry.SETTLED)
    assert world.message.components == []


async def test_a_moderator_cancels_anybodys(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(1)

    await world.mona.click(world.message, label="Cancel")
    await world.env.advance_time(3)

    assert (await world.row()).status is Status.CANCELED


async def test_another_member_cannot_cancel(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(1)

    result = await world.bob.click(world.message, label="Cancel")
    await world.env.advance_time(15)

    assert result.ephemeral
    assert "moderator" in result.response.content
    assert (await world.row()).status is Status.DELIVERED


async def test_canceling_while_waiting_for_a_turn_is_free(world: World) -> None:
    world.provider.create_errors = [RateLimited("busy", 429, retry_after=60)]
    await world.imagine()
    await world.env.advance_time(1)

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(1)

    row = await world.row()
    assert (row.status, row.quota, row.budget) == (
        Status.CANCELED,
        Entry.RELEASED,
        Entry.RELEASED,
    )
    assert "You were not charged" in world.content
    assert len(world.provider.inputs) == 1


@pytest.mark.fault(
    "Cancel comes too late",
    sees="the image, and that it could not be canceled",
    charged="one image",
)
async def test_an_image_that_finished_before_its_cancel_is_delivered_and_says_so(
    world: World,
) -> None:
    await world.imagine()
    await world.env.advance_time(8.5)
    world.provider.seconds = 8

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(3)

    assert (await world.row()).status is Status.DELIVERED
    assert "could not be canceled in time" in world.content


@pytest.mark.fault(
    "the provider has no cancel",
    sees="that it cannot be canceled, then the image",
    charged="one image",
)
async def test_where_the_provider_cannot_cancel_the_reply_says_so_and_the_image_arrives(
    world: World,
) -> None:
    world.provider.can_cancel = False
    await world.imagine()
    await world.env.advance_time(1)

    await world.alice.click(world.message, label="Stop waiting")
    await world.env.advance_time(4)
    said = world.content
    await world.env.advance_time(20)

    assert "cannot cancel" in said
    assert world.provider.canceled == []
    assert (await world.row()).status is Status.DELIVERED


async def test_a_button_of_an_ended_generation_says_so(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(1)
    stale = world.message
    await world.env.advance_time(15)

    found = await world.bot.imagine.find(stale.components[0].children[0].custom_id[15:])

    assert found is not None
    assert found.status.ended
    assert not await world.bot.imagine.cancel(found.id)


# ------------------------------------------------------------------- expiry and restart


@pytest.mark.fault(
    "the image takes longer than the reply's token lives",
    sees="the image in the same message",
    charged="one image",
)
async def test_after_the_token_expires_the_image_is_edited_in_with_the_bots_own(
    world: World,
) -> None:
    world.provider.seconds = 16 * 60

    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot(generation_timeout=3600.0))
    await world.imagine()
    await world.env.advance_time(17 * 60)

    [finished, _mention] = sorted(world.channel.history(), key=lambda message: message.id)
    assert len(finished.attachments) == 1
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "the bot restarts in the middle",
    sees="the image in the same message",
    charged="one image",
)
@pytest.mark.parametrize("seconds", [0, 2, 8])
async def test_a_restart_goes_on_with_the_same_prediction_in_the_same_message(
    world: World, seconds: int
) -> None:
    await world.imagine()
    await world.env.advance_time(seconds)

    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(15)

    assert len(world.provider.began) == 1
    assert len(world.message.attachments) == 1
    assert len(world.channel.history()) == 1
    assert (await world.row()).status is Status.DELIVERED


async def test_the_cancel_button_works_after_a_restart(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(1)
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())

    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(3)

    assert (await world.row()).status is Status.CANCELED


@pytest.mark.fault(
    "a command arrives while the bot stops",
    sees="that it is restarting",
    charged="nothing",
)
async def test_a_bot_that_is_stopping_takes_no_new_work(world: World) -> None:
    await world.bot.imagine.close(0)

    result = await world.imagine()

    assert result.ephemeral
    assert "restarting" in result.response.content


@pytest.mark.rules(policy=Policy(2000, None, frozenset({MODEL})))
@pytest.mark.fault(
    "a model for age-restricted channels is asked for elsewhere",
    sees="that it is only for age-restricted channels",
    charged="nothing",
)
async def test_an_age_restricted_model_is_refused_before_anything_is_bought(world: World) -> None:
    result = await world.imagine()

    assert result.ephemeral
    assert "age-restricted" in result.response.content
    assert world.provider.inputs == []


@pytest.mark.rules(policy=Policy(2000, None, frozenset({MODEL})))
async def test_an_age_restricted_channel_and_its_threads_may_use_such_a_model(
    world: World,
) -> None:
    channel = world.bot.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    channel.nsfw = True  # SimCord's channels know no age restriction
    world.env.backend.create_thread(world.channel.id, "foxes", world.alice.id)
    [thread] = world.channel.threads

    await world.imagine()
    await world.alice.slash(thread, "imagine", prompt="a red fox")
    await world.env.advance_time(15)

    assert len(world.provider.inputs) == 2

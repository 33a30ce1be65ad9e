"""*Improve prompt* as people meet it: shown first, never applied silently, screened twice, paid."""

from __future__ import annotations

from typing import Any

import pytest
from simcord import actors

from bot.domain.generation import Status
from bot.domain.guild import Holder
from bot.domain.limits import Allowance
from bot.domain.prediction import PredictionStatus
from bot.domain.rule import Kind, Rule
from bot.errors import AuthenticationFailed, CreateUnknown, RateLimited
from bot.storage.improvements import MOST_AN_HOUR
from bot.storage.usage import Of, Sums
from tests.cogs.test_desk import moderator
from tests.cogs.test_image import delete, labels, made, opened
from tests.world import MODEL, World

TEXT = "meta/meta-llama-3-8b-instruct"
BETTER = "A red fox at dawn, soft light, shallow depth of field"
MINORS = "a naked child"

pytestmark = [
    pytest.mark.usefixtures("env"),
    pytest.mark.rules(prompt_model=TEXT, prompt_micros=500),
]


@pytest.fixture(autouse=True)
def writes(world: World) -> None:
    world.provider.text = BETTER


async def improve(world: World, seconds: float = 15, **options: Any) -> Any:
    """Alice's request, and what she is shown once the text model has answered."""
    result = await world.imagine(improve=True, **options)
    await world.env.advance_time(seconds)
    return result


async def press(who: Any, shown: Any, verb: str) -> Any:
    """Of a button of a message as it was, whoever was shown it."""
    [custom_id] = [
        each["custom_id"]
        for row in shown.components
        for each in row["components"]
        if f"improve:{verb}:" in each["custom_id"]
    ]
    data = {"custom_id": custom_id, "component_type": 2}
    return await actors._component_interaction(who, shown._message, data)


async def rows(world: World) -> list[tuple[str, int | None]]:
    found = await world.database.read("select status, price_micros from improvement", {})
    return [(row["status"], row["price_micros"]) for row in found]


async def limit(world: World, micros: int) -> None:
    await world.set_limit(Holder.GUILD, 0, "day_micros", str(micros))


# --- before and after


async def test_both_prompts_are_shown_to_whoever_asked_alone_and_nothing_is_made(
    world: World,
) -> None:
    result = await improve(world)

    assert result.ephemeral
    assert "**Before** · a red fox" in result.response.content
    assert f"**After** · {BETTER}" in result.response.content
    assert labels(result) == ["Use it", "Edit first", "Use mine", "Dismiss"]
    assert world.provider.models == [TEXT]
    assert await world.ledger.recent(world.alice.id, 10) == []


async def test_the_text_model_is_sent_the_prompt_as_a_description_within_an_instruction(
    world: World,
) -> None:
    await improve(world)

    [sent] = world.provider.inputs
    assert set(sent) == {"prompt"}
    assert str(sent["prompt"]).rstrip().endswith("a red fox")


@pytest.mark.parametrize(("label", "prompt"), [("Use it", BETTER), ("Use mine", "a red fox")])
async def test_a_press_makes_the_image_with_the_chosen_words_and_the_same_options(
    world: World, label: str, prompt: str
) -> None:
    result = await improve(world, aspect_ratio="16:9")

    await world.alice.click(result.response, label=label)
    await world.env.advance_time(15)

    row = await world.row()
    assert (row.request.prompt, row.status) == (prompt, Status.DELIVERED)
    assert row.request.options["aspect_ratio"] == "16:9"
    assert not row.request.private
    assert world.provider.models == [TEXT, MODEL]


async def test_the_improved_prompt_can_be_edited_first(world: World) -> None:
    result = await improve(world)

    form = await world.alice.click(result.response, label="Edit first")
    assert BETTER in str(form._interaction.modal)
    await world.alice.submit_modal(form, {"prompt": "my own fox"})

    assert (await world.row()).request.prompt == "my own fox"


async def test_dismissed_nothing_is_made_and_the_offer_is_gone(world: World) -> None:
    result = await improve(world)

    await world.alice.click(result.response, label="Dismiss")

    assert not world.bot.panels.improve._offers
    assert await world.ledger.recent(world.alice.id, 10) == []


async def test_two_presses_make_one_image(world: World) -> None:
    result = await improve(world)
    shown = result.response

    first = await world.alice.click(shown, label="Use it")
    assert not first.ephemeral
    second = await press(world.alice, shown, "use")

    assert "on its way" in second.response.content
    assert len(await world.ledger.recent(world.alice.id, 10)) == 1


async def test_nobody_else_can_use_an_offer(world: World) -> None:
    shown = (await improve(world)).response

    result = await press(world.bob, shown, "use")

    assert "offer is gone" in result.response.content
    assert await world.ledger.recent(world.bob.id, 10) == []


@pytest.mark.fault(
    "the bot restarts while somebody looks at an improved prompt",
    sees="that the offer is gone; edited words come back",
    charged="the improvement, once; no image",
)
async def test_after_a_restart_the_offer_is_gone_and_edited_words_come_back(world: World) -> None:
    result = await improve(world)
    form = await world.alice.click(result.response, label="Edit first")
    await world.env.restart_bot(world.new_bot())

    answer = await world.alice.submit_modal(form, {"prompt": "my own fox"})

    assert "offer is gone" in answer.response.content
    assert "my own fox" in answer.response.content
    assert await rows(world) == [("settled", 500)]


async def test_refused_for_money_the_improved_prompt_can_be_used_later(world: World) -> None:
    result = await improve(world)
    await limit(world, 1_000)

    refused = await world.alice.click(result.response, label="Use it")
    assert "spent" in refused.response.content
    await limit(world, 1_000_000)
    await world.alice.click(result.response, label="Use it")

    assert (await world.row()).request.prompt == BETTER


# --- screened


@pytest.mark.rules(person=20)
async def test_the_floor_refuses_before_anything_is_sent(world: World) -> None:
    result = await improve(world, prompt=MINORS)

    assert world.provider.inputs == []
    assert await rows(world) == []
    assert "Nothing was charged" in result.response.content


async def test_a_servers_words_refuse_before_anything_is_sent(world: World) -> None:
    await refuse_word(world, "fox")

    result = await improve(world)

    assert world.provider.inputs == []
    assert "Nothing was charged" in result.response.content


async def refuse_word(world: World, word: str) -> None:
    rule = Rule(Kind.WORD, word)
    await world.bot.screens.change(
        world.guild.id, world.olivia.id, [rule], [], now=world.clock.now()
    )


@pytest.mark.parametrize("answer", [MINORS, "", "```\n```", "A dragon over a castle"])
async def test_what_the_rules_refuse_or_is_nothing_is_never_shown(
    world: World, answer: str
) -> None:
    await refuse_word(world, "dragon")
    world.provider.text = answer

    result = await improve(world)

    assert "nothing usable" in result.response.content
    assert "dragon" not in result.response.content
    assert "naked" not in result.response.content
    assert labels(result) == ["Use mine", "Dismiss"]
    assert await rows(world) == [("settled", 500)]


async def test_the_text_models_words_raise_no_alarm_about_whoever_asked(world: World) -> None:
    await world.env.restart_bot(world.new_bot(operator_id=world.mona.id))
    world.provider.text = MINORS

    await improve(world)

    assert world.mona.id not in world.env.backend.dm_channels


async def test_whoever_is_blocked_is_told_that_and_nothing_is_sent(world: World) -> None:
    await moderator(world).slash(world.channel, "moderation block", user=world.alice)

    result = await improve(world)

    assert "block" in result.response.content.lower()
    assert world.provider.inputs == []


# --- money


async def test_it_counts_in_the_payers_book_and_not_as_an_image(world: World) -> None:
    await improve(world)

    total = await Sums(world.database).total(Of(guild_id=world.guild.id))
    assert (total.cost_micros, total.images, total.pending) == (500, 0, 0)
    own = await Sums(world.database).total(Of(world.alice.id))
    assert own.cost_micros == 500


async def test_a_budget_that_has_no_room_refuses_before_anything_is_sent(world: World) -> None:
    await limit(world, 1_200)
    await improve(world)
    await improve(world)

    refused = await improve(world)

    assert "This server has spent $0.001 of its $0.0012" in refused.response.content
    assert len(world.provider.inputs) == 2


async def test_improvements_leave_less_of_the_budget_for_images(world: World) -> None:
    await limit(world, 60_499)
    await improve(world)

    refused = await world.imagine()

    assert "This server has spent $0.0005" in refused.response.content


@pytest.mark.rules(prompt_micros=None, installation=Allowance(day_micros=1_000_000))
async def test_without_a_price_nothing_is_improved_where_money_is_limited(world: World) -> None:
    result = await improve(world)

    assert "set PROMPT_PRICE" in result.response.content
    assert world.provider.inputs == []


async def test_a_person_has_so_many_an_hour(world: World) -> None:
    for _ in range(MOST_AN_HOUR):
        await improve(world, seconds=12)

    refused = await improve(world, seconds=1)
    assert f"{MOST_AN_HOUR} prompts improved within an hour" in refused.response.content
    assert len(world.provider.inputs) == MOST_AN_HOUR

    await world.env.advance_time(3600)
    assert "After" in (await improve(world)).response.content


async def test_what_is_erased_is_a_line_of_nobodys(world: World) -> None:
    await improve(world)

    await world.bot.retention.erase(world.alice.id)

    [row] = await world.database.read("select * from improvement", {})
    assert row["user_id"] < 0
    assert row["id"] < 0
    assert row["price_micros"] == 500


async def test_what_runs_is_erased_once_it_has_ended(world: World) -> None:
    await improve(world, seconds=2)

    assert not await world.bot.retention.erase(world.alice.id)
    await world.env.advance_time(20)
    await world.bot.retention.go_on()

    [row] = await world.database.read("select * from improvement", {})
    assert (row["user_id"] < 0, row["status"]) == (True, "settled")


async def test_an_offer_of_somebody_who_is_erased_is_gone(world: World) -> None:
    result = await improve(world)
    await world.bot.retention.erase(world.alice.id)

    answer = await press(world.alice, result.response, "use")

    assert "offer is gone" in answer.response.content
    assert await world.ledger.recent(world.alice.id, 10) == []


# --- trouble


@pytest.mark.fault(
    "the provider does not answer the text model's create",
    sees="that nobody knows, and their own words to go on with",
    charged="the estimate; never bought twice",
)
async def test_an_unanswered_create_is_counted_and_never_sent_again(world: World) -> None:
    world.provider.create_errors = [CreateUnknown("reset")]

    result = await improve(world, seconds=120)

    assert "not asked again" in result.response.content
    assert labels(result) == ["Use mine", "Dismiss"]
    assert await rows(world) == [("unknown", 500)]
    assert len(world.provider.inputs) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RateLimited("", 429, retry_after=5.0), "too busy"),
        (AuthenticationFailed("", 401), "did not take"),
    ],
)
async def test_what_was_definitely_not_bought_is_released(
    world: World, error: Any, said: str
) -> None:
    world.provider.create_errors = [error]

    result = await improve(world)

    assert said in result.response.content
    assert await rows(world) == [("released", 500)]


async def test_after_a_minute_it_is_stopped_and_that_is_said(world: World) -> None:
    world.provider.seconds = 600

    result = await improve(world, seconds=61)

    assert "longer than a minute" in result.response.content
    assert world.provider.canceled == ["p0"]
    assert await rows(world) == [("settled", 500)]


async def test_a_failed_prediction_says_so(world: World) -> None:
    world.provider.ends_as = PredictionStatus.FAILED

    result = await improve(world)

    assert "failed" in result.response.content
    assert await rows(world) == [("settled", 500)]


@pytest.mark.fault(
    "the bot is killed while a prompt is being improved",
    sees="nothing more; asking again works",
    charged="the improvement's estimate, once",
)
async def test_a_restart_counts_what_ran_and_buys_nothing_again(world: World) -> None:
    await world.imagine(improve=True)
    await world.env.advance_time(2)

    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(60)

    assert await rows(world) == [("unknown", 500)]
    assert world.provider.models == [TEXT]


async def test_a_start_beside_another_process_leaves_it_what_it_is_at(world: World) -> None:
    await world.imagine(improve=True)
    await world.env.advance_time(2)
    await world.database.write("drop view living", {})
    two = "create view living as select 1 as epoch union select 2"
    await world.database.write(two, {})

    await world.env.restart_bot(world.new_bot())

    assert await rows(world) == [("submitting", 500)]


# --- where it is offered


@pytest.mark.rules(prompt_model="")
async def test_without_a_text_model_nobody_is_offered_it(world: World) -> None:
    message = await made(world)

    panel = await opened(world, world.alice, message)

    assert "Improve prompt" not in labels(panel)
    [command] = [c for c in world.bot.tree.get_commands() if c.name == "imagine"]
    assert "improve" not in {each["name"] for each in command.to_dict(world.bot.tree)["options"]}


async def test_whoever_sees_an_image_can_improve_its_prompt_for_one_of_their_own(
    world: World,
) -> None:
    message = await made(world, aspect_ratio="16:9")
    panel = await opened(world, world.bob, message)

    result = await world.bob.click(panel.response, label="Improve prompt")
    await world.env.advance_time(15)
    await world.bob.click(result.response, label="Use it")

    [row] = await world.ledger.recent(world.bob.id, 10)
    assert row.request.prompt == BETTER
    assert row.request.options["aspect_ratio"] == "16:9"
    assert row.request.origin is not None
    assert row.request.origin.generation_id == (await world.row()).id


async def test_an_image_that_was_removed_since_or_is_no_longer_improved_offers_nothing(
    world: World,
) -> None:
    message = await made(world)
    panel = (await opened(world, world.bob, message)).response
    await delete(world, message)

    removed = await press(world.bob, panel, "ask")
    await world.env.restart_bot(world.new_bot(prompt_model=""))
    off = await press(world.bob, panel, "ask")

    assert "no words here" in removed.response.content
    assert "no words here" in off.response.content
    assert TEXT not in world.provider.models

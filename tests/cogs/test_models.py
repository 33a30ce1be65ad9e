"""Several models on offer: who gets which, with what, and what is refused before any cost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.generation import Price, Status
from bot.domain.guild import Holder
from bot.domain.limits import Allowance
from bot.domain.model import Level, Number
from bot.domain.offer import Offer
from bot.errors import CreateUnknown, ModelNotFound, OutOfCredit, RateLimited, SafetyRefused
from bot.record import replace
from bot.replicate import catalogue
from tests.broken import accept, refuse
from tests.models import QUICK, RETOUCH
from tests.world import MODEL, World

pytestmark = [
    pytest.mark.usefixtures("env"),
    pytest.mark.rules(offer=Offer((*catalogue.load([MODEL]), QUICK, RETOUCH)), confirm_above=None),
]
STRICT = Offer((*catalogue.load([MODEL]), QUICK), Level.STRICT)
PRICED = {MODEL: Price(60_000), "maker/quick": Price(60_000)}


async def page_of_models(world: World, ask: str = "", channel: int = 0) -> Any:
    """The message of a panel that shows it, and what one setting can be."""
    panel = (await world.olivia.slash(world.channel, "settings")).response
    await world.olivia.click(panel, custom_id="imagine:settings:page:models-0")
    if channel:
        menu = "imagine-choice:settings:in:models"
        await world.olivia.select(panel, [world.channel], custom_id=menu)
    if ask:
        await world.olivia.click(panel, custom_id=f"imagine:settings:ask:{ask}-{channel}")
    return panel


async def choose(world: World, name: str, *values: str, channel: int = 0) -> None:
    """As a manager does it."""
    panel = await page_of_models(world, name, channel)
    menu = f"imagine-choice:settings:choose:{name}-{channel}"
    await world.olivia.select(panel, list(values), custom_id=menu)


def items(message: Any) -> dict[str, dict[str, Any]]:
    """A panel's menus and buttons by their ids."""
    rows = [row for row in message.components[0]["components"] if row["type"] == 1]
    return {item["custom_id"]: item for row in rows for item in row["components"]}


def accepting(asked: Any) -> str:
    """The custom id of a quote's button."""
    [row] = asked.response.components
    return str(row["components"][0]["custom_id"])


async def refused(world: World, **options: Any) -> str:
    """What is said to the person alone; nothing was bought, and nothing counts."""
    result = await world.imagine(**options)
    assert result.ephemeral
    assert world.provider.inputs == []
    assert await world.ledger.recent(world.alice.id, 10) == []
    return str(result.response.content)


async def sent(world: World, **options: Any) -> dict[str, Any]:
    await world.imagine(**options)
    return dict(world.provider.inputs[-1])


async def test_without_a_choice_it_is_the_installations_model(world: World) -> None:
    await world.imagine()

    assert world.provider.models == [MODEL]


async def test_a_person_chooses_a_model_and_its_options(world: World) -> None:
    body = await sent(world, model="maker/quick", steps=8, aspect_ratio="21:9", seed=7)

    assert world.provider.models == ["maker/quick"]
    assert body == {
        "prompt": "a red fox",
        "aspect_ratio": "21:9",
        "num_inference_steps": 8,
        "seed": 7,
        "disable_safety_checker": False,
        "safety_tolerance": 2,
    }
    await world.env.advance_time(15)
    assert "`maker/quick` · 21:9 · num inference steps 8" in world.content


async def test_a_seed_of_ours_makes_each_purchase_recognisable(world: World) -> None:
    first = await sent(world, model="maker/quick")
    second = await sent(world, model="maker/quick")

    assert first["seed"] != second["seed"]


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=pytest.mark.rules(offer=Offer((replace(QUICK, seed=only),))))
        for seed, only in ((0, Number("seed", 0, 0)), (7, Number("seed", 7, 7)))
    ],
)
async def test_a_seed_of_ours_is_one_that_the_model_takes(world: World, seed: int) -> None:
    assert (await sent(world))["seed"] == seed


async def test_an_option_of_another_model_is_refused_naming_who_has_it(world: World) -> None:
    words = await refused(world, steps=3)

    assert "has no option `steps`. Models that do: Quick." in words
    assert "Nothing was charged" in words


async def test_a_shape_of_another_model_is_refused_with_this_models_shapes(world: World) -> None:
    words = await refused(world, model="maker/quick", aspect_ratio="4:3")

    assert "takes only 1:1, 21:9 for `aspect_ratio`" in words


async def test_a_model_for_pictures_without_one_is_refused(world: World) -> None:
    assert "attach one as `image`" in await refused(world, model="maker/retouch")


async def test_several_images_are_one_prediction_where_the_model_counts(world: World) -> None:
    body = await sent(world, model="maker/quick", count=3)

    assert body["num_outputs"] == 3
    assert len(world.provider.inputs) == 1


# --- safety


@pytest.mark.rules(offer=STRICT)
async def test_what_nobody_chose_never_falls_below_the_floor(world: World) -> None:
    body = await sent(world)

    assert body["safety_filter_level"] == "block_low_and_above"
    await world.env.advance_time(15)
    assert "strict filter" in world.content


@pytest.mark.rules(offer=STRICT)
async def test_more_lenient_than_the_floor_is_refused_in_words(world: World) -> None:
    words = await refused(world, safety_filter_level="block_only_high")

    assert "`safety_filter_level` is limited here to Strict: blocks most" in words


async def test_a_channel_may_be_stricter_than_its_server(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, "safety", "strict")

    body = await sent(world, model="maker/quick")

    assert body["safety_tolerance"] == 1


async def test_no_channel_is_more_lenient_than_its_server(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "safety", "strict")
    await world.set_limit(Holder.CHANNEL, world.channel.id, "safety", "lenient")

    assert (await sent(world))["safety_filter_level"] == "block_low_and_above"


@pytest.mark.rules(offer=STRICT)
async def test_no_channel_is_more_lenient_than_the_installation(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, "safety", "lenient")

    assert (await sent(world))["safety_filter_level"] == "block_low_and_above"


# --- presets


async def test_a_manager_sets_the_model_of_the_server(world: World) -> None:
    await choose(world, "model", "maker/quick")

    await world.imagine()

    assert world.provider.models == ["maker/quick"]


async def test_a_channels_model_goes_before_the_servers(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "model", "maker/retouch")
    await choose(world, "model", "maker/quick", channel=world.channel.id)

    await world.imagine()

    assert world.provider.models == ["maker/quick"]


async def test_a_preset_is_taken_back(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "model", "maker/quick")
    panel = await page_of_models(world, "model")
    await world.olivia.click(panel, custom_id="imagine:settings:set:model-unset-0")

    await world.imagine()

    assert world.provider.models == [MODEL]


async def test_the_models_of_a_channel_are_chosen_from_those_on_offer(world: World) -> None:
    await choose(world, "models", "maker/quick", "maker/retouch", channel=world.channel.id)

    await world.imagine()

    assert world.provider.models == ["maker/quick"]


async def test_a_preset_of_a_model_that_is_gone_is_as_none(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "model", "maker/retired")

    await world.imagine()

    assert world.provider.models == [MODEL]


async def test_a_channels_model_that_is_gone_leaves_the_servers(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "model", "maker/quick")
    await world.set_limit(Holder.CHANNEL, world.channel.id, "model", "maker/retired")

    await world.imagine()

    assert world.provider.models == ["maker/quick"]


async def test_a_floor_that_is_not_known_is_the_strictest(world: World) -> None:
    await world.set_limit(Holder.CHANNEL, world.channel.id, "safety", "of a newer version")

    assert (await sent(world, model="maker/quick"))["safety_tolerance"] == 1


async def test_models_are_set_where_people_ask(world: World) -> None:
    panel = await page_of_models(world)

    category, public_thread, private_thread = 4, 11, 12
    types = items(panel)["imagine-choice:settings:in:models"]["channel_types"]
    assert types
    assert not {category, public_thread, private_thread} & set(types)


async def test_a_choice_that_is_gone_is_answered_with_those_that_are_there(world: World) -> None:
    panel = await page_of_models(world, "model")
    menu = "imagine-choice:settings:choose:model-0"
    await world.env.restart_bot(world.new_bot(offer=Offer((*catalogue.load([MODEL]), RETOUCH))))

    await world.olivia.select(panel, ["maker/quick"], custom_id=menu)

    values = [option["value"] for option in items(panel)[menu]["options"]]
    assert values == [MODEL, "maker/retouch"]
    assert world.policy.version == 0


async def test_a_menu_of_an_older_version_is_answered_with_the_panel(world: World) -> None:
    panel = await page_of_models(world, "model")
    older = "imagine-choice:settings:older:guild-0"
    stored = world.env.backend.get_message(panel.channel_id, panel.id)
    items(stored)["imagine-choice:settings:choose:model-0"]["custom_id"] = older

    await world.olivia.select(panel, ["maker/quick"], custom_id=older)

    assert "imagine-choice:settings:notices:" in items(panel)


async def test_what_is_set_is_shown_although_it_is_gone(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "model", "maker/retired")

    texts = json.dumps((await page_of_models(world)).components)

    assert "(maker/retired is not on offer)" in texts


MANY = tuple(replace(QUICK, name=f"maker/m{number}", title=f"M{number}") for number in range(30))


@pytest.mark.rules(offer=Offer(MANY))
async def test_what_is_set_is_shown_although_there_is_no_room_for_all(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "model", "maker/m29")

    panel = await page_of_models(world, "model")

    assert len(items(panel)["imagine-choice:settings:choose:model-0"]["options"]) == 25
    assert "**Model** · M29" in json.dumps(panel.components, ensure_ascii=False)


# --- what it costs


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_what_is_dear_is_asked_about_first(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "day_micros", "1000000")

    words = await refused(world, model="maker/quick", count=4)

    assert "This costs about $0.24, and $1.00 is left: press **Generate**" in words


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_a_yes_generates_in_a_reply_of_its_own(world: World) -> None:
    asked = await world.imagine(model="maker/quick", count=4)

    result = await world.alice.click(asked.response, label="Generate")

    assert not result.ephemeral
    assert [bought["num_outputs"] for bought in world.provider.inputs] == [4]


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_a_quote_is_accepted_once_however_often_it_is_pressed(world: World) -> None:
    asked = await world.imagine(model="maker/quick", count=4)
    custom_id = accepting(asked)
    await world.forged(world.alice, asked.response, custom_id)
    await world.forged(world.alice, asked.response, custom_id)

    assert len(world.provider.inputs) == 1


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_a_second_press_is_told_that_it_is_on_its_way(world: World) -> None:
    asked = await world.imagine(model="maker/quick", count=4)
    custom_id = accepting(asked)
    await world.forged(world.alice, asked.response, custom_id)

    result = await world.forged(world.alice, asked.response, custom_id)

    assert "already on its way" in result.response.content
    assert "Nothing was charged" not in result.response.content


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_a_yes_that_meets_trouble_is_told_and_can_be_said_again(world: World) -> None:
    asked = await world.imagine(model="maker/quick", count=4)
    await refuse(world.database, "insert")

    result = await world.alice.click(asked.response, label="Generate")

    assert "went wrong on our side" in result.response.content
    await accept(world.database)
    await world.alice.click(asked.response, label="Generate")
    assert len(world.provider.inputs) == 1


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(
            "You have 2 images left for today, too few for 4",
            marks=pytest.mark.rules(person=Allowance(2)),
        ),
        pytest.param(
            "This bot has spent $0.00 of its $0.10 for today",
            marks=pytest.mark.rules(installation=Allowance(day_micros=100_000)),
        ),
    ],
)
@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_what_no_limit_has_room_for_is_refused_and_not_offered(
    world: World, words: str
) -> None:
    assert words in await refused(world, model="maker/quick", count=4)


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_quotes_that_are_over_are_forgotten(world: World) -> None:
    await world.imagine(model="maker/quick", count=4)
    await world.env.advance_time(14 * 60)

    await world.imagine(model="maker/quick", count=4)

    assert len(world.bot.asking.quotes) == 1


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_somebody_elses_quote_is_not_theirs_to_accept(world: World) -> None:
    asked = await world.imagine(model="maker/quick", count=4)

    result = await world.forged(world.bob, asked.response, accepting(asked))

    assert "That offer has expired" in result.response.content
    assert world.provider.inputs == []


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_a_quote_ends_after_a_quarter_of_an_hour(world: World) -> None:
    asked = await world.imagine(model="maker/quick", count=4)
    await world.env.advance_time(14 * 60)

    result = await world.alice.click(asked.response, label="Generate")

    assert "That offer has expired" in result.response.content


@pytest.mark.rules(prices={**PRICED}, confirm_above=200_000)
async def test_a_yes_is_to_no_more_than_was_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await world.imagine(model="maker/quick", count=4)
    monkeypatch.setitem(world.rules.prices, "maker/quick", Price(90_000))

    result = await world.alice.click(asked.response, label="Generate")

    assert "This costs about $0.36" in result.response.content
    assert world.provider.inputs == []
    await world.alice.click(result.response, label="Generate")
    assert len(world.provider.inputs) == 1


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_a_yes_is_to_the_model_that_was_quoted(world: World) -> None:
    asked = await world.imagine(count=4)
    await world.set_limit(Holder.GUILD, 0, "model", "maker/quick")

    await world.alice.click(asked.response, label="Generate")

    assert set(world.provider.models) == {MODEL}


@pytest.mark.rules(prices=PRICED, confirm_above=200_000)
async def test_what_is_cheap_is_not_asked_about(world: World) -> None:
    await world.imagine(model="maker/quick", count=3)

    assert len(world.provider.inputs) == 1


@pytest.mark.rules(person=Allowance(2), prices=PRICED, confirm_above=200_000)
async def test_every_image_counts(world: World) -> None:
    words = await refused(world, model="maker/quick", count=3)

    assert "You have 2 images left for today, too few for 3" in words


# --- a model that is not there


CHEAP = {MODEL: Price(60_000), "maker/quick": Price(3_000)}


async def with_stand_in(world: World, model: str = "maker/quick") -> None:
    await world.set_limit(Holder.GUILD, 0, "fallback", model)


@pytest.mark.fault(
    "the model was retired, and the server has named one that stands in",
    sees="the other model's image, and which model it stands in for",
    charged="one image, at the other model's price",
)
@pytest.mark.rules(prices=CHEAP)
async def test_a_model_that_was_retired_is_stood_in_for(world: World) -> None:
    await with_stand_in(world)
    world.provider.create_errors = [ModelNotFound(status=404, model=MODEL)]

    await world.imagine(count=1)
    await world.env.advance_time(30)

    assert world.provider.models == [MODEL, "maker/quick"]
    assert f"instead of `{MODEL}`" in world.content
    row = await world.row()
    assert (row.status, row.request.model, row.instead_of) == (
        Status.DELIVERED,
        "maker/quick",
        MODEL,
    )
    assert row.price_micros == 3_000


@pytest.mark.rules(prices=CHEAP)
async def test_what_the_safety_filter_refused_is_not_tried_elsewhere(world: World) -> None:
    await with_stand_in(world)
    world.provider.create_errors = [SafetyRefused(status=422)]

    await world.imagine()
    await world.env.advance_time(30)

    assert world.provider.models == [MODEL]
    assert "safety filter refused" in world.content


@pytest.mark.rules(prices=CHEAP)
async def test_what_may_have_been_accepted_is_not_bought_elsewhere(world: World) -> None:
    await with_stand_in(world)
    world.provider.create_errors = [CreateUnknown("reset")]

    await world.imagine()
    await world.env.advance_time(600)

    assert world.provider.models == [MODEL]


@pytest.mark.rules(prices=CHEAP)
async def test_a_stand_in_that_lacks_what_was_asked_does_not_stand_in(world: World) -> None:
    await with_stand_in(world)
    world.provider.create_errors = [ModelNotFound(status=404, model=MODEL)]

    await world.imagine(aspect_ratio="4:3")
    await world.env.advance_time(30)

    assert world.provider.models == [MODEL]
    assert "is not available at the provider" in world.content


@pytest.mark.rules(prices={MODEL: Price(60_000), "maker/quick": Price(60_001)})
async def test_a_stand_in_is_never_dearer_than_what_was_asked_for(world: World) -> None:
    await with_stand_in(world)
    world.provider.create_errors = [ModelNotFound(status=404, model=MODEL)]

    await world.imagine()
    await world.env.advance_time(30)

    assert world.provider.models == [MODEL]


@pytest.mark.parametrize(
    "models",
    [
        pytest.param(
            [MODEL],
            id="the other's price alone is known",
            marks=pytest.mark.rules(prices={"maker/quick": Price(3_000)}),
        ),
        pytest.param(
            [MODEL],
            id="the asked one's price alone is known",
            marks=pytest.mark.rules(prices={MODEL: Price(60_000)}),
        ),
        pytest.param(
            [MODEL, "maker/quick"],
            id="neither is known",
            marks=pytest.mark.rules(prices={}),
        ),
    ],
)
async def test_a_stand_in_of_a_price_that_cannot_be_compared_does_not_stand_in(
    world: World, models: list[str]
) -> None:
    await with_stand_in(world)
    world.provider.create_errors = [ModelNotFound(status=404, model=MODEL)]

    await world.imagine()
    await world.env.advance_time(30)

    assert world.provider.models == models


@pytest.mark.rules(prices=CHEAP)
async def test_a_channels_stand_in_that_is_gone_leaves_the_servers(world: World) -> None:
    await with_stand_in(world)
    await world.set_limit(Holder.CHANNEL, world.channel.id, "fallback", "maker/retired")
    world.provider.create_errors = [ModelNotFound(status=404, model=MODEL)]

    await world.imagine()
    await world.env.advance_time(30)

    assert world.provider.models == [MODEL, "maker/quick"]


@pytest.mark.rules(prices=CHEAP)
async def test_a_stand_in_stands_in_once(world: World) -> None:
    await with_stand_in(world)
    gone = ModelNotFound(status=404, model=MODEL)
    world.provider.create_errors = [gone, gone]

    await world.imagine()
    await world.env.advance_time(30)

    assert world.provider.models == [MODEL, "maker/quick"]
    assert (await world.row()).status is Status.FAILED


@pytest.mark.rules(prices=CHEAP)
async def test_after_a_restart_the_stand_in_still_stands_in(world: World) -> None:
    """The process ends while it stands in line, before anybody knows that the model is gone."""
    await with_stand_in(world)
    gone = ModelNotFound(status=404, model=MODEL)
    world.provider.create_errors = [RateLimited(status=429, retry_after=20.0), gone]
    await world.imagine()
    assert (await world.row()).status is Status.QUEUED

    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(60)

    row = await world.row()
    assert (row.status, row.instead_of) == (Status.DELIVERED, MODEL)
    assert world.provider.models == [MODEL, MODEL, "maker/quick"]


@pytest.mark.rules(prices=CHEAP)
async def test_a_stand_in_that_was_the_breakers_probe_holds_up_nobody(world: World) -> None:
    await with_stand_in(world)
    world.provider.create_errors = [
        OutOfCredit(status=402),
        ModelNotFound(status=404, model=MODEL),
    ]
    await world.imagine()
    await world.env.advance_time(120)

    await world.imagine(world.bob)
    await world.env.advance_time(60)

    assert world.provider.models == [MODEL, MODEL, "maker/quick"]
    [row] = await world.ledger.recent(world.bob.id, 1)
    assert row.status is Status.DELIVERED


@pytest.mark.rules(
    prices=CHEAP, offer=Offer((*catalogue.load([MODEL]), replace(QUICK, count=None)))
)
async def test_several_images_are_not_stood_in_for_by_one_and_the_same(world: World) -> None:
    await with_stand_in(world)
    gone = ModelNotFound(status=404, model=MODEL)
    world.provider.create_errors = [gone, gone]

    await world.imagine(count=2)
    await world.env.advance_time(30)

    assert set(world.provider.models) == {MODEL}

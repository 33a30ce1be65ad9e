"""A server's styles: from the panel to what is sent, what is judged, and what everybody sees."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.generation import Price
from bot.domain.offer import Offer
from bot.domain.style import LONGEST_NAME, LONGEST_PART, MOST_STYLES, Style
from bot.storage.storage import Storage
from bot.text import MESSAGE_LIMIT, units
from tests.cogs.test_automod import add_rule
from tests.cogs.test_desk import reviewed
from tests.cogs.test_me import delete, export
from tests.cogs.test_reports import report
from tests.cogs.test_settings import open_panel, shown
from tests.cogs.test_words import refuse, rows
from tests.models import QUICK, RETOUCH
from tests.world import World

pytestmark = [
    pytest.mark.usefixtures("env"),
    pytest.mark.rules(offer=Offer((QUICK,)), prices={QUICK.name: Price(60_000)}),
]
NOIR = Style("Noir", "film noir,", "on 35mm film")
UPSCALER = RETOUCH.__class__(
    "maker/up", "Up", RETOUCH.abilities, None, pictures=RETOUCH.pictures, options=()
)


async def put(world: World, style: Style = NOIR, instead: Style | None = None) -> None:
    """As the panel does it, by Olivia."""
    before = None if instead is None else instead.id
    await world.bot._storage.styles.put(
        world.guild.id, world.olivia.id, style, instead=before, now=world.clock.now()
    )


def names(world: World) -> list[str]:
    return [style.name for style in world.bot._storage.styles.of(world.guild.id)]


async def refused(world: World, **options: Any) -> str:
    result = await world.imagine(**options)
    assert result.ephemeral, result.response.content
    assert world.provider.models == []
    assert await rows(world) == 0
    return str(result.response.content)


# --- in a request


async def test_the_words_around_the_prompt_are_sent_and_everybody_sees_them(world: World) -> None:
    await put(world)

    await world.imagine(style="Noir")
    await world.env.advance_time(15)

    assert [sent["prompt"] for sent in world.provider.inputs] == [
        "film noir, a red fox on 35mm film"
    ]
    said = world.content.splitlines()
    assert said[0] == "> a red fox"
    assert said[1] == "-# In the style **Noir**: “film noir,” before it, “on 35mm film” after it"
    assert (await world.row()).request.style == NOIR


async def test_details_show_the_style_too(world: World) -> None:
    await put(world, Style("Noir", suffix="in *black*"))
    await world.imagine(style="noir ")
    await world.env.advance_time(15)

    result = await world.bob.click(world.message, label="More")

    assert "-# In the style **Noir**: “in \\*black\\*” after it" in result.response.content


async def test_without_a_style_nothing_is_said_of_one(world: World) -> None:
    await put(world)

    await world.imagine()
    await world.env.advance_time(15)

    assert "style" not in world.content
    assert world.provider.inputs[0]["prompt"] == "a red fox"


async def test_a_style_that_is_not_there_is_refused_with_those_that_are(world: World) -> None:
    assert "there are none here" in await refused(world, style="Noir")
    await put(world)
    await put(world, Style("Oil", "in oil"))

    said = await refused(world, style="@everyone")

    assert "Choose from: Noir, Oil." in said
    assert "@everyone" not in said


async def test_styles_are_their_own_servers_and_none_is_in_direct_messages(world: World) -> None:
    await world.bot._storage.styles.put(1, world.olivia.id, NOIR, instead=None, now=0)

    assert "no style" in await refused(world, style="Noir")
    assert world.bot._storage.styles.named(None, "Noir") is None


async def test_suggested_are_those_that_contain_what_was_typed_those_that_begin_so_first(
    world: World,
) -> None:
    for name in ("A noir", "Noir", "Oil"):
        await put(world, Style(name, "x"))

    async def suggested(typed: str) -> list[str]:
        found = await world.alice.autocomplete(world.channel, "imagine", "style", typed, prompt="")
        return [choice["value"] for choice in found]

    assert await suggested("no") == ["Noir", "A noir"]
    assert await suggested("") == ["A noir", "Noir", "Oil"]
    assert await suggested("zzz") == []


@pytest.mark.rules(offer=Offer((UPSCALER, QUICK)), prices={})
async def test_a_model_without_prompts_takes_no_style(world: World) -> None:
    await put(world)
    picture = ("fox.jpg", world.provider.output)

    result = await world.alice.slash(world.channel, "imagine", image=picture, style="Noir")

    assert "**Up** has no option `style`. Models that do: Quick." in result.response.content
    assert await rows(world) == 0


async def test_a_prompt_must_be_there_whatever_the_style_says(world: World) -> None:
    await put(world)

    assert "The prompt is empty" in await refused(world, prompt="  ", style="Noir")


async def test_with_the_styles_words_the_prompt_is_within_its_limit(world: World) -> None:
    await put(world)
    added = len(NOIR.around("x")) - 1

    said = await refused(world, prompt="x" * 1999, style="Noir")
    await world.imagine(prompt="x" * (2000 - added), style="Noir")

    assert f"With the style's {added} characters the prompt has {1999 + added:,}" in said
    assert (await world.row()).request.style == NOIR


# --- what is judged is what is sent


@pytest.mark.parametrize(
    ("style", "prompt"),
    [
        (Style("Noir", "a bad"), "word in oil"),  # together
        (Style("Noir", suffix="word"), "a bad"),
        (Style("Noir", "in oil"), "a bad word"),  # what is typed alone
        (Style("Noir", suffix="of steel"), "bad word"),  # though that is allowed together
    ],
)
async def test_what_style_and_prompt_say_together_is_refused_as_one_text(
    world: World, style: Style, prompt: str
) -> None:
    await put(world, style)
    await refuse(world, "bad word: Be kind.", "allow: bad word of steel")

    assert "Be kind." in await refused(world, prompt=prompt, style="Noir")


async def test_sexual_content_about_minors_is_found_across_style_and_prompt(world: World) -> None:
    await put(world, Style("Nude", "nude"))

    assert "never made here" in await refused(world, prompt="a child", style="Nude")


async def test_the_servers_automod_reads_the_styled_prompt(world: World) -> None:
    await put(world)
    await add_rule(world)
    await put(world, Style("Late", "a cat"))  # from before the rule, as it were

    assert "No cats" in await refused(world, prompt="in a hat", style="Late")


async def test_moderators_see_the_whole_text_that_is_sent(world: World) -> None:
    desk = await reviewed(world, "prompt")
    await put(world)

    await world.imagine(style="Noir")
    await world.env.advance_time(5)

    [card] = desk.history()
    assert "> film noir, a red fox on 35mm film" in card.content
    assert world.provider.inputs == []
    await world.mona.click(card, label="Approve")
    await world.env.advance_time(15)
    assert world.provider.inputs[0]["prompt"] == "film noir, a red fox on 35mm film"


async def test_moderators_see_that_text_once_it_is_decided_and_when_it_is_reported(
    world: World,
) -> None:
    desk = await reviewed(world, "image")
    await put(world)
    await world.imagine(style="Noir")
    await world.env.advance_time(15)
    await world.mona.click(desk.last_message, label="Approve")
    await world.env.advance_time(15)
    assert "> film noir, a red fox on 35mm film" in desk.last_message.content

    [message] = world.channel.history(viewer=world.bob)
    await report(world, world.bob, message)

    assert "In the style **Noir**" in message.content
    assert "> film noir, a red fox on 35mm film" in desk.last_message.content
    assert "Reported" in desk.last_message.content


async def test_a_style_that_was_changed_meanwhile_is_sent_as_it_is_now(world: World) -> None:
    await put(world)
    elsewhere = Storage.of(world.database).styles
    changed = Style("Noir", "noir, grainy,")
    await elsewhere.put(world.guild.id, world.olivia.id, changed, instead=NOIR.id, now=1)

    await world.imagine(style="Noir")
    await world.env.advance_time(15)

    assert world.provider.inputs[0]["prompt"] == "noir, grainy, a red fox"


async def test_a_style_that_was_removed_meanwhile_is_refused(world: World) -> None:
    await put(world)
    elsewhere = Storage.of(world.database).styles
    await elsewhere.remove(world.guild.id, world.olivia.id, NOIR.id, now=1)

    assert "there are none here" in await refused(world, style="Noir")


@pytest.mark.rules(confirm_above=10_000)
async def test_a_quote_that_is_accepted_keeps_the_style(world: World) -> None:
    await put(world)
    asked = await world.imagine(style="Noir")

    await world.alice.click(asked.response, label="Generate")
    await world.env.advance_time(15)

    assert world.provider.inputs[0]["prompt"] == "film noir, a red fox on 35mm film"


async def test_after_a_restart_styles_are_there_and_what_was_begun_is_found_again(
    world: World,
) -> None:
    await put(world)
    world.provider.loses_answer = True
    await world.imagine(style="Noir")
    await world.env.advance_time(2)
    await world.bot.imagine.close(0)

    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(120)

    assert len(world.provider.began) == 1
    assert "In the style **Noir**" in world.content
    assert names(world) == ["Noir"]


async def test_the_longest_style_fits_the_reply_and_the_panel_whatever_it_is_of(
    world: World,
) -> None:
    for character in "*🦊":
        for number in range(MOST_STYLES // 2):
            name = f"{number}{character * (LONGEST_NAME - 2)}"
            await put(world, Style(name, character * LONGEST_PART, character * LONGEST_PART))

        await world.imagine(prompt="*" * 500, style=f"0{character * (LONGEST_NAME - 2)}")
        await world.env.advance_time(15)

        assert units(world.content) <= MESSAGE_LIMIT
    await put(world, Style("*" * LONGEST_NAME, "*" * LONGEST_PART, "*" * LONGEST_PART))
    panel = await styles_panel(world, Style("*" * LONGEST_NAME))
    assert units(shown(panel)) <= 4_000
    assert len(names(world)) == MOST_STYLES


# --- the panel


async def styles_panel(world: World, chosen: Style | None = None) -> Any:
    panel = await open_panel(world)
    await world.olivia.click(panel.response, custom_id="imagine:styles:open:")
    if chosen is not None:
        menu = "imagine-choice:styles:choose:"
        await world.olivia.select(panel.response, [chosen.id], custom_id=menu)
    return panel.response


async def type_in(world: World, style: Style, instead: Style | None = None) -> Any:
    panel = await styles_panel(world, instead)
    label = "Change …" if instead else "Add …"
    asked = await world.olivia.click(panel, label=label)
    assert asked.modal is not None
    said = {"name": style.name, "prefix": style.prefix, "suffix": style.suffix}
    return await world.olivia.submit_modal(asked, said), panel


async def test_a_manager_adds_a_style_and_it_holds_from_the_next_request_on(world: World) -> None:
    _, panel = await type_in(world, NOIR)

    assert "1 of 25" in shown(panel)
    assert "**Noir** · film noir, … on 35mm film" in shown(panel)
    assert world.policy.version == 1
    await world.imagine(style="Noir")
    await world.env.advance_time(15)
    assert world.provider.inputs[0]["prompt"] == "film noir, a red fox on 35mm film"


async def test_a_style_is_changed_and_renamed_in_one_form(world: World) -> None:
    await put(world)

    _, panel = await type_in(world, Style("Film", "35mm"), NOIR)

    assert names(world) == ["Film"]
    assert "**Film** · 35mm …" in shown(panel)


async def test_the_menu_shows_what_was_chosen_and_it_can_be_removed(world: World) -> None:
    await put(world)
    panel = await styles_panel(world, NOIR)
    assert "“film noir,” before it" in shown(panel)

    await world.olivia.click(panel, label="Remove")

    assert names(world) == []
    assert "No styles yet." in shown(panel)
    await world.olivia.click(panel, label="Back")
    assert "Settings of this server" in shown(panel)


async def test_every_change_is_on_record(world: World) -> None:
    await put(world)
    await put(world, Style("Film", "35mm"), NOIR)
    await put(world, Style("Film", "35mm"), Style("Film"))
    await world.bot._storage.styles.remove(
        world.guild.id, world.olivia.id, Style("film").id, now=world.clock.now()
    )

    records = await world.bot._storage.settings.audit(world.guild.id, 10)
    assert [(r.name, r.reason) for r in records] == [
        ("styles", "− Film: 35mm …"),
        ("styles", "− Noir: film noir, … on 35mm film · + Film: 35mm …"),
        ("styles", "+ Noir: film noir, … on 35mm film"),
    ]
    assert world.policy.version == 3
    assert "styles: \\+ Noir: film noir, … on 35mm film" in shown(
        (await open_panel(world)).response
    )


@pytest.mark.parametrize(
    ("style", "told"),
    [
        (Style("Noir", "a bad word"), "by the rule bad word: Be kind."),
        (Style("bad word", "x"), "by the rule bad word"),
        (Style("Noir", suffix="many cats"), "AutoMod refuses these words (No cats)"),
        (Style("Noir", "nude", "child"), "about minors is never made here"),
        (Style("Noir"), "needs words before the prompt, or after it"),
        (Style("\u200e", "x"), "needs a name"),
        (Style(" nOIR", "other"), "there is a style of that name"),
    ],
)
async def test_what_cannot_be_a_style_is_refused_when_it_is_entered(
    world: World, style: Style, told: str
) -> None:
    await put(world)
    await refuse(world, "bad word: Be kind.")
    await add_rule(world)

    result, _ = await type_in(world, style)

    assert told in result.response.content
    assert names(world) == ["Noir"]


async def test_a_server_has_at_most_so_many_and_then_no_button_for_more(world: World) -> None:
    for number in range(MOST_STYLES - 1):
        await put(world, Style(f"S{number:02}", "x"))
    early = await styles_panel(world)
    await put(world)

    assert "Add …" not in str((await styles_panel(world)).components)
    result = await world.olivia.click(early, label="Add …")

    assert "at most 25 styles" in result.response.content


async def test_a_form_that_was_open_during_a_restart_and_a_removal_says_what_became_of_it(
    world: World,
) -> None:
    await put(world)
    panel = await styles_panel(world, NOIR)
    asked = await world.olivia.click(panel, label="Change …")
    await world.env.restart_bot(world.new_bot())
    elsewhere = Storage.of(world.database).styles
    await elsewhere.remove(world.guild.id, world.olivia.id, NOIR.id, now=1)

    result = await world.olivia.submit_modal(asked, {"name": "Noir", "prefix": "x", "suffix": ""})

    assert "removed or renamed" in result.response.content


@pytest.mark.parametrize("press", ["open:", "add:", f"change:{NOIR.id}", f"remove:{NOIR.id}"])
async def test_who_does_not_manage_the_server_sees_and_changes_no_styles(
    world: World, press: str
) -> None:
    await put(world)
    before = (await open_panel(world)).response
    panel = before if press == "open:" else await styles_panel(world, NOIR)

    for who in (world.alice, world.mona):
        result = await world.forged(who, panel, f"imagine:styles:{press}")
        assert "Manage Server" in result.response.content
    assert names(world) == ["Noir"]


# --- what is stored


async def test_with_the_prompt_the_style_goes_from_the_record(world: World) -> None:
    await put(world)
    await world.imagine(style="Noir")
    await world.env.advance_time(15)
    now = world.clock.now()

    await world.bot._storage.people.erase_prompts(0, now + 1)

    row = await world.row()
    assert (row.request.prompt, row.request.style) == ("", None)


async def test_an_erased_line_has_no_style(world: World) -> None:
    await put(world)
    await world.imagine(style="Noir")
    await world.env.advance_time(15)

    await delete(world)

    found = await world.database.read("select style, user_id from generation", {})
    assert [(row["style"], row["user_id"] < 0) for row in found] == [(None, True)]
    assert names(world) == ["Noir"]


async def test_an_export_has_the_style_with_the_request(world: World) -> None:
    await put(world)
    await world.imagine(style="Noir")
    await world.env.advance_time(15)

    [archive] = await export(world)

    [record] = json.loads(archive.read("records-1.json"))
    assert record["style"] == {"name": "Noir", "prefix": NOIR.prefix, "suffix": NOIR.suffix}

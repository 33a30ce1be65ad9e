"""Who is answered in which language: a person in theirs, a channel in the server's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.domain.channel import ChannelPolicy
from bot.domain.command import COMMON, NAME
from bot.domain.guild import Holder
from bot.domain.limits import Allowance
from bot.gateway.tree import Tree
from bot.language import LANGUAGES
from tests.cogs.test_desk import moderator, private, public, reviewed
from tests.cogs.test_limits import direct_messages, operator, with_operator
from tests.cogs.test_moderation import moderate
from tests.cogs.test_pages import choose, opened, press, texts
from tests.cogs.test_settings import open_panel, set_limits, shown
from tests.sentences import marked
from tests.spoken import Speak
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


async def test_a_refusal_is_in_the_persons_language(world: World, speak: Speak) -> None:
    speak(world.alice, "de")
    speak(None, "en-US")

    refused = await world.imagine(prompt=" ")
    other = await world.imagine(world.bob, prompt=" ")

    assert "Es wurde nichts berechnet." in refused.response.content
    assert "Nothing was charged." in other.response.content


@pytest.mark.parametrize("locale", ["en-US", "es-ES", "fr", "ja", "tr"])
async def test_what_others_read_is_in_the_servers_language(
    world: World, speak: Speak, locale: str
) -> None:
    """Whoever asked and whoever decides is answered in their own all the same."""
    speak(world.alice, locale)
    speak(world.mona, locale)
    speak(None, "de")
    desk = await reviewed(world)

    await world.imagine()
    await world.env.advance_time(15)
    [card] = desk.history()
    waiting = private(world).content
    await world.mona.click(card, label="Freigeben")
    await world.env.advance_time(15)

    assert "Veröffentlichen?" in card.content
    assert "Veröffentlichen?" not in waiting
    [image] = public(world)
    assert image.content.startswith(f"Bild von {world.alice.mention}")
    [card] = desk.history()
    assert card.content.startswith("✅ **Freigegeben** von")
    assert "Freigegeben" not in private(world).content


async def test_a_private_reply_stays_in_the_persons_language_after_a_restart(
    world: World, speak: Speak
) -> None:
    """Both languages are in the row: no interaction is there to tell them."""
    speak(world.alice, "de")
    speak(None, "en-US")
    desk = await reviewed(world)
    await world.imagine()
    await world.env.advance_time(15)
    assert "**Wartet auf einen Moderator**" in private(world).content

    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())
    [card] = desk.history()
    await world.mona.click(card, label="Approve")
    await world.env.advance_time(15)

    assert "**Freigegeben und veröffentlicht:**" in private(world).content
    assert public(world)[0].content.startswith(f"{world.alice.mention}'s image")


async def test_a_panel_is_in_the_language_of_whoever_opens_it(world: World, speak: Speak) -> None:
    speak(world.olivia, "de")
    english = {e.sentence for e in marked() if e.sentence and len(e.sentence) > 12}

    panel = await open_panel(world)
    pages = [shown(panel.response)]
    for page in ("policy", "models", "review", "limits"):
        await world.olivia.click(panel.response, custom_id=f"imagine:settings:page:{page}-0")
        pages.append(shown(panel.response))

    assert all("## Einstellungen dieses Servers" in text for text in pages)
    assert [s for s in english for text in pages if s in text] == []


async def test_a_form_and_what_is_wrong_in_it_are_in_the_language_of_whoever_sent_it(
    world: World, speak: Speak
) -> None:
    speak(world.olivia, "de")

    sent = await set_limits(world, "everyone", day_images="viele")

    assert sent.response.content == (
        "Nichts wurde geändert.\n"
        "**Bilder am Tag**: Gib eine Zahl ab 1 an, oder `none` für kein Limit."
    )


@pytest.mark.parametrize("amount", ["2,50", "1.234,50", "1,2,3"])
async def test_a_comma_that_is_not_between_thousands_limits_no_money(
    world: World, amount: str
) -> None:
    """In many languages 2,50 is two and a half: it must never count as 250."""
    sent = await set_limits(world, "guild", day_micros=amount)

    assert sent.response.content.startswith("Nothing was changed.")
    assert world.policy.allowance(Holder.GUILD, 0).day_micros is None


async def test_thousands_may_have_commas(world: World) -> None:
    await set_limits(world, "guild", day_micros="$1,234.50")

    assert world.policy.allowance(Holder.GUILD, 0).day_micros == 1_234_500_000


async def test_a_notice_is_in_the_servers_language(world: World, speak: Speak) -> None:
    speak(world.alice, "en-US")
    speak(None, "de")
    notices = world.guild.create_text_channel("notices")
    await world.set_limit(Holder.GUILD, 0, "notices", str(notices.id))
    await world.set_limit(Holder.GUILD, 0, "day_images", "2")

    await world.imagine()
    await world.env.advance_time(15)
    await world.bot.heads.post()

    said = [message.content for message in notices.history()]
    assert any("📊 **50 % eines Budgets**" in each for each in said)
    assert any("🔗 **Die Aufzeichnung dieses Servers**" in each for each in said)


async def test_commands_are_described_in_all_languages_and_named_in_one(world: World) -> None:
    commands = {each["name"]: each for each in await registered(world)}

    imagine = commands["imagine"]
    assert imagine["description_localizations"]["de"] == "Aus Worten ein Bild machen"
    assert not imagine.get("name_localizations")
    [prompt] = [each for each in imagine["options"] if each["name"] == "prompt"]
    assert prompt["description_localizations"]["de"] == "Was das Bild zeigen soll"
    assert not prompt.get("name_localizations")


async def test_everything_in_a_command_obeys_discords_limits_in_every_language(
    world: World,
) -> None:
    for command in await registered(world):
        for locale in ("", *LANGUAGES):
            total = sum(map(len, _texts(command, locale)))
            assert total <= 8_000, (command["name"], locale, total)


def _texts(about: Any, locale: str) -> list[str]:
    """What counts towards a command's limit, in one language. Each part is within its own."""
    name = about.get("name_localizations", {}).get(locale) or about["name"]
    said = about.get("description_localizations", {}).get(locale) or about.get("description", "")
    assert len(said) <= 100, said
    assert len(name) <= (100 if "value" in about else 32), name
    inner = [*about.get("options", ()), *about.get("choices", ())]
    value = str(about.get("value", ""))
    return [name, said, value, *(text for each in inner for text in _texts(each, locale))]


async def test_a_new_translation_has_the_commands_pushed_again(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tree = world.bot.tree
    assert isinstance(tree, Tree)
    before = tree.fingerprint()
    (tmp_path / "de.po").write_text('msgid "Who"\nmsgstr "Wer denn"\n', encoding="utf-8")

    monkeypatch.setattr("bot.language.FOLDER", tmp_path)

    assert tree.fingerprint() != before


async def registered(world: World) -> list[Any]:
    """As Discord is told."""
    tree = world.bot.tree
    assert tree.translator is not None
    return [
        await each.get_translated_payload(tree, tree.translator) for each in tree.get_commands()
    ]


async def test_the_answer_to_a_press_is_in_the_language_of_whoever_pressed(
    world: World, speak: Speak
) -> None:
    """Not in that of whom the message was for."""
    desk = await reviewed(world)
    await world.imagine(world.mona)
    await world.env.advance_time(15)
    [card] = desk.history()
    speak(world.mona, "de")

    pressed = await world.mona.click(card, label="Approve")

    assert pressed.response.content.startswith("Das ist deine eigene Anfrage")
    assert isinstance(card, discord.Message)


async def test_a_warning_is_in_the_servers_language_and_its_acknowledgement_in_the_moderators(
    world: World, speak: Speak
) -> None:
    """Discord does not tell a moderator's interaction which language somebody else has."""
    max = moderator(world)
    speak(max, "en-US")
    speak(None, "de")

    done = await moderate(world, max, "warn", user=world.alice)

    assert "has been warned by direct message" in done.response.content
    [message] = world.alice.user.dm_channel.history()
    assert message.content.startswith("⚠️ Die Moderatoren von")


@pytest.mark.rules(installation=Allowance(2))
async def test_the_operator_is_told_in_english_whatever_others_speak(
    world: World, speak: Speak
) -> None:
    await world.env.restart_bot(with_operator(world))
    speak(world.alice, "de")
    speak(None, "de")

    await world.imagine()
    await world.env.advance_time(15)

    [told] = direct_messages(world, operator(world))
    assert told.startswith("📊 **50 % of a budget**: This bot has made 1 of its 2 images")


async def test_every_description_but_those_of_models_own_options_is_a_marked_sentence(
    world: World,
) -> None:
    sentences = {each.sentence for each in marked()}
    described = []
    for command in world.bot.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            described.append(command.description)
            described += [
                str(each.description)
                for each in command.parameters
                if command.name != NAME or each.display_name in COMMON
            ]

    assert "What the image should show" in described
    assert [each for each in described if each not in sentences] == []


async def test_a_channels_managers_choose_the_language_of_what_everybody_reads_there(
    world: World, speak: Speak
) -> None:
    """Discord lets only community servers say theirs; what one person sees stays in theirs."""
    speak(world.alice, "en-US")
    speak(None, "en-US")
    panel = await opened(world, "review", channel=world.channel)
    await press(world, panel, "ask", f"language-{world.channel.id}")
    await choose(world, panel, "choose", f"language-{world.channel.id}", "de")

    await world.imagine()
    await world.env.advance_time(15)
    await world.imagine(private=True)
    await world.env.advance_time(15)

    assert "**Language** · Deutsch" in texts(panel)
    assert "KI-generiert" in public(world)[0].content
    assert "AI-generated" in private(world).content


async def test_a_language_that_nobody_offers_is_none(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "language", "tlh")

    assert ChannelPolicy.of(world.policy, 0).language == ""

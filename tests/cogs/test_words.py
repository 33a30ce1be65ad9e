"""Words that a server refuses: from the request to the refusal, and from the panel to the rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.domain.offer import Offer
from bot.domain.rule import Rule
from bot.storage.storage import Storage
from tests.cogs.test_limits import direct_messages, operator, with_operator
from tests.cogs.test_settings import shown
from tests.models import QUICK
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


async def refuse(world: World, *lines: str, without: Sequence[str] = ()) -> None:
    """As the panel does it, by Olivia."""
    await world.bot.screens.change(
        world.guild.id,
        world.olivia.id,
        [Rule.read(line) for line in lines],
        [Rule.read(line) for line in without],
        now=world.clock.now(),
    )


async def rows(world: World) -> int:
    [row] = await world.database.read("select count(*) as rows from generation", {})
    return int(row["rows"])


async def refusals(world: World) -> int:
    words = Storage.of(world.database).words
    return await words.refusals(world.guild.id, 1, now=world.clock.now())


@pytest.mark.fault(
    "a prompt has a word that the server refuses",
    sees="privately, the server's own reason",
    charged="nothing",
)
async def test_a_refused_word_is_answered_privately_with_its_reason_and_buys_nothing(
    world: World,
) -> None:
    await refuse(world, "badword: Be **kind**, @everyone.")

    result = await world.imagine(prompt="a b4dword in oil")

    assert result.ephemeral
    said = result.response.content
    assert "Be \\*\\*kind\\*\\*" in said
    assert "@everyone" not in said
    assert "Nothing was charged." in said
    assert "b4dword" not in said
    assert world.provider.models == []
    assert await rows(world) == 0
    assert await refusals(world) == 1


async def test_a_rule_without_a_reason_says_who_knows(world: World) -> None:
    await refuse(world, "badword")

    result = await world.imagine(prompt="badword")

    assert "Its moderators can say which" in result.response.content


async def test_what_no_rule_is_about_goes_on(world: World) -> None:
    await refuse(world, "ass: no", "/\\d{5}/: no numbers")

    result = await world.imagine(prompt="a classic fox, 1234")

    assert not result.ephemeral
    assert await refusals(world) == 0


async def test_rules_hold_in_their_own_server_only(world: World) -> None:
    words = world.bot.screens
    await words.change(1, world.olivia.id, [Rule.read("fox")], [], now=0)

    assert not (await world.imagine()).ephemeral


async def test_a_rule_that_is_taken_away_refuses_nothing_more(world: World) -> None:
    await refuse(world, "fox: no", "owl: no")

    await refuse(world, without=["fox"])

    assert not (await world.imagine()).ephemeral
    assert (await world.imagine(world.bob, prompt="an owl")).ephemeral


@pytest.mark.rules(offer=Offer((QUICK,)), prices={})
@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({"negative_prompt": "badword"}, True),
        ({"negative_prompt": "b-a-d-w-o-r-d"}, True),
        ({"negative_prompt": "good"}, False),
        ({"aspect_ratio": "1:1"}, False),
    ],
)
async def test_every_free_text_is_screened_and_no_choice(
    world: World, options: dict[str, str], *, refused: bool
) -> None:
    await refuse(world, "badword: no", "/^1:1$/: a shape")

    result = await world.imagine(**options)

    assert result.ephemeral == refused
    assert (world.provider.models == []) == refused


@pytest.mark.rules(offer=Offer((QUICK,)), prices={})
async def test_a_text_that_is_too_long_to_be_sent_is_not_read(world: World) -> None:
    await refuse(world, "badword: no")

    result = await world.imagine(negative_prompt="badword " * 126)

    assert result.ephemeral
    assert "1,007" in result.response.content
    assert await refusals(world) == 0


async def test_rules_are_there_again_after_a_restart(world: World) -> None:
    await refuse(world, "fox: no foxes", "/o.l/: no owls")

    await world.env.restart_bot(world.new_bot())

    assert "no foxes" in (await world.imagine()).response.content
    assert "no owls" in (await world.imagine(prompt="an owl")).response.content


async def test_rules_that_another_process_changed_hold_for_the_next_request(world: World) -> None:
    elsewhere = Storage.of(world.database).words
    rule = [Rule.read("fox: no foxes")]
    await elsewhere.change(world.guild.id, world.olivia.id, rule, [], now=1)

    result = await world.imagine()

    assert "no foxes" in result.response.content
    assert world.provider.models == []


@pytest.mark.fault(
    "a server's rules about words cannot be compiled",
    sees="that nothing is generated until its managers have looked",
    charged="nothing",
)
async def test_rules_that_cannot_be_applied_let_nothing_through(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.database.write(
        "insert into word_rule values (:guild, 'pattern', '(?=a)', '')", {"guild": world.guild.id}
    )
    await world.env.restart_bot(world.new_bot())

    result = await world.imagine()

    assert result.ephemeral
    assert "cannot be applied" in result.response.content
    assert world.provider.models == []
    assert "rules not compiled" in caplog.text
    assert "(?=a)" not in caplog.text


async def test_sexual_content_about_minors_is_refused_without_any_rule_and_the_operator_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.env.restart_bot(with_operator(world))

    result = await world.imagine(prompt="a nude child")
    again = await world.imagine(prompt="a nude child, again")

    assert result.ephemeral
    assert again.ephemeral
    assert "never made here. The operator is told. Nothing was charged." in (
        result.response.content
    )
    assert world.provider.models == []
    assert await rows(world) == 0
    [told] = direct_messages(world, operator(world))
    assert f"<@{world.alice.id}>" in told
    assert "nude" not in told
    assert str(world.alice.id) not in caplog.text
    assert "nude" not in caplog.text


async def test_the_operator_hears_of_each_person_once_an_hour(world: World) -> None:
    await world.env.restart_bot(with_operator(world))

    await world.imagine(prompt="a nude child")
    await world.imagine(world.bob, prompt="a nude child")
    await world.env.advance_time(3_601)
    await world.imagine(prompt="a nude child")

    assert len(direct_messages(world, operator(world))) == 3


async def test_an_allow_rule_does_not_lower_the_floor(world: World) -> None:
    await refuse(world, "allow: nude child")

    assert (await world.imagine(prompt="a nude child")).ephemeral


async def test_a_change_is_on_record_and_raises_the_version(world: World) -> None:
    await refuse(world, "badword: no")
    await refuse(world, "badword: not here")
    await refuse(world, "badword: not here")

    records = await world.bot._storage.settings.audit(world.guild.id, 10)
    assert [(r.name, r.reason) for r in records] == [
        ("words", "− badword: no · + badword: not here"),
        ("words", "+ badword: no"),
    ]
    assert world.policy.version == 2
    panel = await world.olivia.slash(world.channel, "settings")
    assert "words that are refused: \\+ badword: no" in shown(panel.response)


# --- the panel and the command


async def type_in(world: World, verb: str, lines: str) -> Any:
    panel = await world.olivia.slash(world.channel, "settings")
    await world.olivia.click(panel.response, custom_id="imagine:words:open:")
    asked = await world.olivia.click(panel.response, custom_id=f"imagine:words:{verb}:")
    assert asked.modal is not None
    result = await world.olivia.submit_modal(asked, {"lines": lines})
    return result, panel.response


async def tried(world: World, text: str, who: Any = None) -> Any:
    """In a server whose administrators let everybody see the command."""
    command = next(c for c in world.bot.tree.get_commands() if c.name == "moderation")
    command.default_permissions = None
    await world.bot.tree.sync()
    return await (who or world.mona).slash(world.channel, "moderation test", text=text)


async def test_a_manager_types_rules_and_they_hold_from_the_next_request_on(world: World) -> None:
    lines = "badword: no\n\ntwo words\n/o.l/: no owls\nallow: owl"
    _, panel = await type_in(world, "add", lines)

    assert "4 rules of 1,000, 1 of 100 patterns" in shown(panel)
    assert "- badword: no" in shown(panel)
    assert (await world.imagine(prompt="b4dword")).ephemeral
    assert (await world.imagine(prompt="oil")).ephemeral
    assert not (await world.imagine(prompt="an owl")).ephemeral


async def test_the_panel_says_how_often_rules_refused(world: World) -> None:
    await refuse(world, "fox")
    await world.imagine()
    await world.imagine(world.bob)

    panel = await world.olivia.slash(world.channel, "settings")
    await world.olivia.click(panel.response, custom_id="imagine:words:open:")

    assert "2 requests refused in 30 days" in shown(panel.response)


async def test_a_pattern_that_re2_does_not_take_is_refused_when_entered(world: World) -> None:
    await refuse(world, "fox: no foxes")

    result, _ = await type_in(world, "add", "fine\n/(?=a)b/: no\n/a*/\n*\n" + "x" * 101)

    said = result.response.content
    assert "Nothing was changed." in said
    assert "invalid perl operator: \\(?=" in said
    assert "it matches even an empty text" in said
    assert "there is no word in it" in said
    assert "at most 100 characters" in said
    assert [rule.line for rule in world.bot.screens.rules(world.guild.id)] == ["fox: no foxes"]
    assert (await world.imagine()).ephemeral


async def test_rules_are_removed_by_their_lines(world: World) -> None:
    await refuse(world, "fox: no", "owl: no", "/b.d/: no")

    _, panel = await type_in(world, "remove", "fox: no\n/b.d/")

    assert [rule.line for rule in world.bot.screens.rules(world.guild.id)] == ["owl: no"]
    assert "1 rule of" in shown(panel)


async def test_what_is_no_rule_cannot_be_removed_and_nothing_else_is(world: World) -> None:
    await refuse(world, "fox: no")

    result, _ = await type_in(world, "remove", "fox\nowl")

    assert "- owl: there is no such rule" in result.response.content
    assert len(world.bot.screens.rules(world.guild.id)) == 1


async def test_a_form_without_lines_changes_nothing(world: World) -> None:
    result, _ = await type_in(world, "add", "  \n ")

    assert "no line says anything" in result.response.content
    assert world.policy.version == 0


async def test_more_patterns_than_a_server_may_have_are_refused(world: World) -> None:
    await type_in(world, "add", "\n".join(f"/a{number}b/" for number in range(100)))

    result, _ = await type_in(world, "add", "/one more/")

    assert "at most 1,000 rules, and 100 patterns" in result.response.content
    assert len(world.bot.screens.rules(world.guild.id)) == 100


async def test_many_rules_are_paged_through(world: World) -> None:
    await refuse(world, *(f"word{number:03}" for number in range(40)))
    panel = await world.olivia.slash(world.channel, "settings")
    await world.olivia.click(panel.response, custom_id="imagine:words:open:")
    assert "Page 1 of 3" in shown(panel.response)

    await world.olivia.click(panel.response, label="Next ▶")
    assert "- word015" in shown(panel.response)
    await world.olivia.click(panel.response, label="Next ▶")
    assert "- word039" in shown(panel.response)
    await world.olivia.click(panel.response, label="◀ Previous")
    assert "Page 2 of 3" in shown(panel.response)

    await world.olivia.click(panel.response, label="Back")
    assert "Settings of this server" in shown(panel.response)


async def test_the_longest_rules_fit_their_page(world: World) -> None:
    marks = "*_~`|" * 18
    await refuse(world, *(f"word{number:02}{marks}x: {'*' * 190}" for number in range(40)))

    panel = await world.olivia.slash(world.channel, "settings")
    await world.olivia.click(panel.response, custom_id="imagine:words:open:")

    assert "Page 1 of 3" in shown(panel.response)


@pytest.mark.parametrize("press", ["add:", "remove:", "page:1"])
async def test_who_does_not_manage_the_server_sees_and_changes_no_words(
    world: World, press: str
) -> None:
    await refuse(world, *(f"word{number:03}" for number in range(40)))
    panel = await world.olivia.slash(world.channel, "settings")
    opening = await world.forged(world.mona, panel.response, "imagine:words:open:")
    assert "Manage Server" in opening.response.content
    await world.olivia.click(panel.response, custom_id="imagine:words:open:")

    for who in (world.alice, world.mona):
        result = await world.forged(who, panel.response, f"imagine:words:{press}")
        assert "Manage Server" in result.response.content


async def test_a_form_that_was_open_during_a_restart_works(world: World) -> None:
    panel = await world.olivia.slash(world.channel, "settings")
    await world.olivia.click(panel.response, custom_id="imagine:words:open:")
    asked = await world.olivia.click(panel.response, custom_id="imagine:words:add:")

    await world.env.restart_bot(world.new_bot())
    await world.olivia.submit_modal(asked, {"lines": "fox: no foxes"})

    assert "no foxes" in (await world.imagine()).response.content


async def test_a_moderator_learns_which_rule_would_refuse_and_in_which_form(world: World) -> None:
    await refuse(world, "badword: be kind", "/o.l/: no owls")

    result = await tried(world, "a b-4-d-word")

    assert result.ephemeral
    assert "badword: be kind" in result.response.content
    assert "read as letters" in result.response.content
    assert "/o.l/" in (await tried(world, "an owl")).response.content
    assert "No rule" in (await tried(world, "a fox")).response.content
    assert "in every server" in (await tried(world, "a nude child")).response.content
    assert await refusals(world) == 0


async def test_members_cannot_try_what_is_refused(world: World) -> None:
    result = await tried(world, "a fox", world.alice)

    assert result.ephemeral
    assert "moderators can do that" in result.response.content

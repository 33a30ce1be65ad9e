"""The client: what it registers, and when."""

from __future__ import annotations

import pytest

from bot.chat.application import PERMISSIONS, invite_url
from bot.policy import PERMISSION_NAMES
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


def synced(world: World) -> int:
    return sum(
        call.method == "PUT" and call.path.endswith("/commands")
        for call in world.env.backend.http_requests
    )


async def test_commands_are_pushed_only_when_they_have_changed(world: World) -> None:
    assert synced(world) == 1

    await world.env.restart_bot(world.new_bot())
    assert synced(world) == 1

    await world.ledger.facts.write("synced_commands", "an older version's")
    await world.env.restart_bot(world.new_bot())
    assert synced(world) == 2


async def test_imagine_offers_choices_with_labels_and_the_apis_values(world: World) -> None:
    [command] = [c for c in world.bot.tree.get_commands() if c.name == "imagine"]
    options = {option["name"]: option for option in command.to_dict(world.bot.tree)["options"]}

    assert options["prompt"]["required"]
    values = {name: [c["value"] for c in o.get("choices", [])] for name, o in options.items()}
    assert values["aspect_ratio"] == ["1:1", "9:16", "16:9", "3:4", "4:3"]
    assert values["output_format"] == ["jpg", "png"]
    assert values["safety_filter_level"] == [
        "block_low_and_above",
        "block_medium_and_above",
        "block_only_high",
    ]
    for option in options.values():
        for choice in option.get("choices", []):
            assert 1 <= len(choice["name"]) <= 100


async def test_commands_are_for_servers_only(world: World) -> None:
    for command in world.bot.tree.get_commands():
        payload = command.to_dict(world.bot.tree)
        assert payload["contexts"] == [0]
        assert payload["integration_types"] == [0]


async def test_no_privileged_intent_is_asked_for(world: World) -> None:
    intents = world.bot.intents
    assert not any((intents.members, intents.presences, intents.message_content))


async def test_the_invite_asks_for_what_the_policy_needs(world: World) -> None:
    assert all(getattr(PERMISSIONS, name) for name in PERMISSION_NAMES)
    assert not PERMISSIONS.administrator
    assert f"permissions={PERMISSIONS.value}" in invite_url(1)

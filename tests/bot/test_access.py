"""What one channel lets people ask for."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.attached import Attached
from bot.domain.channel import ChannelPolicy, Mode, Privacy, Sources
from bot.domain.generation import Request
from bot.domain.guild import GuildPolicy
from bot.domain.model import Level
from bot.domain.offer import Offer
from bot.policy import Place, access
from bot.record import replace
from bot.refusals import PolicyChanged, Refused, SafetyBelowFloor
from bot.refusals import access as refused
from bot.request.input import Chosen, plan
from tests.documents.moderation import REQUEST
from tests.models import QUICK, RETOUCH
from tests.world import rules

PICTURE = Attached("image/png", 10, 1, 1, "")
OFFER = Offer((QUICK, RETOUCH))


def request(**changes: Any) -> Request:
    return replace(REQUEST, **changes)


def place(**changes: Any) -> Place:
    return replace(Place(guild_id=3, permissions=frozenset()), **changes)


def enter(channel: ChannelPolicy, where: Place | None = None, **asked: Any) -> None:
    borrowed = asked.pop("borrowed", False)
    access.enter(request(**asked), where or place(), channel, borrowed=borrowed)


def test_an_open_channel_takes_whatever_is_asked() -> None:
    enter(ChannelPolicy(), private=True, pictures=(PICTURE,))


@pytest.mark.parametrize(
    ("channel", "asked", "why"),
    [
        (ChannelPolicy(mode=Mode.OFF), {}, refused.ChannelOff),
        (ChannelPolicy(roles=frozenset({8})), {}, refused.RoleMissing),
        (ChannelPolicy(privacy=Privacy.FORBIDDEN), {"private": True}, refused.PrivateForbidden),
        (ChannelPolicy(sources=Sources.OFF), {"pictures": (PICTURE,)}, refused.PicturesOff),
        (
            ChannelPolicy(sources=Sources.OWN),
            {"pictures": (PICTURE,), "borrowed": True},
            refused.PictureOfAnother,
        ),
        (ChannelPolicy(privacy=Privacy.FORCED), {}, PolicyChanged),
        (
            ChannelPolicy(privacy=Privacy.FORCED),
            {"private": True, "publish": True},
            PolicyChanged,
        ),
    ],
)
def test_a_channel_refuses_what_it_does_not_allow(
    channel: ChannelPolicy, asked: dict[str, Any], why: type[Refused]
) -> None:
    with pytest.raises(why):
        enter(channel, **asked)


def test_no_setting_opens_a_channel_for_announcements() -> None:
    with pytest.raises(refused.ChannelOff) as off:
        enter(ChannelPolicy(mode=Mode.OPEN), place(announces=True))

    assert off.value.announces


@pytest.mark.parametrize("where", [place(role_ids=frozenset({8})), place(is_manager=True)])
def test_who_has_a_role_or_manages_the_server_may_ask(where: Place) -> None:
    enter(ChannelPolicy(roles=frozenset({8, 9})), where)


def test_pictures_of_anybody_are_taken_where_the_channel_says_so() -> None:
    enter(ChannelPolicy(sources=Sources.ANYONE), pictures=(PICTURE,), borrowed=True)


def test_the_first_model_that_is_allowed_is_the_default_one() -> None:
    only = access.offered(OFFER, None, ChannelPolicy(models=frozenset({"maker/retouch"})))

    assert only.default is RETOUCH


@pytest.mark.parametrize("chosen", ["maker/quick", "Quick"])
def test_a_model_that_is_not_allowed_is_refused_naming_those_that_are(chosen: str) -> None:
    with pytest.raises(refused.ModelNotAllowed) as not_here:
        access.offered(OFFER, chosen, ChannelPolicy(models=frozenset({"maker/retouch"})))

    assert (not_here.value.model, not_here.value.allowed) == ("Quick", ("Retouch",))


def test_where_no_allowed_model_is_on_offer_any_more_nothing_is_made() -> None:
    with pytest.raises(refused.ModelNotAllowed):
        access.offered(OFFER, None, ChannelPolicy(models=frozenset({"maker/retired"})))


def test_a_request_is_answered_as_its_channel_says() -> None:
    channel = ChannelPolicy(privacy=Privacy.FORCED, spoiler=True, direct=False, mention=False)

    asked = access.applied(request(), channel)

    assert (asked.private, asked.spoiler, asked.direct, asked.mention) == (True, True, False, False)


@pytest.mark.parametrize(
    ("where", "channel", "most"),
    [
        (place(), ChannelPolicy(), Level.MEDIUM),
        (place(guild_id=None), ChannelPolicy(), Level.MEDIUM),
        (place(is_age_restricted=True), ChannelPolicy(), Level.LENIENT),
        (place(), ChannelPolicy(lenient=True), Level.LENIENT),
    ],
)
def test_the_most_lenient_level_is_for_age_restricted_channels_or_a_servers_word(
    where: Place, channel: ChannelPolicy, most: Level
) -> None:
    assert access.most_lenient(where, channel) == most


def test_what_was_left_out_is_medium_at_most_where_a_channel_is_not_age_restricted() -> None:
    [guard] = QUICK.safeguards
    lenient = replace(QUICK, safeguards=(replace(guard, default=Level.LENIENT),))

    planned = plan(lenient, Chosen(), Level.LENIENT, (), Level.MEDIUM)

    assert planned.options["safety_tolerance"] == 2


@pytest.mark.parametrize(
    ("floor", "why"),
    [(Level.LENIENT, refused.NotAgeRestricted), (Level.STRICT, SafetyBelowFloor)],
)
def test_an_explicit_choice_says_whether_age_or_the_floor_forbids_it(
    floor: Level, why: type[Refused]
) -> None:
    with pytest.raises(why):
        plan(QUICK, Chosen({"safety_tolerance": 6}), floor, (), Level.MEDIUM)


def test_a_model_whose_safety_is_not_known_is_refused_by_a_floor_alone() -> None:
    plan(RETOUCH, Chosen(pictures=1), Level.LENIENT, (), Level.MEDIUM)


def test_a_new_server_is_asked_until_somebody_has_said_where_images_are_made() -> None:
    asking = rules(asks_new_servers=True)

    with pytest.raises(refused.NotSetUp):
        access.set_up(place(), GuildPolicy(), asking)

    with pytest.raises(refused.NotSetUp):
        access.set_up(place(), GuildPolicy(version=1), asking)

    said = GuildPolicy(presets={7: {"mode": "open"}})
    access.set_up(place(), said, asking)
    access.set_up(place(guild_id=None), GuildPolicy(), asking)
    access.set_up(place(), GuildPolicy(), rules())

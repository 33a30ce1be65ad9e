"""Whatever a reply or the details say, they fit a message: with the longest style, everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.generation import Entry, Generation, RemovedBy, Status
from bot.domain.origin import Derivation, Origin
from bot.domain.style import Style
from bot.errors import ProviderError
from bot.language import LANGUAGES, speaking
from bot.record import replace
from bot.text import MESSAGE_LIMIT, units
from bot.wording import desk, images, lineage, several
from tests.bot.storage.test_ledger import request

BIG = 10**18
STYLE = Style("*" * 32, "*" * 200, "*" * 200)
ASKED = replace(
    request(),
    interaction_id=BIG,
    guild_id=BIG,
    channel_id=BIG,
    user_id=BIG,
    prompt="*" * 2000,
    options={f"option_{number}": "*" * 90 for number in range(20)},
    predictions=4,
)


def row(ordinal: int, status: Status, style: bool, **more: Any) -> Generation:
    asked = replace(
        ASKED,
        ordinal=ordinal,
        style=STYLE if style else None,
        origin=Origin(f"{BIG}-0", 0, Derivation.CHANGE, BIG),
    )
    return Generation(f"{BIG}-{ordinal}", asked, status, created_at=0, message_id=BIG, **more)


@pytest.mark.parametrize("locale", ["en-US", *LANGUAGES])
@pytest.mark.parametrize("style", [False, True])
@pytest.mark.parametrize("failed", [0, 1, 3])
def test_a_reply_with_images_and_what_became_of_others_fits(
    locale: str, style: bool, failed: int
) -> None:
    rows = [row(0, Status.DELIVERED, style, provider_ended_at=10**6)]
    codes = ["timeout", "unreachable", "safety"]
    rows += [
        row(number, Status.FAILED, style, error=code, quota=Entry.RELEASED)
        for number, code in enumerate(codes[:failed], 1)
    ]
    with speaking(locale):
        text = several.finished(rows, ["size"], row(0, Status.DELIVERED, False))
    assert units(text) <= MESSAGE_LIMIT


@pytest.mark.parametrize("locale", ["en-US", *LANGUAGES])
@pytest.mark.parametrize("style", [False, True])
def test_a_rejection_fits_a_message(locale: str, style: bool) -> None:
    one = row(0, Status.REJECTED, style, reason="_" * 500, sealed_until=1)
    one = replace(one, request=replace(one.request, predictions=1, review="image"))
    with speaking(locale):
        assert units(desk.ended(one) or "") <= MESSAGE_LIMIT


@pytest.mark.parametrize("locale", ["en-US", *LANGUAGES])
@pytest.mark.parametrize("style", [False, True])
def test_what_became_of_several_fits_a_message(locale: str, style: bool) -> None:
    rows = [row(0, Status.REJECTED, style, reason="_" * 500, sealed_until=1, quota=Entry.SETTLED)]
    rows += [row(1, Status.FAILED, style, error="timeout", quota=Entry.RELEASED)]
    with speaking(locale):
        assert units(several.ended(rows, ProviderError())) <= MESSAGE_LIMIT


@pytest.mark.parametrize("locale", ["en-US", *LANGUAGES])
@pytest.mark.parametrize("style", [False, True])
@pytest.mark.parametrize("options", [{}, ASKED.options])
def test_details_fit_a_message(locale: str, style: bool, options: Any) -> None:
    """A long prompt (no sign is escaped), and the five steps that are told."""
    line = [row(0, Status.DELIVERED, style)] * 8
    first = replace(line[0], request=replace(line[0].request, prompt="a" * 2000, options=options))
    with speaking(locale):
        text = images.details([first], lineage.descent(first, line), 2)
    assert units(text) <= MESSAGE_LIMIT


@pytest.mark.parametrize("locale", ["en-US", *LANGUAGES])
@pytest.mark.parametrize("style", [False, True])
def test_why_it_was_removed_fits_a_message(locale: str, style: bool) -> None:
    one = row(0, Status.DELIVERED, style, removed_by=RemovedBy.MODERATOR, reason="_" * 500)
    with speaking(locale):
        assert units(images.why_removed(one)) <= MESSAGE_LIMIT

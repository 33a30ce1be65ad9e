"""People and servers of SimCord's with languages: by itself it speaks American English only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
import pytest
from simcord import interactions

from tests.world import World

#: Has a person, by their id, speak a language; 0: the server.
Speak = Callable[[Any, str], None]


def speaker(world: World, monkeypatch: pytest.MonkeyPatch) -> Speak:
    spoken: dict[int, str] = {}
    payload_of = interactions.base_payload

    def base_payload(*args: Any, **about: Any) -> Any:
        record, payload = payload_of(*args, **about)
        payload["locale"] = spoken.get(about["user_id"], "en-US")
        if "guild_locale" in payload:
            payload["guild_locale"] = spoken.get(0, "en-US")
        return record, payload

    monkeypatch.setattr(interactions, "base_payload", base_payload)

    def speak(who: Any, locale: str) -> None:
        if who is not None:
            spoken[who.id] = locale
            return
        spoken[0] = locale
        guild = world.bot.get_guild(world.guild.id)
        assert guild is not None
        guild.preferred_locale = discord.Locale(locale)

    return speak

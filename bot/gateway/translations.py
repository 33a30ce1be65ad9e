"""What commands are called and said to do, in all languages, for Discord."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.language import translated

_DESCRIPTIONS = (
    Location.command_description,
    Location.group_description,
    Location.parameter_description,
)


class Translations(app_commands.Translator):
    """Of descriptions and of the entries in *Apps*; what is typed is the same everywhere."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContext[Any, Any],
    ) -> str | None:
        is_menu = isinstance(context.data, app_commands.ContextMenu)
        if is_menu or context.location in _DESCRIPTIONS:
            return translated(string.message, locale.value)
        return None

"""docs/settings.md: every setting of the environment."""

from __future__ import annotations

from bot.settings.config import Settings
from bot.settings.setting import reference
from tests.documents.pages import table


def settings() -> str:
    rows = []
    for setting in reference(Settings):
        default = "needed" if setting.required else f"`{setting.default}`"
        shown = default if setting.default or setting.required else "–"
        rows.append((f"`{setting.key}`", shown, setting.about))
    return table(("Setting", "Default", "Meaning"), rows)

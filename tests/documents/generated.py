"""Every part of a page that is written from the code, and what writes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from tests.documents import buttons, commands, metrics, models, moderation, settings, states
from tests.documents.pages import DOCS
from tests.permissions.matrix import matrix

Place = tuple[str, str]
"""A page of docs/ and a part of it."""

AT_ONCE: Mapping[Place, Callable[[], str]] = {
    ("architecture.md", "diagram"): states.diagram,
    ("architecture.md", "states"): states.states,
    ("settings.md", "settings"): settings.settings,
    ("commands.md", "slash"): commands.slash,
    ("commands.md", "menu"): commands.menu,
    ("commands.md", "command-line"): commands.command_line,
    ("moderation.md", "where"): moderation.where,
    ("moderation.md", "settings"): moderation.settings,
    ("moderation.md", "presets"): moderation.presets,
    ("models.md", "shipped"): models.shipped,
    **{("models.md", name): names for name, names in models.NAMES.items()},
    ("operating.md", "metrics"): metrics.metrics,
}

PERFORMED: Mapping[Place, Callable[[], Awaitable[str]]] = {
    ("moderation.md", "permissions"): matrix,
    ("together.md", "buttons"): buttons.table,
}
"""Tables whose every cell is tried with the real bot, in a minute each."""

MEASURED = {(page, "figures") for page in ("performance.md", "polling.md", "CONTRIBUTING.md")}
"""What `make bench`, `python -m bench.polling` and `make figures` write."""


def page(place: Place) -> str:
    return (DOCS / place[0]).read_text(encoding="utf-8")

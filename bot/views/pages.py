"""The pages of `/settings`: what every one of them has, and those of a channel's settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import discord

from bot.domain.guild import FALLBACK, MODEL
from bot.domain.model import Model
from bot.language import SPOKEN, _
from bot.record import Record
from bot.views.actions import Press
from bot.views.panel import PLACES, Menu, PanelButton, PanelMenu, alternative
from bot.wording import channels as words

PANEL = "settings"
PAGES = ("overview", *words.PAGES, "limits")
#: Discord's limit on the options of a menu, and ours on the roles that are chosen at once.
MOST_LISTED = 25
UNSET, ALL = "unset", "all"

Items = Iterable["discord.ui.Item[Any]"]


class Where(Record):
    """A page, of the server (`scope` 0) or of a channel."""

    page: str = PAGES[0]
    scope: int = 0

    @property
    def id(self) -> str:
        return f"{self.page}-{self.scope}"

    @classmethod
    def named(cls, text: str) -> Where:
        """Raises ValueError for an id that is none of ours."""
        page, _, scope = text.partition("-")
        if page not in PAGES:
            raise ValueError(text)
        return cls(page, int(scope))


def page_of(name: str) -> str:
    """Where a setting is shown. Raises ValueError for one that is not known."""
    for page, names in words.PAGES.items():
        if name in names:
            return page
    raise ValueError(name)


def framed(where: Where, title: str, items: Items, colour: discord.Colour) -> discord.ui.LayoutView:
    """The page between the buttons of all pages and the menu of channels."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=colour)
    box.add_item(discord.ui.TextDisplay(title))
    box.add_item(
        row(
            _button(
                "page",
                Where(page, where.scope).id,
                _(words.PAGE_NAMES[page]),
                chosen=page == where.page,
            )
            for page in PAGES
        )
    )
    for item in items:
        box.add_item(item)
    box.add_item(discord.ui.Separator())
    menu = discord.ui.ChannelSelect[Any](placeholder=_(words.OTHER_CHANNEL), channel_types=PLACES)
    box.add_item(row([PanelMenu(Press(PANEL, "in", where.page), menu)]))
    if where.scope:
        box.add_item(row([_button("page", Where(where.page).id, _(words.WHOLE_SERVER))]))
    view.add_item(box)
    return view


def row(items: Items) -> discord.ui.ActionRow[Any]:
    found: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    for item in items:
        found.add_item(item)
    return found


def settings_of(where: Where, asked: words.Asked, changing: str | None) -> Items:
    """Each setting of the page; of the one that is `changing`, what it can be."""
    for name in words.PAGES[where.page]:
        press = Press(PANEL, "ask", f"{_id(name)}-{where.scope}")
        button = PanelButton(press, _(words.CHANGE))
        yield discord.ui.Section(words.line(asked, name), accessory=button)
        if name == changing:
            yield from _ways(name, asked)


def name_in(subject: str) -> tuple[str, int]:
    """The setting and the scope that an id names. Raises ValueError."""
    name, scope = subject.rsplit("-", 1)
    return name.replace("-", "_"), int(scope)


def _ways(name: str, asked: words.Asked) -> Iterator[discord.ui.Item[Any]]:
    own = asked.own(name)
    menu = _menu(name, own, asked.offer.models)
    if menu is not None:
        yield row([PanelMenu(Press(PANEL, "choose", f"{_id(name)}-{asked.scope}"), menu)])
    labels = dict(words.CHOICES.get(name, {}))
    labels |= {ALL: words.EVERYBODY[name]} if name in words.EVERYBODY else {}
    labels[UNSET] = words.CLEAR[bool(asked.scope)]
    chosen = UNSET if own is None else own or ALL
    yield row(
        _button("set", f"{_id(name)}-{value}-{asked.scope}", _(label), chosen=value == chosen)
        for value, label in labels.items()
    )


def _id(name: str) -> str:
    return name.replace("_", "-")


def _button(verb: str, subject: str, label: str, *, chosen: bool = False) -> PanelButton:
    return alternative(Press(PANEL, verb, subject), label, chosen=chosen)


def _menu(name: str, own: str | None, models: Sequence[Model]) -> Menu | None:
    """What is chosen from a list; it shows no default, which clients would not send again."""
    if name == "desk":
        kinds = [discord.ChannelType.text]
        return discord.ui.ChannelSelect(placeholder=_(words.TITLES[name]), channel_types=kinds)
    if name == "roles":
        return discord.ui.RoleSelect(placeholder=_(words.TITLES[name]), max_values=MOST_LISTED)
    if name == "language":
        options = [discord.SelectOption(label=own, value=each) for each, own in SPOKEN.items()]
        return discord.ui.Select(placeholder=_(words.TITLES[name]), options=options)
    if name not in ("models", MODEL, FALLBACK):
        return None
    shown = models[:MOST_LISTED]
    several = name == "models"
    now = (own or "").split() if several else ()
    return discord.ui.Select(
        placeholder=_(words.TITLES[name]),
        max_values=len(shown) if several else 1,
        options=[
            discord.SelectOption(
                label=model.title[:100], value=model.name, default=model.name in now
            )
            for model in shown
        ],
    )

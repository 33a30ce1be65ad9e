"""A bot with every kind of component, for the page and for the wire."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from tests.playground.place import SmallBot, command, picture

MODELS = (("flux-schnell", "Fast drafts"), ("flux-pro", "Best quality"), ("sdxl", "Many styles"))


def archive(name: str = "images.zip") -> discord.File:
    """A valid zip with one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("fox.txt", "a red fox")
    buffer.seek(0)
    return discord.File(buffer, name)


class Limit(ui.Modal, title="Daily limit"):
    """A form whose answer updates the message that it was opened from, where there is one."""

    amount = ui.Label["Limit"](
        text="Images a day",
        description="For everybody without a role of their own",
        component=ui.TextInput(custom_id="amount", default="20", max_length=4),
    )
    why = ui.Label["Limit"](
        text="Reason",
        component=ui.TextInput(
            custom_id="why",
            style=discord.TextStyle.paragraph,
            required=False,
            min_length=5,
            max_length=200,
            placeholder="Moderators read this",
        ),
    )
    exempt = ui.Label["Limit"](
        text="Not for",
        component=ui.RoleSelect(custom_id="exempt", required=False, max_values=2),
    )
    style = ui.Label["Limit"](
        text="Applies",
        component=ui.RadioGroup(
            custom_id="style",
            options=[
                discord.RadioGroupOption(label="At once", value="now", default=True),
                discord.RadioGroupOption(
                    label="From tomorrow", value="tomorrow", description="At midnight UTC"
                ),
            ],
        ),
    )

    def __init__(self) -> None:
        super().__init__(custom_id="limit")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        values = [(c.custom_id, told(c)) for c in self.walk_children() if hasattr(c, "custom_id")]
        words = ", ".join(f"{name}={value}" for name, value in values)
        if interaction.message is None:
            await interaction.response.send_message(words, ephemeral=True)
        else:
            await interaction.response.edit_message(view=Panel(words))


def told(component: Any) -> Any:
    if isinstance(component, ui.RoleSelect):
        return [role.name for role in component.values]
    return component.value


class Edit(ui.Button["Panel"]):
    """Opens the form."""

    def __init__(self) -> None:
        super().__init__(label="Change", custom_id="change")

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Limit())


class Model(ui.Select["Panel"]):
    """Tells what was chosen in the message itself."""

    def __init__(self, chosen: str) -> None:
        options = [
            discord.SelectOption(label=name, description=about, default=name == chosen)
            for name, about in MODELS
        ]
        super().__init__(custom_id="model", placeholder="Choose a model", options=options)

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=Panel("20 images a day", self.values[0]))


class Blocked(ui.UserSelect["Panel"]):
    """Up to three people; tells their names and dates in the message itself."""

    def __init__(self, chosen: Sequence[discord.abc.Snowflake] = ()) -> None:
        super().__init__(
            custom_id="blocked",
            placeholder="Block somebody",
            min_values=0,
            max_values=3,
            default_values=[discord.SelectDefaultValue.from_user(user) for user in chosen],
        )

    async def callback(self, interaction: discord.Interaction) -> None:
        names = ", ".join(user.display_name for user in self.values) or "nobody"
        await interaction.response.edit_message(view=Panel(f"blocked: {names}", who=self.values))


class Panel(ui.LayoutView):
    """A private panel of settings, as the bot might show one."""

    def __init__(
        self,
        limit: str = "20 images a day",
        model: str = "flux-schnell",
        who: Sequence[discord.abc.Snowflake] = (),
    ) -> None:
        super().__init__(timeout=None)
        box = ui.Container[Panel](accent_colour=discord.Colour(0x8A2A83))
        box.add_item(ui.TextDisplay("## Settings\nWhat counts on this server."))
        box.add_item(ui.Separator())
        box.add_item(ui.Section(ui.TextDisplay(f"**Limit**\n{limit}"), accessory=Edit()))
        box.add_item(ui.Section(ui.TextDisplay("**Look**"), accessory=thumbnail()))
        box.add_item(ui.Separator(spacing=discord.SeparatorSpacing.large))
        box.add_item(ui.ActionRow(Model(model)))
        box.add_item(ui.ActionRow(Blocked(who)))
        off = ui.ChannelSelect[Panel](custom_id="off", placeholder="Not yet", disabled=True)
        box.add_item(ui.ActionRow(off))
        box.add_item(ui.TextDisplay("-# Only moderators see this."))
        self.add_item(box)


def thumbnail() -> ui.Thumbnail[Panel]:
    return ui.Thumbnail("https://cdn.example/avatar.png", description="Somebody's picture")


def shown_files() -> ui.LayoutView:
    """Two pictures and a file in one layout."""
    view = ui.LayoutView()
    gallery = ui.MediaGallery[ui.LayoutView]()
    gallery.add_item(media="attachment://fox.png", description="a red fox")
    gallery.add_item(media="attachment://hen.png", spoiler=True)
    view.add_item(ui.TextDisplay("# Your images"))
    view.add_item(gallery)
    view.add_item(ui.File("attachment://images.zip"))
    return view


def panel_bot() -> SmallBot:
    """/panel, /form and /files; the form outlives the bot, as the panel does."""
    bot = SmallBot()

    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=Panel(), ephemeral=True)

    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Limit())

    async def files(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(
            view=shown_files(), files=[picture("fox.png"), picture("hen.png"), archive()]
        )

    async def several(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(
            "all of it", files=[picture("fox.png"), archive(), archive("more.zip")]
        )

    for body in (panel, form, files, several):
        command(bot, body)
    return bot

"""What `check` finds of the application: who may add it, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.chat.application import invite_url
from bot.cli.finding import Finding, Mark
from bot.settings.config import Settings

#: Discord's key for installing an application to one's own account.
_USER_INSTALL = "1"


def findings(settings: Settings, application: Mapping[str, Any]) -> Iterator[Finding]:
    """`application` as Discord describes it."""
    try:
        invite = invite_url(int(application["id"]))
    except (KeyError, TypeError, ValueError):
        says = "this server does not tell the application's id"
        yield Finding(Mark.BAD, "invite", says, "Check DISCORD_API_URL.")
        return
    if application.get("bot_public") and not settings.allowed_guilds_set:
        says = "public while ALLOWED_GUILDS is unset: strangers may invite it and spend your money"
        remedy = "Set ALLOWED_GUILDS to your servers' ids (or any), or make the bot private."
        yield Finding(Mark.WARNING, "application", says, remedy)
    if settings.user_install:
        yield _user_install(application.get("integration_types_config"))
    yield Finding(Mark.GOOD, "invite", invite)


def _user_install(types: object) -> Finding:
    subject = "user install"
    if not isinstance(types, Mapping):
        says = "this server does not tell whether people can add the application themselves"
        return Finding(Mark.UNKNOWN, subject, says, "See docs/together.md, Outside servers.")
    if _USER_INSTALL in types:
        return Finding(Mark.GOOD, subject, "people can add the application to their own account")
    says = "USER_INSTALL is on, but the application does not let people add it to their account"
    remedy = (
        "Tick User Install on the Installation page of your application at "
        "https://discord.com/developers/applications, or set USER_INSTALL to off."
    )
    return Finding(Mark.BAD, subject, says, remedy)

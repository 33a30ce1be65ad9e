"""The server's own AutoMod in words: why it refuses, and what of it is honoured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.automod import AutoMod, Doubt, Rule, Why
from bot.automod.refusals import AutoModRefused, AutoModUnread, Trouble
from bot.automod.standing import Standing
from bot.text import escaped, fitting, plural, when

TITLE = "## The server's own AutoMod"
ABOUT = """\
Discord does not show its AutoMod what commands are told, so this bot applies the rules itself, as \
far as Discord lets it see them. They hold for prompts and all other texts that members type; for \
managers, and for the roles and channels that a rule exempts, they do not."""
IGNORED = "**Not applied**: a manager decided that requests are not held against AutoMod's rules."
#: Shown of a rule's name, of its message, of a pattern.
_NAME, _MESSAGE, _PATTERN = 60, 150, 80
#: UTF-16 units for each list: with all else within the 4,000 that Discord shows of one message.
_LISTED = 1_300

_GRANT = "give my role **Manage Server**"
_DECIDE = "decide in `/settings` → AutoMod … not to apply it"
_UNREAD: Mapping[Trouble, str] = {
    Trouble.PERMISSION: "I lack **Manage Server**",
    Trouble.UNREAD: "that takes a moment after a start, so try again",
    Trouble.ERROR: "Discord has not answered yet, so try again in a few minutes",
}
_STATES: Mapping[Trouble, str] = {
    Trouble.PERMISSION: f"I lack **Manage Server**. To have them applied, {_GRANT}.",
    Trouble.UNREAD: "They are about to be read.",
    Trouble.ERROR: "Discord did not answer; it is asked again every few minutes.",
}
_WHY: Mapping[Why, str] = {
    Why.PRESET: "Discord's own word lists are shown to nobody",
    Why.SPAM: "Discord's spam detection is shown to nobody",
    Why.ALERT: "it only alerts and lets messages pass, and so do I, without the alert",
    Why.UNKNOWN: "a kind of rule that I do not know",
    Why.REJECTED: "RE2, which I search with, does not take its pattern, or it costs too much",
    Why.DIFFERS: "RE2 may read its pattern otherwise",
}


def refusal(refused: AutoModRefused | AutoModUnread) -> str:
    """Why the server's AutoMod keeps a request from being carried out."""
    if isinstance(refused, AutoModUnread):
        remedy = f"A manager can {_GRANT}, or {_DECIDE}."
        why = _UNREAD[refused.trouble]
        return f"This channel is moderated, and I can't read the server's AutoMod: {why}. {remedy}"
    if refused.message:
        said = f"“{escaped(refused.message, _MESSAGE)}”"
    else:
        said = f"its rule “{escaped(refused.rule, _NAME)}” does not let it pass."
    return f"This server's AutoMod refuses this: {said} Change the prompt and try again."


def label(standing: Standing, *, ignored: bool) -> str:
    """Of the button that opens the panel: a warning where rules are not known."""
    return "⚠ AutoMod …" if standing.unreadable and not ignored else "AutoMod …"


def state(standing: Standing, *, ignored: bool) -> str:
    """Whether the rules hold, as of when, and what to do where they are not known."""
    if ignored:
        return IGNORED
    if standing.trouble is None:
        return f"**Applied**, as of {when(standing.at)}."
    why = _STATES[standing.trouble]
    if standing.automod is None:
        return f"⚠ **Never read.** {why}\n{_consequence('Elsewhere nothing of it is applied')}"
    if standing.unreadable is None:
        return f"**Applied**, as of {when(standing.at)}. {why}"
    copy = f"Elsewhere the copy of {when(standing.at)} goes on to hold"
    return f"⚠ **Not readable any more.** {why}\n{_consequence(copy)}"


def _consequence(elsewhere: str) -> str:
    return f"Until then moderated channels refuse every request. {elsewhere}."


def rules(automod: AutoMod) -> Sequence[str]:
    """What is honoured, what RE2 may read otherwise, and what cannot be honoured."""
    alike = [each for each in automod.doubts if each.why is Why.DIFFERS]
    never = [each for each in automod.doubts if each.why is not Why.DIFFERS]
    honoured = _list("**Honoured**", map(_rule, automod.rules)) or "**Honoured** · no rule"
    parts = [
        honoured,
        _list("**Honoured, perhaps not exactly**", map(_doubt, alike)),
        _list("**Not honoured**", map(_doubt, never)),
    ]
    return [part for part in parts if part]


def _list(title: str, entries: Iterable[str]) -> str:
    lines = [f"- {entry}" for entry in entries]
    shown = fitting(lines, _LISTED // (1 if title == "**Honoured**" else 2))
    if shown < len(lines):
        lines[shown:] = [f"- … and {len(lines) - shown} more"]
    return "\n".join([title, *lines]) if lines else ""


def _rule(rule: Rule) -> str:
    parts = [
        plural(len(rule.keywords), "keyword") if rule.keywords else "",
        plural(len(rule.patterns), "pattern") if rule.patterns else "",
        f"at most {plural(rule.most_mentions, 'mention')}"
        if rule.most_mentions is not None
        else "",
        f"{len(rule.allowed)} allowed" if rule.allowed else "",
        f"{len(rule.exempt)} exempt" if rule.exempt else "",
    ]
    return f"{escaped(rule.name, _NAME)}: {', '.join(filter(None, parts)) or 'nothing in it'}"


def _doubt(doubt: Doubt) -> str:
    pattern = f" ({escaped(doubt.pattern, _PATTERN)})" if doubt.pattern else ""
    return f"{escaped(doubt.rule, _NAME)}: {_WHY[doubt.why]}{pattern}"

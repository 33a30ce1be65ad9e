"""The server's own AutoMod in words: why it refuses, and which of its rules are applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.language import N_, _
from bot.policy.automod import AutoMod, Doubt, Rule, Why
from bot.policy.automod.refusals import AutoModRefused, AutoModUnread, Trouble
from bot.policy.automod.standing import Standing
from bot.text import counted, escaped, fitting, more, number, when

TITLE = N_("## The server's own AutoMod")
ABOUT = N_(
    "Discord's AutoMod does not see what members type into commands, so this bot "
    "applies the rules itself, as far as Discord lets it see them. They apply to "
    "prompts and all other texts that members type, but not to managers, nor to the "
    "roles and channels that a rule exempts."
)
IGNORED = N_(
    "**Not applied**: a manager decided that requests are not checked against AutoMod's rules."
)
#: Shown of a rule's name, of its message, of a pattern.
_NAME, _MESSAGE, _PATTERN = 60, 150, 80
#: UTF-16 units for each list: with all else within the 4,000 that Discord shows of one message.
_LISTED = 1_300

_UNREAD: Mapping[Trouble, str] = {
    Trouble.PERMISSION: N_(
        "This channel is moderated, and I can't read the server's AutoMod: I lack **Manage "
        "Server**."
    ),
    Trouble.UNREAD: N_(
        "This channel is moderated, and I can't read the server's AutoMod: that takes a moment "
        "after a start, so try again."
    ),
    Trouble.ERROR: N_(
        "This channel is moderated, and I can't read the server's AutoMod: Discord has not "
        "answered yet, so try again in a few minutes."
    ),
}
_REMEDY = N_(
    "A manager can give my role **Manage Server**, or decide in `/settings` → AutoMod … not to "
    "apply it."
)
_STATES: Mapping[Trouble, str] = {
    Trouble.PERMISSION: N_(
        "I lack **Manage Server**. To have them applied, give my role **Manage Server**."
    ),
    Trouble.UNREAD: N_("They will be read in a moment."),
    Trouble.ERROR: N_("Discord did not answer; it is asked again every few minutes."),
}
_WHY: Mapping[Why, str] = {
    Why.PRESET: N_("Discord's own word lists are shown to nobody"),
    Why.SPAM: N_("Discord's spam detection is shown to nobody"),
    Why.ALERT: N_("it only alerts and lets messages pass, and so do I, without the alert"),
    Why.UNKNOWN: N_("a kind of rule that I do not know"),
    Why.REJECTED: N_(
        "RE2, which I search with, does not support its pattern, or the pattern is too costly"
    ),
    Why.DIFFERS: N_("RE2 may read its pattern differently"),
}
#: The panel's buttons.
READ, APPLY, IGNORE, BACK = N_("Read again"), N_("Apply AutoMod"), N_("Do not apply it"), N_("Back")


def refusal(refused: AutoModRefused | AutoModUnread) -> str:
    """Why the server's AutoMod keeps a request from being carried out."""
    if isinstance(refused, AutoModUnread):
        return f"{_(_UNREAD[refused.trouble])} {_(_REMEDY)}"
    if refused.message:
        form = _("This server's AutoMod refuses this: “{message}” Change the prompt and try again.")
        return form.format(message=escaped(refused.message, _MESSAGE))
    form = _(
        "This server's AutoMod refuses this: its rule “{rule}” does not let it pass. "
        "Change the prompt and try again."
    )
    return form.format(rule=escaped(refused.rule, _NAME))


def label(standing: Standing, *, ignored: bool) -> str:
    """Of the button that opens the panel: a warning where rules are not known."""
    return _("⚠ AutoMod …") if standing.unreadable and not ignored else _("AutoMod …")


def state(standing: Standing, *, ignored: bool) -> str:
    """Whether the rules hold, as of when, and what to do where they are not known."""
    if ignored:
        return _(IGNORED)
    applied = _("**Applied**, as of {time}.").format(time=when(standing.at))
    if standing.trouble is None:
        return applied
    why = _(_STATES[standing.trouble])
    if standing.automod is None:
        meanwhile = _(
            "Until then moderated channels refuse every request. Elsewhere its rules are "
            "not applied."
        )
        return f"{_('⚠ **Never read.**')} {why}\n{meanwhile}"
    if standing.unreadable is None:
        return f"{applied} {why}"
    meanwhile = _(
        "Until then moderated channels refuse every request. Elsewhere the copy of {time} "
        "still applies."
    ).format(time=when(standing.at))
    return f"{_('⚠ **No longer readable.**')} {why}\n{meanwhile}"


def rules(automod: AutoMod) -> Sequence[str]:
    """What is applied, what RE2 may read otherwise, and what cannot be applied."""
    alike = [each for each in automod.doubts if each.why is Why.DIFFERS]
    never = [each for each in automod.doubts if each.why is not Why.DIFFERS]
    applied = _list(_("**Applied rules**"), map(_rule, automod.rules), _LISTED)
    parts = [
        applied or _("**Applied rules** · none"),
        _list(_("**Applied, perhaps not exactly**"), map(_doubt, alike), _LISTED // 2),
        _list(_("**Not applied**"), map(_doubt, never), _LISTED // 2),
    ]
    return [part for part in parts if part]


def _list(title: str, entries: Iterable[str], most: int) -> str:
    lines = [f"- {entry}" for entry in entries]
    shown = fitting(lines, most)
    if shown < len(lines):
        lines[shown:] = [f"- {more(len(lines) - shown)}"]
    return "\n".join([title, *lines]) if lines else ""


def _rule(rule: Rule) -> str:
    words, patterns, mentions = len(rule.keywords), len(rule.patterns), rule.most_mentions
    parts = [counted("{count} keyword", "{count} keywords", words)] if words else []
    if patterns:
        parts.append(counted("{count} pattern", "{count} patterns", patterns))
    if mentions is not None:
        parts.append(counted("at most {count} mention", "at most {count} mentions", mentions))
    if rule.allowed:
        parts.append(_("{count} allowed").format(count=number(len(rule.allowed))))
    if rule.exempt:
        parts.append(_("{count} exempt").format(count=number(len(rule.exempt))))
    return f"{escaped(rule.name, _NAME)}: {', '.join(parts) or _('nothing in it')}"


def _doubt(doubt: Doubt) -> str:
    pattern = f" ({escaped(doubt.pattern, _PATTERN)})" if doubt.pattern else ""
    return f"{escaped(doubt.rule, _NAME)}: {_(_WHY[doubt.why])}{pattern}"

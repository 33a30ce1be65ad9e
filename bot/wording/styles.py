"""Styles in words: below an image made in one, to whom one is refused, and to managers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.style import LONGEST_NAME, LONGEST_PART, MOST_STYLES, Style
from bot.language import N_, _
from bot.refusals import Refused
from bot.refusals import styles as style_refusals
from bot.text import MESSAGE_LIMIT, escaped, escaped_within, fitting, listed, number, units

#: UTF-16 units of the words before, and of those after: whole as they are, even if each character
#: is escaped; only signs that count twice are cut.
PART_SHOWN = 2 * LONGEST_PART
#: Of each where a message has less room, at least.
_LEAST = 20
#: And for the list in the panel: with the head, and one of them whole, within the 4,000 units that
#: Discord shows. Of each its name, escaped, comes off.
_LISTED, _NAME_LISTED = 2_700, 2 * LONGEST_NAME + 12
#: Names in one sentence: all that a server may have are within a message.
_NAMED = 1_200

ADD, CHANGE, REMOVE, BACK = N_("Add …"), N_("Change …"), N_("Remove"), N_("Back")
CHOOSE = N_("A style, to change or remove it")
ABOUT = N_("**Styles** · your own words around members' prompts, shown with each image")
BUTTON = N_("Styles …")
ADD_TITLE, CHANGE_TITLE = N_("A new style"), N_("Change this style")
NAME, NAME_ABOUT = N_("Name"), N_("What members choose as `style`.")
PREFIX, SUFFIX = N_("Words before the prompt"), N_("Words after the prompt")
PART_ABOUT = N_("Everybody sees them below each image. At least one of the two.")
NEEDS_MANAGE_SERVER = N_("Only members with Manage Server can change this server's styles.")
NO_NAME = N_("Nothing was changed: a style needs a name.")
NO_WORDS = N_("Nothing was changed: a style needs words before the prompt, or after it.")
EXISTS = N_("Nothing was changed: there is a style of that name. Change that one.")
GONE = N_("Nothing was changed: somebody has removed or renamed that style.")
FLOOR = N_("Nothing was changed: sexual content about minors is never made here.")
UNJUDGED = N_(
    "Nothing was changed: this server's rules about words cannot be applied. Look at them in "
    "`/settings`, under **Words**."
)
NONE = N_("No styles yet.")
_PANEL = N_("""\
## Styles
Whoever asks for an image may choose one as `style`: its words are sent before and after the \
prompt. The reply shows them, and what is sent is judged whole.
-# {count} of {most}""")
_TOO_MANY = N_("Nothing was changed: a server has at most {most} styles. Remove one first.")
_TOO_LONG = N_(
    "Nothing was changed: a name has at most {name} characters, the words before and after "
    "{part} each."
)
_BY_RULE = N_("Nothing was changed: this server refuses these words itself, by the rule {rule}.")
_BY_AUTOMOD = N_("Nothing was changed: this server's AutoMod refuses these words ({rule}).")
_BOTH = N_("In the style **{name}**: “{prefix}” before it, “{suffix}” after it")
_PREFIX = N_("In the style **{name}**: “{prefix}” before it")
_SUFFIX = N_("In the style **{name}**: “{suffix}” after it")


def worn(style: Style | None, most: int = MESSAGE_LIMIT) -> str:
    """A line below the prompt, with its end, in at most so many UTF-16 units.

    Empty: there is none, or no room for it.
    """
    if style is None:
        return ""
    part = PART_SHOWN
    while units(line := f"-# {shown(style, part)}\n") > most:
        if part == _LEAST:
            return ""
        part = max(_LEAST, part * 3 // 4)
    return line


def shown(style: Style, most: int = PART_SHOWN) -> str:
    """It, with its words: whole, where they are given no less room."""
    sentence = (_BOTH if style.suffix else _PREFIX) if style.prefix else _SUFFIX
    return _(sentence).format(
        name=escaped(style.name, LONGEST_NAME),
        prefix=escaped_within(style.prefix, most),
        suffix=escaped_within(style.suffix, most),
    )


def refusal(refused: Refused) -> str | None:
    """None: it is about something else."""
    match refused:
        case style_refusals.StyleUnknown(style=name, offered=()):
            return _(
                "There is no style **{name}**: there are none here. Leave `style` out."
            ).format(name=escaped(name, LONGEST_NAME))
        case style_refusals.StyleUnknown(style=name, offered=offered):
            return _("There is no style **{name}** here. Choose from: {offered}.").format(
                name=escaped(name, LONGEST_NAME), offered=_listed(offered)
            )
        case style_refusals.StyledTooLong(length=length, limit=limit, added=added):
            return _(
                "With the style's {added} characters the prompt has {length}; the limit is "
                "{limit}. Shorten it, or leave `style` out."
            ).format(added=number(added), length=number(length), limit=number(limit))
    return None


def _listed(names: Sequence[str]) -> str:
    shown = [escaped(name, LONGEST_NAME) for name in names]
    count = fitting(shown, _NAMED, between=2)
    return listed(shown, count)


def panel(styles: Sequence[Style]) -> str:
    """The head, and a line for each."""
    head = _(_PANEL).format(count=len(styles), most=MOST_STYLES)
    room = _LISTED // max(1, len(styles)) - _NAME_LISTED
    lines = [f"- {_line(style, min(room, PART_SHOWN))}" for style in styles]
    return "\n".join([head, *(lines or [_(NONE)])])


def _line(style: Style, most: int) -> str:
    name = escaped_within(style.name, 2 * LONGEST_NAME)
    return f"**{name}** · {escaped_within(style.around('…'), most)}"


def too_many() -> str:
    return _(_TOO_MANY).format(most=MOST_STYLES)


def too_long() -> str:
    return _(_TOO_LONG).format(name=LONGEST_NAME, part=LONGEST_PART)


def by_rule(line: str) -> str:
    """Its managers wrote the rule."""
    return _(_BY_RULE).format(rule=escaped(line, 2 * LONGEST_PART))


def by_automod(rule: str) -> str:
    return _(_BY_AUTOMOD).format(rule=escaped(rule, LONGEST_PART))

"""Words that are refused, in words: to whom they are refused, and to a server's managers."""

from __future__ import annotations

from bot import word_refusals
from bot.refusals import Refused
from bot.rule import LONGEST_REASON
from bot.text import escaped


def refusal(refused: Refused) -> str | None:
    """None: it is about something else. Never which rule: a list of them helps to go around it."""
    match refused:
        case word_refusals.MinorsRefused(told=told):
            words = " The operator has been told." if told else ""
            return f"Sexual content about minors is never made here.{words}"
        case word_refusals.WordsRefused(reason=""):
            return "This server refuses words in this. Its moderators can say which; try others."
        case word_refusals.WordsRefused(reason=reason):
            return f"This server refuses words in this: “{escaped(reason, LONGEST_REASON)}”"
        case word_refusals.WordsUnjudged():
            return (
                "This server's rules about words cannot be applied, so nothing is generated. Its "
                "managers can look at them in `/settings`, under **Words**."
            )
        case _:
            return None

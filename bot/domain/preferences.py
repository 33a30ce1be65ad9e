"""What a person prefers, in all servers. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.record import Record, field

#: What is chosen from a list, by the names that `/imagine` has for it.
MODEL, ASPECT_RATIO, OUTPUT_FORMAT = CHOICES = ("model", "aspect_ratio", "output_format")
#: What is yes or no.
PRIVATE, NOTIFY, OTHERS_USE = SWITCHES = ("private", "notify", "others_use")
NAMES = frozenset((*CHOICES, *SWITCHES))
#: What a person may leave open in a request, and is then as they prefer.
OPEN = frozenset((*CHOICES, PRIVATE))
YES, NO = "1", "0"


class Preferred(Record):
    """What holds where they choose nothing; each only as far as the place and the model allow it.

    `choices` by CHOICES: a model's name, a value of the option. `private`: only they see replies.
    `notify`: a direct message when a long one is done. `others_use`: others may start from images
    that were made for them.
    """

    choices: Mapping[str, str] = field(default_factory=dict)
    private: bool = False
    notify: bool = False
    others_use: bool = True

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Preferred:
        """What is stored; what is not known (a newer version's) is passed over."""
        return cls(
            {name: said[name] for name in CHOICES if name in said},
            private=said.get(PRIVATE) == YES,
            notify=said.get(NOTIFY) == YES,
            others_use=said.get(OTHERS_USE, YES) == YES,
        )

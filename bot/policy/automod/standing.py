"""What is known of a server's AutoMod rules."""

from __future__ import annotations

from bot.policy.automod import AutoMod
from bot.policy.automod.refusals import Trouble
from bot.record import Record


class Standing(Record):
    """The last copy of the rules (None: never read), as of `at` (UTC milliseconds).

    `trouble`: why there is none, or why the copy is older than it should be.
    """

    automod: AutoMod | None = None
    at: int = 0
    trouble: Trouble | None = Trouble.UNREAD

    @property
    def unreadable(self) -> Trouble | None:
        """Why nothing can be said of the rules: never read, or not to be read any more.

        A copy stays good while Discord has trouble answering.
        """
        if self.automod is None or self.trouble is Trouble.PERMISSION:
            return self.trouble or Trouble.UNREAD
        return None


UNKNOWN = Standing()

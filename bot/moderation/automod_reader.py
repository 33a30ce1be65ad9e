"""The servers' own AutoMod rules, kept fresh: read in the background, never while somebody waits.

Reading takes Manage Server; where the bot lacks it nothing is asked, since Discord counts refusals
against the whole bot.
"""

from __future__ import annotations

import asyncio
import logging

import discord
from discord.ext import commands

from bot.chat.calls import CALL_TIMEOUT, UNREACHABLE
from bot.clock import Clock
from bot.errors import StorageError
from bot.policy.automod import AutoMod, lean
from bot.policy.automod.refusals import Trouble
from bot.policy.automod.standing import UNKNOWN, Standing
from bot.storage.automod import AutoModCopies

log = logging.getLogger(__name__)

#: Servers that are read at the same time, of however many.
AT_ONCE = 2
#: The gateway tells of every change; this finds what it did not. After a failure it is sooner.
HOUR_MS, SOON_MS = 3_600_000, 5 * 60_000
#: Somebody who presses again and again is shown what was read just now.
JUST_NOW_MS = 10_000


class AutoModReader:
    """What is known of each server's rules: `standings`, by the server's id."""

    def __init__(
        self, client: commands.AutoShardedBot, copies: AutoModCopies, clock: Clock
    ) -> None:
        self._client = client
        self._copies = copies
        self._clock = clock
        self.standings: dict[int, Standing] = {}
        self._looked: dict[int, int] = {}
        #: Ids in the order in which they became due; and those that are being read, until when.
        self._due: dict[int, None] = {}
        self._reading: dict[int, asyncio.Event] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Before the first event: the copies of last time, then whatever the gateway tells."""
        for guild_id, (at, rules) in (await self._copies.all()).items():
            self.standings[guild_id] = Standing(await _compiled(rules), at)
        listen = self._client.add_listener
        listen(self._ready, "on_ready")  # also after a session was lost, and events with it
        listen(self._arrived, "on_guild_available")
        listen(self._arrived, "on_guild_join")
        listen(self._left, "on_guild_remove")
        for change in ("create", "update", "delete"):
            listen(self._changed, f"on_automod_rule_{change}")
        listen(self._role_updated, "on_guild_role_update")
        listen(self._role_deleted, "on_guild_role_delete")
        listen(self._member_updated, "on_member_update")

    async def close(self) -> None:
        """Read no more."""
        self._due.clear()
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def look(self, guild_id: int) -> None:
        """Read the server's rules soon; once more if they are being read right now."""
        self._due[guild_id] = None
        if sum(not running.done() for running in self._running) < AT_ONCE:
            running = asyncio.create_task(self._read_due())
            self._running.add(running)
            running.add_done_callback(self._running.discard)

    def look_again(self) -> None:
        """At all servers that were not looked at for long."""
        now = self._clock.now()
        for guild in self._client.guilds:
            failed = self.standings.get(guild.id, UNKNOWN).trouble is Trouble.ERROR
            if now - self._looked.get(guild.id, 0) >= (SOON_MS if failed else HOUR_MS):
                self.look(guild.id)

    async def look_now(self, guild_id: int, *, may_read: bool) -> None:
        """Somebody wants to see them as they are; `may_read`: Discord says just now that we may."""
        if guild_id in self._reading:
            await self._reading[guild_id].wait()
        elif self._clock.now() - self._looked.get(guild_id, 0) >= JUST_NOW_MS:
            await self._alone(guild_id, may_read=may_read)
            if guild_id in self._due:  # changed meanwhile, and no reader was free to see it
                self.look(guild_id)

    async def _read_due(self) -> None:
        while (due := next((each for each in self._due if each not in self._reading), 0)) != 0:
            del self._due[due]
            try:
                await self._alone(due, may_read=self._may_read(due))
            except Exception:
                log.exception("automod not read")

    async def _alone(self, guild_id: int, *, may_read: bool) -> None:
        """Never twice at the same time, or the older answer might be the last."""
        done = self._reading[guild_id] = asyncio.Event()
        try:
            await self._read(guild_id, may_read=may_read)
        finally:
            del self._reading[guild_id]
            done.set()

    async def _read(self, guild_id: int, *, may_read: bool) -> None:
        self._looked[guild_id] = self._clock.now()
        if not may_read:
            self._failed(guild_id, Trouble.PERMISSION)
            return
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                # As they are on the wire: discord.py fails at rules that it does not know.
                found: object = await self._client.http.get_auto_moderation_rules(guild_id)
        except discord.Forbidden:
            self._failed(guild_id, Trouble.PERMISSION)
        except (discord.HTTPException, *UNREACHABLE):
            self._failed(guild_id, Trouble.ERROR)
        else:
            if found is None or isinstance(found, list):
                await self._keep(guild_id, found)
            else:
                self._failed(guild_id, Trouble.ERROR)

    async def _keep(self, guild_id: int, found: object) -> None:
        rules, now = lean(found), self._clock.now()
        automod = await _compiled(rules)
        if self._client.get_guild(guild_id) is None:  # left meanwhile
            return
        self.standings[guild_id] = Standing(automod, now, None)
        try:
            await self._copies.keep(guild_id, now, rules)
        except StorageError as error:  # they hold all the same, until a restart
            log.warning("automod not stored", extra={"reason": str(error)})

    def _failed(self, guild_id: int, trouble: Trouble) -> None:
        before = self.standings.get(guild_id, UNKNOWN)
        self.standings[guild_id] = Standing(before.automod, before.at, trouble)
        if trouble is not before.trouble:
            log.info("automod not readable", extra={"guild": guild_id, "reason": trouble.value})

    def _may_read(self, guild_id: int) -> bool:
        guild, me = self._client.get_guild(guild_id), self._client.user
        member = None if guild is None or me is None else guild.get_member(me.id)
        return member is not None and member.guild_permissions.manage_guild

    async def _ready(self) -> None:
        for guild in self._client.guilds:
            self.look(guild.id)

    async def _arrived(self, guild: discord.Guild) -> None:
        self.look(guild.id)

    async def _left(self, guild: discord.Guild) -> None:
        self._due.pop(guild.id, None)
        self.standings.pop(guild.id, None)
        await self._copies.forget(guild.id)

    async def _changed(self, rule: discord.AutoModRule) -> None:
        self.look(rule.guild.id)

    async def _role_updated(self, before: discord.Role, after: discord.Role) -> None:
        if before.permissions != after.permissions:
            self.look(after.guild.id)

    async def _role_deleted(self, role: discord.Role) -> None:
        self.look(role.guild.id)

    async def _member_updated(self, _before: discord.Member, after: discord.Member) -> None:
        if self._client.user is not None and after.id == self._client.user.id:
            self.look(after.guild.id)


async def _compiled(rules: object) -> AutoMod:
    return await asyncio.to_thread(AutoMod.of, rules) if rules else AutoMod()

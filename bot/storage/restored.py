"""A database that was restored: what was bought since it was saved is not bought again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it imports this
    from bot.storage.postgres import Connection

log = logging.getLogger(__name__)

#: What lay in the queue may have been bought since: like every create that we cannot know of, it
#: is looked up at the provider, never sent again. What lay at the desk to be bought may have been
#: approved since: it ends, so that nobody approves it again.
AS_OF_THEN = """
update generation set status = 'submitting', submitted_at = created_at, not_before = null
where status = 'queued';
update generation set status = 'expired', quota = 'released', budget = 'released',
    ended_at = created_at
where status = 'proposed'
"""

#: Another after every way to restore: into another cluster or database, by dropping and making its
#: tables, to a point in time (a new timeline, as after a failover, which may have lost the last
#: commits, too).
_HOME = """
select concat_ws(' ', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
    pg_database.oid, 'generation'::regclass::oid)
from pg_control_system(), pg_database where datname = current_database()
"""
_QUEUED = "select count(*) from generation where status in ('queued', 'proposed')"
_KNOWN = "select value from fact where name = 'home'"
_SETTLE = """
insert into fact (name, value) values ('home', $1)
on conflict (name) do update set value = excluded.value
"""


async def settle_in(connection: Connection) -> None:
    """Within a transaction, where a bot opens a PostgreSQL database or enters it anew.

    Recognises one that was restored: nobody has to think of it.
    """
    home, known = await connection.fetchval(_HOME), await connection.fetchval(_KNOWN)
    if home == known:
        return
    if known is not None and (queued := await connection.fetchval(_QUEUED)):
        await connection.execute(AS_OF_THEN)
        log.warning("database restored: what was queued is not bought", extra={"rows": queued})
    await connection.execute(_SETTLE, home)

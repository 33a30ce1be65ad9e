"""What a process has used, as Linux counts it in /proc."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Reading:
    """CPU of all threads since the start, user and system; memory now and at its most."""

    cpu_ms: float
    rss_kib: int
    peak_kib: int


def read(pid: int) -> Reading:
    """Raises OSError where the process is gone, or where there is no /proc."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    # After the name, which may hold anything: utime and stime are the 14th and 15th of all.
    times = stat.rpartition(")")[2].split()[11:13]
    status = Path(f"/proc/{pid}/status").read_text()
    sizes = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB$", status, re.MULTILINE))
    return Reading(
        cpu_ms=sum(int(ticks) for ticks in times) * _MS / os.sysconf("SC_CLK_TCK"),
        rss_kib=int(sizes["VmRSS"]),
        peak_kib=int(sizes["VmHWM"]),
    )

"""The table of docs/operating.md: everything on `/metrics`."""

from __future__ import annotations

from tests.documents.pages import table
from tests.operating.promql import EVERY

#: What prometheus_client tells of the process, on Linux.
LIBRARYS = {
    "process_cpu_seconds_total": "Processor time that it used.",
    "process_resident_memory_bytes": "Its memory.",
    "process_virtual_memory_bytes": "Its address space.",
    "process_open_fds": "Open files and sockets.",
    "process_max_fds": "How many it may have.",
    "process_start_time_seconds": "When it was started (Unix time).",
}


def metrics() -> str:
    rows = []
    for each in EVERY:
        labels = " ".join(f"`{label}`" for label in each.labels)
        rows.append((f"`{each.name}`", each.kind, labels, each.about))
    for name, about in LIBRARYS.items():
        rows.append((f"`{name}`", "counter" if name.endswith("_total") else "gauge", "", about))
    return table(("Metric", "Kind", "Labels", "Tells"), rows)

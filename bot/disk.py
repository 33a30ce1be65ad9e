"""Making what was written survive a power cut. Blocks, so callers run it off the event loop."""

from __future__ import annotations

import os
from pathlib import Path


def flush(path: Path) -> None:
    """A file, or the names in a folder; Windows flushes those by itself, and opens no folder."""
    is_folder = path.is_dir()
    if is_folder and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

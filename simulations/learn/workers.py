"""A process of a pool ends when the one that asked for it is gone, even if that was killed."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from functools import cache

EVERY = 2.0  # seconds between two looks


@cache
def end_with_parent() -> None:
    """Watch from a thread: a killed parent ends no pool, and its processes would wait for ever."""
    if multiprocessing.parent_process() is None:
        return
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

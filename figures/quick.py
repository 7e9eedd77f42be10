"""A first look: one claim at a small size, after a word on what the long commands take."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass

CLAIM = FIGURE = "generator"
PARAMETERS = {"manifolds": ("circle",), "n_tokens": 5000, "n_seeds": 60}


@dataclass
class Times:
    """Seconds of a block: of wall time, and of these the ones in which kernels were compiled."""

    total: float = 0.0
    compiling: float = 0.0

    def line(self, bytes_held: int) -> str:
        """One line for the user."""
        running = self.total - self.compiling
        kept = "kept for the next run" if self.compiling >= 0.5 else "kernels were there"
        return (
            f"{running:.0f} s of running, {self.compiling:.0f} s of compiling ({kept}), "
            f"{bytes_held / 1e6:.0f} MB of memory"
        )


@contextlib.contextmanager
def timed():
    """Yields Times that are complete when the block has ended."""
    from numba.core.event import TimingListener, install_listener

    times, compiler, start = Times(), TimingListener(), time.perf_counter()
    with install_listener("numba:compile", compiler):
        yield times
    times.total = time.perf_counter() - start
    times.compiling = compiler.duration if compiler.done else 0.0

"""How far a study is and how long it still takes: a bar where one watches, else a line a minute."""

from __future__ import annotations

import sys
import time

LINE_EVERY = 60.0  # seconds


class Progress:
    """Counts runs by what they are expected to cost, so that the time left is that of the rest.

    A run that was found on disk takes no time: the speed is that of runs that took some.
    """

    def __init__(self, run, total_runs: int, total_cost: float, label: str):
        self.label, self.runs, self.total = label, 0, total_runs
        self.done, self.cost, self.worked, self.quiet = 0.0, total_cost, 0.0, run.quiet
        self.start = self.last = time.monotonic()
        self.bar = run.progress(total=total_runs, label=label)

    def add(self, cost: float, from_disk: bool) -> None:
        """One more run is done."""
        self.runs, self.done = self.runs + 1, self.done + cost
        self.worked += 0.0 if from_disk else cost
        left = self.left()
        self.bar.set_postfix_str(left, refresh=False)
        self.bar.update()
        now = time.monotonic()
        if self.bar.disable and not self.quiet and now - self.last > LINE_EVERY:
            self.last = now
            line = f"{self.label}: {self.runs} of {self.total} runs, {left}"
            print(line, file=sys.stderr, flush=True)

    def left(self) -> str:
        """The time left in words, by the speed so far."""
        if not self.worked:
            return "time left not known yet"
        seconds = (self.cost - self.done) * (time.monotonic() - self.start) / self.worked
        return f"about {seconds / 60:.0f} min left" if seconds > 90 else f"{seconds:.0f} s left"

    def close(self) -> None:
        self.bar.close()

"""The reference runs of all claims, several at a time: cores that one leaves idle serve another.

Numbers do not depend on it: every claim has seeds of its own, and no sum depends on the number of
threads beyond the rounding that its interval allows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import as_completed
from pathlib import Path

from tqdm import tqdm

from simulations.processes import processes
from simulations.store.results import tell_start
from simulations.verdict.answers import judged
from simulations.verdict.join import Judged
from theory import claims as claims_

CLAIMS_AT_ONCE = 2  # more fill no core and cost memory: most kernels use all threads they have


def references(names, root: Path, quiet: bool = False) -> Iterator[Judged]:
    """The judged reference run of each claim, as they are ready; measured where it is missing.

    On one core one after the other, in this process.
    """
    names, cores = list(names), os.cpu_count() or 1
    workers = min(CLAIMS_AT_ONCE, cores, len(names))
    if workers < 2:
        for name in names:
            yield reference(name, root, quiet)
        return
    tell_start(f"{len(names)} claims, {workers} at a time: measuring what is missing", quiet)
    with processes(workers, cores // workers) as pool:
        waiting = [pool.submit(reference, name, root, True) for name in names]
        bar = tqdm(total=len(names), desc="claims", disable=quiet or None)
        for ready in as_completed(waiting):
            bar.update()
            yield ready.result()
        bar.close()


def reference(name: str, root: Path, quiet: bool = False) -> Judged:
    """The reference run of a claim with its verdict, measured if missing or its sources changed."""
    return judged(name, claims_.load(name).Parameters(), root, quiet=quiet)

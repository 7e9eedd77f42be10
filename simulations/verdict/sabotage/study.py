"""Which claims refute which planted mistake: `make sabotage`.

Each mistake is planted in a process of its own and tried on some claims at small size: everything
is measured and judged again. A claim refutes it where a row is refuted that is not refuted without
the mistake.
"""

from __future__ import annotations

import time
from concurrent.futures import as_completed
from pathlib import Path

from simulations.processes import processes
from simulations.store.files import write_json
from simulations.store.results import Run, experiment
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import Mistake, planted
from theory import claims as claims_
from theory import predictions
from theory.claims import claims
from theory.setting.checks import InputError, one_of

WORKERS = 2


def refuted_rows(claim: str, changed: dict | None = None) -> list[str]:
    """The rows of a claim that are refuted at small size, measured and judged now."""
    module = claims_.load(claim)
    parameters = module.Parameters(**(module.SMALL | (changed or {})))
    measured = experiment(claim).measure(parameters, Run(None, quiet=True))
    predicted = predictions.load(claim).predict(parameters)
    rows = judge_quantities(measured.quantities, predicted)
    return [row.quantity for row in rows if row.verdict == "refuted"]


def tried(mistake: Mistake) -> dict:
    """What the claims say of one mistake: which refute it, by which rows, which stop."""
    # loaded beforehand: what is imported while a mistake is planted would keep it
    for claim in mistake.claims:
        experiment(claim)
        predictions.load(claim)
    start, refuted, stopped = time.perf_counter(), {}, {}
    for claim in mistake.claims:
        try:
            with planted(mistake):
                rows = refuted_rows(claim)
        # a mistake may break whatever it likes: that is no verdict, and is told as such
        except Exception as error:
            stopped[claim] = f"{type(error).__name__}: {error}"[:200]
            continue
        if rows:
            refuted[claim] = rows
    return {
        "mistake": mistake.name,
        "refuted_by": list(refuted),
        "first_row": next((f"{c}: {rows[0]}" for c, rows in refuted.items()), None),
        "rows": refuted,
        "stopped": stopped,
        "tried": list(mistake.claims),
        "seconds": round(time.perf_counter() - start, 1),
    }


def known(names=()) -> list[Mistake]:
    """The mistakes of these names, by default all; raises InputError for an unknown one."""
    for name in names:
        one_of("mistake", name, [m.name for m in MISTAKES])
    return [m for m in MISTAKES if not names or m.name in names]


def sabotage(root: Path, names: tuple[str, ...] = (), report=print) -> list[dict]:
    """Try every mistake (or those named) and write sabotage.json; the study without a mistake first.

    Raises InputError for an unknown name, or where a claim is refuted without any mistake.
    """
    chosen = known(names)
    nothing = [Mistake("none", {}, (claim,)) for claim in claims()]
    done = {}
    # a process serves one mistake: caches must not carry it to the next
    with processes(WORKERS, method="forkserver", tasks_each=1) as pool:
        waiting = {pool.submit(tried_by_name, m.name, m.claims): m for m in [*nothing, *chosen]}
        for future in as_completed(waiting):
            mistake, outcome = waiting[future], future.result()
            if mistake.name == "none" and (outcome["refuted_by"] or outcome["stopped"]):
                raise InputError(f"without a mistake: {outcome['rows']} {outcome['stopped']}")
            if mistake.name != "none":
                done[mistake.name] = outcome
                finished = [done[m.name] for m in chosen if m.name in done]
                write_json(Path(root) / "sabotage.json", finished)
                seen = ", ".join(outcome["refuted_by"]) or "NOBODY"
                report(f"{mistake.name:<48} refuted by {seen} ({outcome['seconds']} s)")
    return [done[m.name] for m in chosen]


def tried_by_name(name: str, names_of_claims: tuple[str, ...]) -> dict:
    """`tried`, by what a process can be sent."""
    by_name = {m.name: m for m in MISTAKES}
    return tried(by_name.get(name) or Mistake(name, {}, names_of_claims))

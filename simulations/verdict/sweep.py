"""The verdicts of a sweep, once every point is measured and on disk; its record and its table."""

from __future__ import annotations

from concurrent.futures import as_completed
from pathlib import Path

from simulations.processes import processes
from simulations.store import sources
from simulations.store.files import DamagedError, read_record, sealed, write_json
from simulations.store.results import Result, read
from simulations.sweeps.plan import Plan
from simulations.sweeps.point import folder_of, stored
from simulations.sweeps.table import measured_rows, with_parameters, write_table
from simulations.verdict.join import judge
from theory.setting.checks import InputError

RECORD = {"by": str, "rows": [dict]}
ROWS = "rows.json"  # the judged rows of a point, beside its measurement


def judged_rows(result: Result) -> list[dict]:
    """The rows of a point with verdicts, as the table has them; read where the same code has judged
    it before. What has no prediction of its own is not in it."""
    if (known := _known_rows(result)) is not None:
        return known
    rows = [
        {
            "quantity": row.quantity,
            "value": row.measured,
            "low": row.ci_low,
            "high": row.ci_high,
            "basis": row.basis,
            "predicted": row.predicted,
            "verdict": row.verdict,
        }
        for row in judge(result).rows
    ]
    write_json(result.folder / ROWS, sealed({"by": _by(result), "rows": rows}))
    return rows


def _known_rows(result):
    """The rows that this very code has judged before, or None."""
    try:
        record = read_record(result.folder / ROWS, RECORD)
    except DamagedError:
        return None  # or none there
    return record["rows"] if record["by"] == _by(result) else None


def _by(result):
    return f"{_digest(result.claim)}-{result.record['sources']}"


def _digest(claim):
    return f"{sources.digest('simulations.verdict.join')}-{sources.digest(f'theory.predictions.{claim}')}"


def _judge_folder(folder: Path):
    """The judged rows of the point in a folder, or what went wrong."""
    try:
        return judged_rows(read(folder)), ""
    except InputError as error:
        return None, str(error)
    except Exception as error:
        return None, " ".join(f"{type(error).__name__}: {error}".split())


def tabulate(
    plan: Plan,
    failed: dict[int, str],
    root: Path,
    *,
    judging: bool = True,
    workers: int = 1,
    report=lambda done, total: None,
) -> tuple[list[Path], dict[int, str]]:
    """Write the table of what was measured and the record of the sweep; what was written, and the
    messages of the points that could not be judged, by their place.

    Raises InputError where no point was measured.
    """
    results = {k: stored(p, root) for k, p in enumerate(plan.points) if k not in failed}
    results = {k: result for k, result in results.items() if result is not None}
    if not results:
        raise InputError(f"{plan.claim}: no point was measured; {next(iter(failed.values()), '')}")
    rows, unjudged = {}, {}
    if judging:
        for done, (k, (found, wrong)) in enumerate(_judged(results, workers)):
            if wrong:
                unjudged[k] = wrong
            else:
                rows[k] = found
            report(done + 1, len(results))
    table = [
        row
        for k, result in results.items()
        for row in with_parameters(result, rows.get(k) or measured_rows(result))
    ]
    folder = root / plan.claim
    record = {
        "claim": plan.claim,
        "varied": plan.varied,
        "lists": {k: [list(v) if isinstance(v, tuple) else v for v in vs] for k, vs in plan.lists.items()},
        "measured": len(results),
        "failed": [
            {"values": plan.points[k].values, "message": message} for k, message in failed.items()
        ],
        "not_judged": [
            {"run": folder_of(plan.points[k], root).name, "message": m} for k, m in unjudged.items()
        ],
    }  # fmt: skip
    if not table:
        raise InputError(
            f"{plan.claim}: its quantities are functions, expected it without --no-verdicts"
        )
    written = write_table(table, folder)
    write_json(folder / "sweep.json", sealed(record))
    return [*written, folder / "sweep.json"], unjudged


def _judged(results, workers):
    """(place, (rows, message)) of every point, over processes of this machine."""
    known = {k: _known_rows(result) for k, result in results.items()}
    yield from ((k, (rows, "")) for k, rows in known.items() if rows is not None)
    results = {k: result for k, result in results.items() if known[k] is None}
    if workers == 1 or len(results) <= 1:
        for k, result in results.items():
            yield k, _judge_folder(result.folder)
        return
    with processes(min(workers, len(results))) as pool:
        places = {pool.submit(_judge_folder, r.folder): k for k, r in results.items()}
        for future in as_completed(places):
            yield places[future], future.result()

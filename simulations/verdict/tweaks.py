"""How random changes of parameters end: `python -m simulations tweaks`.

A user's tweak should get an answer, and a true claim should not be refuted by it. Parameters of every
claim are changed at random within what is sensible, each run may draw as many samples as a budget
allows, and what is refuted is measured once more with fresh seeds: a row at 99.9 % refutes what is
true once in a thousand, and does so twice once in a million.
"""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from concurrent.futures import as_completed
from pathlib import Path

import numpy as np

from simulations.processes import processes
from simulations.store.files import read_json, reading, write_json, write_text
from simulations.store.results import command
from simulations.verdict.rows import REFUTED
from theory import claims as claims_
from theory.claims import claims
from theory.setting.checks import InputError, one_of, whole
from theory.setting.checks import count as check_count

MANIFOLDS = (
    "circle", "sphere", "torus", "ellipse(a=2, b=1)", "circle(radius=1.5)", "flat_torus(dim=2)",
    "(2*cos(u), sin(u) + cos(2*u)/4)",
)  # fmt: skip
DENSITIES = ("reference", "exp(x1/2)", "1 + x1/5", "exp(x1/3 + x2/4)", "exp(x1*x2/4)")
SPREAD = 1.6  # by which real parameters are multiplied or divided at most
MOST_WORKERS = 256
MOST_COUNTED = 10**5  # tweaks: beyond that nobody waits
SOON = 120  # seconds: an answer that people wait for
ATTEMPTS = 40  # at a tweak that is not refused at the door


def random_tweak(claim: str, rng) -> tuple[dict, dict]:
    """(base, changed): small parameters, and one to three of all changed at random."""
    module = claims_.load(claim)
    base = {f.name: f.default for f in dataclasses.fields(module.Parameters)} | module.SMALL
    names = [name for name, value in base.items() if choices(name, value, rng) is not None]
    picked = rng.choice(names, size=min(len(names), int(rng.integers(1, 4))), replace=False)
    changed = {name: choices(name, base[name], rng) for name in picked.tolist()}
    return base, {name: value for name, value in changed.items() if value != base[name]}


def choices(name: str, value, rng):
    """A sensible random value in place of `value`, or None where nothing sensible is known."""
    if name in ("manifold", "manifolds"):
        one = str(rng.choice(MANIFOLDS))
        return (one,) if isinstance(value, tuple) else one
    if name in ("density", "densities"):
        one = str(rng.choice(DENSITIES))
        return (one,) if isinstance(value, tuple) else one
    if name == "seed":
        return int(rng.integers(1, 2**31))
    if name == "n_levels":
        return value + int(rng.integers(0, 2))
    if isinstance(value, bool) or isinstance(value, str | tuple):
        return None
    if isinstance(value, int):
        return max(1, round(value * float(SPREAD ** rng.uniform(-1, 1))))
    return float(f"{value * SPREAD ** rng.uniform(-1, 1):.3g}")


def tweaked(claim: str, rng, answer, root: Path) -> dict:
    """One tweak of a claim, run to its end: what was changed, the verdict, how long it took.

    answer(claim, parameters, root): a verdict within the budget. Tweaks that are refused at the door
    are drawn again, and counted.
    """
    module, refused = claims_.load(claim), 0
    for _ in range(ATTEMPTS):
        base, changed = random_tweak(claim, rng)
        try:
            parameters = module.Parameters(**(base | changed))
        except InputError:
            refused += 1
            continue
        start = time.perf_counter()
        said = {"claim": claim, "changed": changed, "refused_before": refused}
        said["command"] = command(claim, parameters, module.Parameters())
        try:
            judgement = answer(claim, parameters, root)
            again = []
            if judgement.verdict == REFUTED:
                fresh = dataclasses.replace(parameters, seed=parameters.seed + 7919)
                judgement, first = answer(claim, fresh, root), judgement
                again = [r.quantity for r in first.rows if r.verdict == REFUTED]
        except InputError as error:
            said |= {"verdict": "refused", "message": str(error)}
        # one that breaks is what the study looks for; the others go on
        except Exception as error:
            said |= {"verdict": "failed", "message": f"{type(error).__name__}: {error}"}
        else:
            rows = judgement.rows
            said |= {
                "verdict": judgement.verdict,
                "refuted_at_first": again,
                "refuted": [r.quantity for r in rows if r.verdict == REFUTED],
                "open": [f"{r.quantity}: {r.reason}" for r in rows if r.verdict == "inconclusive"],
                "answered_rows": sum(r.verdict != "inconclusive" for r in rows),
                "rows": len(rows),
                "headline_resolution": rows[0].resolution,
            }
        return said | {"seconds": round(time.perf_counter() - start, 1)}
    raise InputError(f"tweaks: {ATTEMPTS} changes of {claim} were all refused")


def chosen_claims(count: int, names=()) -> list[str]:
    """The claims whose parameters `count` tweaks change, in turn; by default all."""
    check_count("count", count, 1)
    return [one_of("claim", name, claims()) for name in names] or list(claims())


def shares(count: int, names=()) -> dict[str, int]:
    """How many of `count` tweaks are of which claim."""
    chosen = chosen_claims(count, names)
    return dict(Counter(chosen[k % len(chosen)] for k in range(min(count, MOST_COUNTED))))


def study(
    count: int, seed: int, answer, root: Path, names=(), report=print, workers: int = 1
) -> list[dict]:
    """`count` tweaks, the claims in turn; tweaks.json is written after each.

    workers: processes that share the tweaks; with one, `answer` runs in this process.
    """
    chosen = chosen_claims(count, names)
    check_count("workers", workers, 1, MOST_WORKERS)
    whole("seed", seed, 0)
    tasks = {k: (chosen[k % len(chosen)], [seed, k], answer, root) for k in range(count)}
    return _run(tasks, {}, root, report, workers)


def again(answer, root: Path, report=print, workers: int = 1) -> list[dict]:
    """The tweaks of tweaks.json that were refuted, refused or failed, run again: after a mend."""
    check_count("workers", workers, 1, MOST_WORKERS)
    path = root / "tweaks.json"
    if not path.exists():
        raise InputError(f"{path}: not there, expected a study of tweaks to run again")
    stored = read_json(path)
    with reading(path):
        done = {outcome["tweak"]: outcome for outcome in stored}
        tasks = {
            k: (outcome["claim"], outcome["seed"], answer, root)
            for k, outcome in done.items()
            if outcome["verdict"] in (REFUTED, "refused", "failed")
        }
    return _run(tasks, done, root, report, workers, {"run_again": True})


def _run(tasks, done, root, report, workers, note=None):
    """The outcomes by their place, those of `done` with those of the tasks in their stead."""
    for k, outcome in _in_turn(tasks) if workers == 1 else _side_by_side(tasks, workers):
        done[k] = outcome | {"tweak": k, "seed": tasks[k][1]} | (note or {})
        finished = [done[j] for j in sorted(done)]
        write_json(root / "tweaks.json", finished)
        write_text(root / "tweaks.md", page(finished))
        verdict, seconds = outcome["verdict"], outcome["seconds"]
        report(
            f"{k + 1:>4} {outcome['claim']:<18} {verdict:<13} {seconds:>6} s  {outcome['changed']}"
        )
    return [done[k] for k in sorted(done)]


def _in_turn(tasks):
    for k, task in tasks.items():
        yield k, _tweak(*task)


def _side_by_side(tasks, workers):
    with processes(workers) as pool:
        places = {pool.submit(_tweak, *task): k for k, task in tasks.items()}
        for future in as_completed(places):
            yield places[future], future.result()


def _tweak(claim, seed, answer, root):
    return tweaked(claim, np.random.default_rng(seed), answer, root)


def page(done: list[dict]) -> str:
    """The study in words, the table, and what stayed refuted."""
    finished = [d for d in done if d["verdict"] not in ("refused", "failed")]
    rows = sum(d["rows"] for d in finished)
    answered = [d for d in finished if d["verdict"] != "inconclusive"]
    soon = sum(d["seconds"] <= SOON for d in answered)
    at_first = [d for d in finished if d["refuted_at_first"]]
    again = [d for d in finished if d["verdict"] == REFUTED]
    rerun = sum("run_again" in d for d in done)
    lines = [
        "# How random tweaks end",
        "",
        "Written by `python -m simulations tweaks`. One to three parameters of a small run are "
        "changed at random, a pilot says how many samples and levels an answer needs, and as many "
        "are measured as the budget allows. What is refuted is measured once more with fresh seeds: "
        "at 99.9 % one true row in a thousand is refuted by chance, and one in a million twice.",
        "",
        f"{len(done)} tweaks, {rows} rows. Answered (supported or refuted): {len(answered)} of "
        f"{len(finished)}, {soon} of them within {SOON} s. Refuted at first: {len(at_first)}; still "
        f"refuted with fresh seeds: {len(again)}.",
        *(
            [f"Of them {rerun} were run again (`--again`) after a mend of the sources."]
            * bool(rerun)
        ),
        "",
        table(done),
    ]
    if broken := [d for d in done if d["verdict"] == "failed"]:
        lines += ["Failed:", "", *(f"* `{d['command']}`: {d['message']}" for d in broken), ""]
    if again:
        lines += ["Still refuted:", ""]
        lines += [f"* `{d['command']}`: {', '.join(d['refuted'])}" for d in again]
    return "\n".join(lines).rstrip() + "\n"


def table(done: list[dict]) -> str:
    """The study as Markdown: a line a claim."""
    head = (
        "| claim | tweaks | supported | inconclusive | refuted | refused in one line | "
        "rows answered | median time |"
    )
    lines = [head, "|" + "---|" * 8]
    for claim in dict.fromkeys(d["claim"] for d in done):
        mine = [d for d in done if d["claim"] == claim]
        verdicts = Counter(d["verdict"] for d in mine)
        rows = sum(d.get("rows", 0) for d in mine)
        answered = sum(d.get("answered_rows", 0) for d in mine)
        share = f"{answered / rows:.0%}" if rows else ""
        times = f"{np.median([d['seconds'] for d in mine]):.0f} s"
        counts = [str(verdicts[v]) for v in ("supported", "inconclusive", "refuted", "refused")]
        lines.append("| " + " | ".join((claim, str(len(mine)), *counts, share, times)) + " |")
    return "\n".join(lines) + "\n"

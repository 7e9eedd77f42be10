"""Measured arrays held against those that others compute: the same to rounding, or not."""

from __future__ import annotations

import numpy as np

from simulations.statistics.intervals import exact
from simulations.store.quantities import Values
from simulations.verdict.rows import Row, judged
from theory.predictions import MISS, Same, Value
from theory.setting.checks import InputError


def same_row(name: str, measured: Values, prediction: Same) -> Row:
    """An identity: predicted 0, measured the difference of the two arrays to the declared bound.

    A rival, or what a wrong method measured, is rejected where it differs by more than MISS; its
    value in the row is that difference.
    """
    found = exact(difference(measured.values, prediction.values), measured.bound, measured.basis)
    wrong = {
        rival: difference(values, measured.values) for rival, values in prediction.rivals.items()
    } | {
        method: difference(values, prediction.values)
        for method, values in measured.wrong_methods.items()
    }
    # a rival of an identity is judged by MISS: it is to be off by much, not by rounding
    intervals = {w: exact(d, MISS, f"at least {MISS:g}") for w, d in wrong.items()}
    return judged(name, Value(0.0, kind="identity"), found, intervals)


def difference(measured, right) -> float:
    """How far an array is from another of its shape.

    Of numbers the largest |difference|, relative to the largest |entry| of the right one; of labels
    the share that differ. Raises InputError where the shapes, or numbers and labels, do not match.
    """
    a, b = np.asarray(measured), np.asarray(right)
    labels = [x.dtype.kind in "iu" for x in (a, b)]
    if a.shape != b.shape or labels[0] != labels[1]:
        raise InputError(
            f"values: got {a.dtype} of shape {a.shape}, expected {b.dtype} of shape {b.shape}"
        )
    if labels[0]:
        return float(np.mean(a != b))
    return float(np.abs(a - b).max() / (np.abs(b).max() or 1.0))

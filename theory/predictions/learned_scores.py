"""Predictions of the claim `learned_scores`: the spectral gap, identities of a metric, and signs.

A metric kernel k(x, y) = exp(-|W(x - y)|^2/T) is positive definite and symmetric, so that its rows
over their sums are similar to a positive semidefinite matrix: real eigenvalues in [0, 1], detailed
balance. A sign is a bound at 0 that the same number turned round must not hold.
"""

from __future__ import annotations

from theory.claims import learned_scores as claim
from theory.predictions import Value, off_by_tenth


def predict(parameters: claim.Parameters) -> dict[str, Value]:
    rate = Value(1.0, off_by_tenth(1.0), "limit")
    above = Value(0.0, kind="bound", scale=1.0)
    clock = Value(claim.LARGEST_CLOCK, {"uniform attention: 1": 1.0}, "bound")
    found = {}
    for task in parameters.tasks:
        found |= {claim.row(task, *said): above for said in claim.said_of(task)}
    for task in parameters.chains:
        found |= {claim.depth_row(task, arm): rate for arm in claim.ARMS}
        found |= {claim.compared_row(task, what): above for what in claim.COMPARED}
        found[claim.clock_row(task)] = clock
    for name in (claim.IMAGINARY, claim.NEGATIVE, claim.ENTROPY):
        found[name] = Value(0.0, kind="identity")
    return found

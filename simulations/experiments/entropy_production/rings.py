"""Entropy production in sharp windows on a circle, whose edges fall half-way between two nodes."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.observables.entropy import (
    entropy_production,
    head_entropy,
    stationary_measure,
    transition_matrix,
)
from simulations.statistics.intervals import bounded
from simulations.statistics.limits import romberg
from simulations.statistics.orders import limit_order
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from theory.claims import entropy_production as claim
from theory.setting.pseudo_metrics import PseudoMetric, dot_product
from theory.setting.references import reference_density
from theory.setting.scores import score

TURN = np.array([[0.0, 0.5], [-0.5, 0.0]])


def window_limit(parameters: claim.Parameters, run) -> Measurement:
    """e/R^2 of a head with W_Q != W_K, in windows that halve, to R -> 0.

    A window of 2 k + 1 nodes has a second moment too small by 1/(2 k + 1)^2: windows of a third of
    the spacing are extrapolated from, and the interval holds how far that moves.
    """
    p, w = reference_density("circle", parameters.density), parameters.ring_head()

    def rate(level, refined):
        n = claim.RING * 2**level * refined
        operator, radius = window(p, n, claim.HALF_WINDOW * refined, dot_product(w))
        # solved, not iterated: the gap below 1 is as small as the clock
        law = stationary_measure(transition_matrix(operator))
        return head_entropy(operator, law, w) / radius**2

    def study():
        sizes = run.progress(range(claim.RING_LEVELS), label="entropy_production: windows")
        return {
            "rates": np.array([[rate(level, refined) for refined in (1, 3)] for level in sizes])
        }

    coarse, fine = run.remember("windows", study)["rates"].T
    # the spacing is divided by 3 and its error by 9
    settled = fine + (fine - coarse) / 8
    moved = float(np.abs(settled - fine).max())
    interval = bounded(romberg(settled), moved, "the move from 45 nodes a window to a continuum")
    return Measurement({claim.WINDOW: Number(interval)}, {"window_rates": settled})


def gradient_force(parameters: claim.Parameters, run) -> Measurement:
    """The order in R of e/R^2, of an asymmetric score whose force is a gradient, and of a rotation."""
    scores = {"gradient": pseudo_metric(score(claim.CUBIC, 2)), "rotation": dot_product(TURN)}
    sizes = [claim.GRADIENT_RING * 2**level for level in range(4)]
    densities = parameters.ring_densities()

    def rate(p, n, f):
        operator, radius = window(p, n, claim.GRADIENT_HALF, f)
        matrix = transition_matrix(operator)
        return entropy_production(matrix, stationary_measure(matrix)) / radius**2

    def study():
        return {
            name: np.array([[rate(p, n, f) for p in densities] for n in sizes])
            for name, f in scores.items()
        }

    found = run.remember("gradient force", study)
    steps = [2 * np.pi * claim.GRADIENT_HALF / n for n in sizes]
    # root mean squares over the densities
    orders = {
        name: limit_order(steps, np.sqrt((rates**2).mean(axis=1))) for name, rates in found.items()
    }
    return Measurement(
        {claim.GRADIENT: Number(orders["gradient"], {"a rotation": orders["rotation"]})}
    )


def window(p, n: int, half: float, f: PseudoMetric) -> tuple[AttentionOperator, float]:
    """Attention on n nodes of the circle in windows of `half` spacings, and their chord R."""
    radius = 2 * np.sin(np.pi * half / n)
    tokens = quadrature_tokens(p, n)
    operator = AttentionOperator(tokens, f, claim.WINDOW_TEMPERATURE, window=radius)
    return operator, radius

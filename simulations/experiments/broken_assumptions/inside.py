"""What walls do to the inside of an interval: the equation, and the length that eigenvalues see."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_at
from simulations.experiments.broken_assumptions.matrices import (
    eigenvalue_rounding,
    symmetric_matrix,
)
from simulations.observables.generator import feature_columns
from simulations.statistics.limits import romberg_within
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import broken_assumptions as claim
from theory.setting.densities import density
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN

ROUNDING = "rounding of the eigenvalues, extrapolated"


def evolution(parameters: claim.Parameters, run) -> Measurement:
    """A^k H at fixed points of the interval, walls included, in more and more steps."""
    p, steps = claim.interval_density(), parameters.evolution_steps()
    m, points = p.manifold, claim.EVOLVED_AT[:, None]

    def level(k):
        eps = claim.DIFFUSED / k
        tokens = quadrature_tokens(p, nodes_for(m, eps))
        operator = AttentionOperator(tokens, GAUSSIAN, eps)
        start = feature_columns(m, claim.EVOLVED, tokens.coordinates)
        # a power of the matrix for all steps but the last, which evolve_at takes at the points
        matrix = np.linalg.matrix_power(operator @ np.eye(len(tokens)), int(k) - 1)
        return evolve_at(operator, m.embed(points), matrix @ start, [1])[0]

    def study():
        bar = run.progress(steps.tolist(), label="broken_assumptions: evolution")
        return {"values": np.array([level(k) for k in bar])}

    values = run.remember("evolution", study)["values"]
    taus = claim.DIFFUSED / steps
    return Measurement({claim.EVOLUTION: deterministic_field(values, points, np.sqrt(taus))})


def length_seen(parameters: claim.Parameters, run) -> Measurement:
    """The length that eigenvalues see: a mode k that decays at the rate r sees k pi/sqrt(r).

    Of uniform tokens, with r = -log(mu_k)/tau; what is missing at each end, over sqrt(eps), and its
    slope in sqrt(eps).
    """
    p, widths = density(claim.interval_density().manifold), parameters.widths()
    length, modes = p.manifold.axes[0].length, np.array(claim.MODES)

    def level(eps):
        operator = AttentionOperator(
            quadrature_tokens(p, nodes_for(p.manifold, eps)), GAUSSIAN, eps
        )
        matrix = symmetric_matrix(operator)
        n = len(matrix)
        mu = eigh(matrix, subset_by_index=[n - 1 - max(modes), n - 2], eigvals_only=True)[::-1]
        rates = -np.log(mu[modes - 1]) / eps
        # how far rounding of mu moves the length seen
        return rates, modes * np.pi / (2 * rates**1.5) * eigenvalue_rounding(n) / eps

    def study():
        bar = run.progress((widths**2).tolist(), label="broken_assumptions: length")
        rates, moved = zip(*(level(eps) for eps in bar), strict=True)
        return {"rates": np.array(rates), "moved": np.array(moved)}

    found = run.remember("length", study)
    missing = (length - modes * np.pi / np.sqrt(found["rates"])) / (2 * widths[:, None])
    moved = found["moved"] / (2 * widths[:, None])
    slopes = (missing[:-1] - missing[1:]) / (widths[:-1] - widths[1:])[:, None]
    slopes_moved = 2 * moved[1:] / (widths[:-1] - widths[1:])[:, None]
    quantities = {}
    for column, k in enumerate(claim.MODES):
        shorter = romberg_within(missing[:, column], moved[:, column], ROUNDING)
        slope = romberg_within(slopes[:, column], slopes_moved[:, column], ROUNDING)
        quantities |= {claim.shortening(k): Number(shorter), claim.next_order(k): Number(slope)}
    return Measurement(quantities, {"missing": missing})

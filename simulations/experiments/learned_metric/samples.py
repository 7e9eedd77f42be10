"""The claim `learned_metric` on i.i.d. tokens: the drift coefficient on grad log p_theta."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables import fit_coefficients, richardson
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import check, mean_interval, widened
from theory.limits import finite_sample_clock

WRONG_DRIFT = 2.2


def sample_study(case, run) -> dict:
    """(clock, drift) at two temperatures on the same i.i.d. tokens, (seeds, 2, 2), and at N = infinity, (2, 2)."""

    def fit(tokens, eps, clock_factor, keys):
        u, operator = tokens.coordinates, AttentionOperator(tokens, case.pseudo_metric, eps, keys=None if keys is tokens else keys)
        measured = (operator @ case.evaluate(keys.coordinates) - case.evaluate(u)) / (eps * clock_factor)
        return fit_coefficients(measured, case.terms(u), tokens.weights)

    values, second_order = [], []
    for s in run.progress(range(case.n_seeds), label=f"learned_metric, {case.name}: samples"):
        tokens = iid_tokens(case.density, case.n_tokens, case.rng(3, s))
        factors = [finite_sample_clock(case.p_theta, tokens.coordinates, eps, case.n_tokens) for eps in case.sample_temperatures]
        values.append([fit(tokens, eps, factor[:, None], tokens) for eps, factor in zip(case.sample_temperatures, factors, strict=True)])
        second_order.append([((1 - factor) ** 2).mean() for factor in factors])
    tokens = quadrature_tokens(case.density, 24 if case.surface else 96)
    expected = [fit(tokens, eps, 1.0, case.quadrature(eps)) for eps in case.sample_temperatures]
    return {"coefficients": np.array(values), "expected": np.array(expected), "second_order": np.array(second_order).mean(axis=0)}


def sample_checks(case, sample) -> list:
    """Drift coefficient of i.i.d. tokens, extrapolated to zero temperature."""
    measured = mean_interval(richardson(sample["coefficients"][:, 0, 1], sample["coefficients"][:, 1, 1]))
    # what is left of the bias, known at N = infinity, and of the clock of a finite sample, known to first order
    left = abs(richardson(*sample["expected"][:, 1]) - 2) + 2 * abs(richardson(*sample["second_order"]))
    controls = {"off by 10 %": WRONG_DRIFT, "no drift": 0.0}
    return [check(f"{case.name}: drift coefficient on grad log p_theta", 2.0, widened(measured, left), controls)]

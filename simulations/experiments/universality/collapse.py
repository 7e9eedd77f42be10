"""The claim `universality`, all scores at the same clock and N = infinity: coefficients, A^k H, and its spread over phi."""

from __future__ import annotations

import numpy as np

from simulations.statistics.orders import limit_order, order_table, romberg
from simulations.experiments.settings import probe_features
from simulations.experiments.universality_scores import at_clock, columns, fitted, mixed, worst
from simulations.tokens.star import attend_basis, iterate_basis, smooth_basis
from simulations.verdict import check, check_against_measurement
from theory.limits import DRIFT_COEFFICIENT, generator_terms
from theory.spectral import fourier_evolution, harmonic_evolution

WRONG_CLOCK = 1.1


def collapse_study(density, parameters, run) -> dict:
    """Coefficients (scores, levels, 2); errors of A^k H (scores, features, levels) and its spread (features, levels).

    Controls: the last score with a clock that is wrong by 10 %, in the spread and in the errors (features, levels).
    """
    m, features = density.manifold, probe_features(density.manifold)
    basis = smooth_basis(m, parameters.degree_on(m.dim))
    steps = parameters.n_steps * 2 ** np.arange(parameters.n_levels)
    taus = parameters.time / steps
    names = parameters.scores
    scores = [at_clock(name, m.dim, tau) for name in names for tau in taus]
    scores += [at_clock(names[1], m.dim, WRONG_CLOCK * tau) for tau in taus]
    attended = attend_basis(density, basis, scores, lambda q: run.progress(q, label=f"universality, {m.name}: scores"))
    attended = attended.reshape(len(names) + 1, len(taus), *attended.shape[1:])
    start, u = columns(m, features, basis.nodes), basis.nodes
    mix = mixed(len(features), np.random.default_rng([parameters.seed, 0]))
    mass = basis.weights * density(u)
    exact = limit_evolution(density, features, parameters.time, u) @ mix
    evolved = np.array([[iterate_basis(basis, a, start @ mix, k) for a, k in zip(row, steps, strict=True)] for row in attended])
    terms = generator_terms(density, features)(u)
    coefficients = [
        [fitted(terms, (a @ basis.coefficients(start) - start) / tau, mass) for a, tau in zip(row, taus, strict=True)]
        for row in attended[:-1]
    ]  # fmt: skip
    wrong_set = np.concatenate([evolved[:1], evolved[2:]])
    errors = _rms(evolved - exact, mass)
    return {
        "taus": taus, "coefficients": np.array(coefficients),
        "errors": errors[:-1].transpose(0, 2, 1), "error_control": errors[-1].T,
        "spread": _rms(np.ptp(evolved[:-1], axis=0), mass).T, "spread_control": _rms(np.ptp(wrong_set, axis=0), mass).T,
    }  # fmt: skip


def limit_evolution(density, features, time, u) -> np.ndarray:
    """e^(T L) H of each feature at chart points u, (n, c), by Fourier or spherical harmonics."""
    if density.manifold.dim == 1:
        return np.stack([fourier_evolution(density, f, [time], u)[0] for f in features], axis=1)
    # harmonics of degree 10 hold the features, of degree 2, for as long as they live: 1e-9
    return np.stack([harmonic_evolution(density, f, [time], u, degree=10)[0] for f in features], axis=1)


def _rms(values, mass):
    """Root mean square over the nodes, the last axis but one."""
    return np.sqrt(np.einsum("...nc,n->...c", values**2, mass))


def collapse_checks(density, parameters, study) -> tuple[list, str]:
    """Drift and clock at tau -> 0 of the worst score; the order of the spread over scores and of the worst error."""
    name, count, checks = density.manifold.name, len(parameters.scores), []
    for column, (what, limit) in ((1, ("drift coefficient", DRIFT_COEFFICIENT)), (0, ("clock ratio", 1.0))):
        limits = [romberg(study["coefficients"][k, :, column]) for k in range(count)]
        controls = {f"{what} off by 10 %": 1.1 * limit} | ({"no drift": 0.0} if column else {})
        checks.append(check(f"{name}: {what} at tau -> 0, worst of {count} phi", limit, limits[worst(limit, limits)], controls))
    taus = study["taus"]
    orders = [limit_order(taus, e) for e in study["errors"]]
    spread, stalled = (limit_order(taus, study[key]) for key in ("spread", "spread_control"))
    error_stalls = limit_order(taus, study["error_control"])
    control = f"clock of phi = {parameters.scores[1]} off by 10 % stalls"
    checks += [
        check_against_measurement(f"{name}: order in tau of the spread of A^k H over phi", 1.0, spread, control, stalled),
        check_against_measurement(
            f"{name}: order in tau of A^k H -> e^(TL) H, worst of {count} phi", 1.0, orders[worst(1.0, orders)], control, error_stalls
        ),
    ]  # fmt: skip
    table = f"{name}: spread of A^k H over {count} phi at k tau = {parameters.time:g}\n" + order_table(taus, taus, study["spread"], "tau")
    return checks, table

"""The claim `learned_metric` point by point: drift and diffusion tensor of i.i.d. tokens, and how many numbers miss."""

from __future__ import annotations

import numpy as np
from scipy import stats

from simulations.attention import AttentionOperator
from simulations.experiments.learned_metric_bias import tensor
from simulations.observables import richardson
from simulations.observables.pointwise import drift_and_diffusion
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import CONFIDENCE, Interval, check_against_measurement


def point_study(case, run) -> dict:
    """Drift (D) and diffusion (D, D) at fixed points, extrapolated, mean over samples; with half-widths and limits.

    The half-widths are simultaneous ones, and hold what is left of the bias, known at N = infinity.
    """
    m, temperatures, n = case.density.manifold, case.sample_temperatures, case.parameters.n_points
    u = (iid_tokens(case.density, n, case.rng(4)) if case.surface else quadrature_tokens(case.density, n)).coordinates
    x, drifts, diffusions = m.embed(u), [], []

    def extrapolated(keys):
        levels = [drift_and_diffusion(AttentionOperator(x, case.pseudo_metric, eps, keys=keys), x, keys.points, eps) for eps in temperatures]
        return [richardson(*pair) for pair in zip(*levels, strict=True)]

    for s in run.progress(range(case.n_point_seeds), label=f"learned_metric, {case.name}: points"):
        drift, diffusion = extrapolated(iid_tokens(case.density, 4 * case.n_tokens, case.rng(5, s)))
        drifts.append(drift)
        diffusions.append(diffusion)
    population = extrapolated(case.quadrature(temperatures[1]))
    # the first of the features are the coordinates
    limits = [limit[:, : m.ambient_dim] for limit in case.limits(u)]
    tensors = tensor(case.learned, u), tensor(m, u)
    found = {"u": u}
    for name, samples, infinite, (right, wrong) in zip(("drift", "diffusion"), (drifts, diffusions), population, (limits, tensors), strict=True):
        half = bonferroni_half_width(np.array(samples)) + np.abs(infinite - right)
        found |= {name: np.mean(samples, axis=0), f"{name}_half": half, f"{name}_limit": right, f"{name}_wrong": wrong}
    return found | curve_limits(case)


def curve_limits(case) -> dict:
    """Drift and diffusion along a curve, right and wrong, for the figure."""
    if case.surface:
        return {}
    m, line = case.density.manifold, np.linspace(0, 2 * np.pi, 241)[:, None]
    drift, wrong = (limit[:, : m.ambient_dim] for limit in case.limits(line))
    return {
        "line": line[:, 0], "line_drift": drift, "line_drift_wrong": wrong,
        "line_diffusion": tensor(case.learned, line), "line_diffusion_wrong": tensor(m, line),
    }  # fmt: skip


def point_checks(case, points) -> list:
    """How many numbers measured at single points miss their limit: none, where the wrong limit misses many."""
    checks = []
    for what, control in (("drift", "p in place of p_theta"), ("diffusion", "g in place of g_theta")):
        right, wrong = (int((np.abs(points[what] - points[f"{what}_{limit}"]) > points[f"{what}_half"] + 1e-12).sum()) for limit in ("limit", "wrong"))
        name = f"{case.name}: missed of {points[what].size} numbers, {what} at {len(points[what])} points"
        checks.append(check_against_measurement(name, 0.0, _count(right), control, _count(wrong)))
    return checks


def bonferroni_half_width(samples) -> np.ndarray:
    """Half-widths of Student intervals over the first axis that hold all together at the confidence of the verdicts."""
    n, numbers = len(samples), samples[0].size
    quantile = stats.t.ppf(1 - (1 - CONFIDENCE) / (2 * numbers), n - 1)
    return quantile * samples.std(axis=0, ddof=1) / np.sqrt(n)


def _count(number):
    return Interval(float(number), float(number), float(number))

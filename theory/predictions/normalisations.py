"""Predictions of the claim `normalisations`."""

from __future__ import annotations

import numpy as np

from theory.claims import normalisations as claim
from theory.crossovers import (
    alpha_clock_and_drift,
    sinkhorn_clock_and_drift,
    window_clock_and_drift,
    window_crossover,
)
from theory.limits import DRIFT_COEFFICIENT
from theory.normalisations import (
    SINKHORN_DRIFT,
    alpha_drift,
    explained_away_rate,
    filter_moments,
    large_k_clock,
    mean_top_k_clock,
    metric_floor,
    ring_clock,
    window_clock,
)
from theory.predictions import Order, Prediction, Value, off_by_tenth
from theory.setting.references import reference_density

DISTINCT = 0.1  # relative, of rivals that a row is asked to reject
DRIFTS = {"no drift": 0.0, "drift 1": 1.0, "drift 2": 2.0}


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The table of drifts and clocks, the k nearest, convolution, and what holds exactly."""
    return (
        drifts(parameters)
        | clocks(parameters)
        | nearest(parameters)
        | convolution()
        | received()
        | between(parameters)
        | {name: Value(0.0, kind="identity") for name in claim.IDENTITIES}
    )


def drift_coefficients(parameters: claim.Parameters) -> dict[str, float]:
    """c in L = Laplacian + c <grad log p, grad> for each normalisation."""
    alphas = {claim.alpha_name(alpha): alpha_drift(alpha) for alpha in parameters.alphas}
    like_softmax = (claim.SOFTMAX, claim.WINDOW, claim.NEAREST, claim.COSINE)
    return (
        {claim.DOUBLE: alpha_drift(1.0), claim.SINKHORN: SINKHORN_DRIFT}
        | alphas
        | dict.fromkeys(like_softmax, DRIFT_COEFFICIENT)
    )


def drift_value(c: float, **others: float) -> Value:
    """A predicted drift with the other drifts as rivals; a full miss of 0 is softmax's 2."""
    rivals = {name: rival for name, rival in DRIFTS.items() if abs(rival - c) > 0.1}
    if abs(c) < 1e-12:
        return Value(0.0, rivals | {"drift 0.2": 0.2} | others, scale=DRIFT_COEFFICIENT)
    return Value(c, off_by_tenth(c) | rivals | others)


def drifts(parameters) -> dict[str, Prediction]:
    """Drift coefficients seen by samples, and on the nodes of the sphere."""
    found = {}
    table = drift_coefficients(parameters)
    for name, c in table.items():
        others = {}
        if name == claim.COSINE:
            # a density without the power D/2 has two thirds of the gradient of its logarithm
            others["density without the power D/2"] = c / (len(claim.TOKENS_COVARIANCE) / 2)
        found[claim.drift_sampled(name)] = drift_value(c, **others)
    for name in parameters.names():
        found[claim.drift_on_nodes(name)] = drift_value(table[name])
    # biases relax by diffusion, a sweep at the pace 2 tau: five sweeps do nothing as tau -> 0
    return found | {claim.STOPPED: drift_value(DRIFT_COEFFICIENT)}


def clocks(parameters) -> dict[str, Prediction]:
    """Clocks in units of what declares them."""
    ball = float(window_clock(1.0, 1))
    values = dict.fromkeys(parameters.names(), 1.0) | {
        claim.RESIDUAL: parameters.share,
        claim.WINDOW: ball,
        claim.COSINE: 0.5,
    }
    limits = {claim.clock(name): Value(v, off_by_tenth(v)) for name, v in values.items()}
    return limits | {claim.RING_LIMIT: Value(ball, off_by_tenth(ball))} | rings()


def rings() -> dict[str, Prediction]:
    """Clocks on equispaced tokens, where every key can be counted."""
    n, steps = claim.RING, claim.RING_STEPS
    large = float(window_clock(2 * np.sin(np.pi * steps / n), 1))
    window, opened = (
        ring_clock(n, 2 * j + 1, claim.WINDOW_TEMPERATURE) for j in (steps, steps - 1)
    )
    k = 2 * steps + 1
    wrong = {"one neighbour fewer": k - 1, "one neighbour more": k + 1}
    nearest = {name: ring_clock(n, other) for name, other in wrong.items()}
    return {
        claim.RING_WINDOW: Value(window, {"open window": opened, "R^2/6": large}, "identity"),
        claim.RING_NEAREST: Value(
            ring_clock(n, k),
            nearest | {"itself not counted": ring_clock(n, k + 1, own=False), "r_k^2/6": large},
            "identity",
        ),
    }


def between(parameters) -> dict[str, Prediction]:
    """Sinkhorn stopped after some sweeps, and softmax inside a window, at finite temperatures."""
    p, eps = parameters.tokens_density(claim.CURVE), claim.BETWEEN_TEMPERATURE
    found, most = {}, max(claim.SWEEPS)
    ends = sinkhorn_clock_and_drift(p, eps, (0, most))[:, 1]
    drifts_of = sinkhorn_clock_and_drift(p, eps, claim.SWEEPS_JUDGED)[:, 1]
    for sweeps, c in zip(claim.SWEEPS_JUDGED, map(float, drifts_of), strict=True):
        wrong = {"softmax": float(ends[0]), f"{most} sweeps": float(ends[1])}
        found[claim.swept(sweeps)] = Value(c, off_by_tenth(c) | distinct(wrong, c), "at size")
    radius, ball = claim.BETWEEN_RADIUS, float(window_clock(1.0, 1))
    for ratio in claim.RATIOS_JUDGED:
        clock = window_clock_and_drift(p, radius, ratio * radius**2)[0] / radius**2
        wrong = distinct({"no score": ball, "no window": ratio}, clock)
        found[claim.windowed(ratio)] = Value(clock, off_by_tenth(clock) | wrong, "at size")
    return found


def distinct(rivals: dict[str, float], value: float) -> dict[str, float]:
    """The rivals that a row is asked to reject."""
    return {name: r for name, r in rivals.items() if abs(r / value - 1) > DISTINCT}


def nearest(parameters) -> dict[str, Prediction]:
    """The Gamma functions of the k nearest, with what curvature and the change of p add."""
    n = claim.NEAREST_TOKENS * parameters.n_tokens
    found = {}
    for d, setting in claim.NEAREST_MANIFOLDS.items():
        p = reference_density(*setting)
        for k in claim.NEIGHBOURS:
            rival = {"law of large k": large_k_clock(p, k, n) * n ** (2 / d)}
            found[claim.nearest_clock(d, k)] = nearest_value(p, k, n, True, rival)
    d, k = claim.UNCOUNTED
    p = reference_density(*claim.NEAREST_MANIFOLDS[d])
    rival = {"itself counted": mean_top_k_clock(p, k, n) * n ** (2 / d)}
    return found | {claim.nearest_clock(d, k, False): nearest_value(p, k, n, False, rival)}


def nearest_value(p, k, n, counted, rivals) -> Value:
    scale = n ** (2 / p.manifold.dim)
    value = mean_top_k_clock(p, k, n, counted) * scale
    if counted:
        rivals = rivals | {"itself not counted": mean_top_k_clock(p, k, n, False) * scale}
    # for larger k the laws agree
    return Value(value, off_by_tenth(value) | distinct(rivals, value), "at size")


def convolution() -> dict[str, Prediction]:
    """Moments of the filter in units of the spacing."""
    first, second = filter_moments(claim.FILTER, 1.0)
    variance = {"half its variance": (second - first**2) / 2}
    return {
        claim.CONVOLUTION_CLOCK: Value(second / 2, off_by_tenth(second / 2) | variance),
        claim.CONVOLUTION_TRANSPORT: Value(first, off_by_tenth(first) | {"no transport": 0.0}),
    }


def received() -> dict[str, Prediction]:
    """Floors of the attention a key receives, and the rate at which softmax falls below them."""

    def rates(x):
        return explained_away_rate(x @ x.T)[:, None]

    def mean_over_queries(x):
        s = x @ x.T
        return (s.max(axis=1, keepdims=True) - s).mean(axis=0)[:, None]

    def one_for_all(x):
        return np.full((len(x), 1), np.median(rates(x)))

    rivals = {"mean over queries": mean_over_queries, "one rate for all keys": one_for_all}
    worst, floor = (n * metric_floor(n) for n in (claim.METRIC_WORST_TOKENS, claim.METRIC_TOKENS))
    largest_first = {"a_jj of the largest in its row: 1": 1.0}
    return {
        claim.WORST_FLOOR: Value(1.0, off_by_tenth(1.0), "identity"),
        claim.METRIC_WORST_FLOOR: Value(worst, off_by_tenth(worst) | largest_first, "identity"),
        claim.METRIC_FLOOR: Value(floor, {"10 % more": 1.1 * floor}, "bound"),
        claim.VANISHING: Order(rates, 1.0, rivals, norm="sup"),
    }


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Clocks of the law of large k, the limits of -T log received (keys,), and the lines between
    two normalisations."""
    n = claim.NEAREST_TOKENS * parameters.n_tokens
    found = {}
    for d, setting in claim.NEAREST_MANIFOLDS.items():
        p = reference_density(*setting)
        laws = [large_k_clock(p, k, n) * n ** (2 / d) for k in claim.NEIGHBOURS]
        found[f"large k, d = {d}"] = np.array(laws)
    x = claim.received_tokens(parameters.seed)
    return found | {"rates": explained_away_rate(x @ x.T)} | lines_between(parameters)


def lines_between(parameters) -> dict[str, np.ndarray]:
    """Drifts over sweeps and over alpha at the claim's temperature; clock over R^2/6 and drift over
    T/R^2, and that clock as R -> 0."""
    p, eps = parameters.tokens_density(claim.CURVE), claim.BETWEEN_TEMPERATURE
    sweeps = np.unique(np.geomspace(1, 2 * max(claim.SWEEPS), 24).round().astype(int))
    alphas = np.linspace(min(claim.BETWEEN_ALPHAS), max(claim.BETWEEN_ALPHAS), 25)
    ratios = np.geomspace(claim.WINDOW_RATIOS[0], claim.WINDOW_RATIOS[-1], 40)
    radius, ball = claim.BETWEEN_RADIUS, float(window_clock(claim.BETWEEN_RADIUS, 1))
    windows = np.array([window_clock_and_drift(p, radius, r * radius**2) for r in ratios])
    return {
        "sweeps": np.array([0, *sweeps]),
        "swept": sinkhorn_clock_and_drift(p, eps, [0, *(int(k) for k in sweeps)])[:, 1],
        "alphas": alphas,
        "alpha": np.array([alpha_clock_and_drift(p, eps, alpha)[1] for alpha in alphas]),
        "alpha_limit": np.array([alpha_drift(alpha) for alpha in alphas]),
        "ratios": ratios,
        "windowed": windows / [ball, 1.0],
        "windowed_limit": window_crossover(ratios),
    }

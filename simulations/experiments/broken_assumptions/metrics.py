"""The claim `broken_assumptions` on an ellipse: a density of the wrong volume, and the dot product, which is no metric there."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, romberg
from simulations.experiments.settings import GAUSSIAN, nodes_for, probe_features
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import check, check_against_measurement
from theory.setting.densities import density
from theory.setting.expressions import compile_array
from theory.failures import ellipse_leader
from theory.limits import generator, temperature_for
from theory.setting.manifolds import ellipse
from theory.setting.pseudo_metrics import dot_product

SEMI_AXES = (2.0, 1.0)
CHART_DENSITY = "exp(cos(t)/2 + sin(t)/4)"  # with respect to dt
N_FEATURES, N_PROBES = 24, 200
VOLUME_CLOCK, SHARPEST = 0.02, 0.4  # largest clock of the study of the volume, largest temperature of the dot product
LAYERS = 60


def volume_study(parameters) -> dict:
    """Errors of (A - I)H/tau on an ellipse against L with the density of dV_g and with that of the chart, (features, levels).

    `plateau` is what the second must tend to, (features,).
    """
    m = ellipse(*SEMI_AXES)
    chart = density(m, CHART_DENSITY)
    tokens_density = density(m, chart.expression / m.volume_expression)
    rng = np.random.default_rng([parameters.seed, 5])
    features, probes = probe_features(m), iid_tokens(tokens_density, N_PROBES, rng)
    mix = rng.standard_normal((len(features), N_FEATURES)) / np.sqrt(len(features))
    right, wrong = (_columns(m, [generator(p, f) for f in features])(probes) @ mix for p in (tokens_density, chart))
    values = _columns(m, features)
    taus, errors = VOLUME_CLOCK / 2.0 ** np.arange(parameters.n_levels), []
    for tau in taus:
        keys = quadrature_tokens(tokens_density, nodes_for(m, tau))
        jump = AttentionOperator(probes, GAUSSIAN, tau, keys=keys) @ values(keys) - values(probes)
        errors.append([_rms(jump @ mix / tau - limit) for limit in (right, wrong)])
    right_errors, wrong_errors = np.array(errors).transpose(1, 2, 0)
    return {"volume_taus": taus, "volume_right": right_errors, "volume_wrong": wrong_errors, "plateau": _rms(right - wrong)}


def dot_study(parameters) -> dict:
    """The dot product on the ellipse: angles t* to which queries t go, (levels, probes); size of (A - I)H/tau, (features, levels).

    Also that size for |x-y|^2, and A^LAYERS x/a over the tokens with cos t > 1/2, (levels,), with its consensus value.
    """
    m, (a, b) = ellipse(*SEMI_AXES), SEMI_AXES
    p = density(m, CHART_DENSITY)
    rng = np.random.default_rng([parameters.seed, 6])
    probes, features = iid_tokens(p, N_PROBES, rng), probe_features(m)
    mix = rng.standard_normal((len(features), N_FEATURES)) / np.sqrt(len(features))
    values = _columns(m, features)
    temperatures = SHARPEST / 2.0 ** np.arange(parameters.n_levels)
    angles, sizes, ends, consensus = [], [], [], []
    for temperature in temperatures:
        # the clock that the dot product has on a sphere of any radius
        tau = temperature / 2
        keys = quadrature_tokens(p, nodes_for(m, tau / 8))
        h = values(keys)
        after = AttentionOperator(probes, dot_product(), temperature, keys=keys) @ h
        metric = AttentionOperator(probes, GAUSSIAN, temperature_for(GAUSSIAN.power_law, 1, tau), keys=keys) @ h
        angles.append(np.arctan2(after[:, 1] / b, after[:, 0] / a))
        sizes.append([_rms((moved - values(probes)) @ mix / tau) for moved in (after, metric)])
        operator = AttentionOperator(keys, dot_product(), temperature)
        power = np.linalg.matrix_power(operator @ np.eye(len(keys)), LAYERS)
        x = keys.points[:, 0] / a
        # well inside the basin of the right end: its edge, at cos t = 0, is as wide as sqrt(T)
        right = np.cos(keys.coordinates[:, 0]) > 0.5
        ends.append(np.average((power @ x)[right], weights=keys.weights[right]))
        consensus.append(operator.stationary_law @ x)
    dot_sizes, metric_sizes = np.array(sizes).transpose(1, 2, 0)
    return {
        "dot_temperatures": temperatures, "queries": probes.coordinates[:, 0], "angles": np.array(angles),
        "leaders": ellipse_leader(probes.coordinates[:, 0], a, b),
        "dot_sizes": dot_sizes, "metric_sizes": metric_sizes, "ends": np.array(ends), "consensus": np.array(consensus),
    }  # fmt: skip


def _columns(m, formulas):
    function = compile_array(m.symbols, [m.expression("features", f) for f in formulas], (len(formulas),))
    return lambda tokens: function(tokens.coordinates)


def _rms(values):
    return np.sqrt((values**2).mean(axis=0))


def _slope(x, y):
    return float(x @ y / (x @ x))


def metric_checks(volume, dot) -> list:
    """The plateau of the wrong volume; the transport, the growth and the two leaders of the dot product."""
    taus, temperatures = volume["volume_taus"], dot["dot_temperatures"]
    plateau = (volume["volume_wrong"] / volume["plateau"][:, None]).mean(axis=0)
    right, stalled = (limit_order(taus, volume[f"volume_{which}"]) for which in ("right", "wrong"))
    # tan t* = s tan t, fitted as sin t* cos t = s cos t* sin t, which never blows up
    t, ratio = dot["queries"], (SEMI_AXES[1] / SEMI_AXES[0]) ** 2
    slopes = [_slope(np.cos(a) * np.sin(t), np.sin(a) * np.cos(t)) for a in dot["angles"]]
    growth, bounded = (limit_order(temperatures, dot[f"{which}_sizes"]) for which in ("dot", "metric"))
    return [
        check(
            "wrong volume: error over 2 |<grad log sqrt(g), grad H>|, tau -> 0", 1.0, romberg(plateau),
            {"theorem: 0": 0.0, "plateau off by 10 %": 1.1},
        ),
        check_against_measurement("right volume: order in tau of the error", 1.0, right, "density of the chart stalls", stalled),
        check(
            "dot product, ellipse: tan t*/tan t of A, T -> 0", ratio, romberg(slopes),
            {"theorem: A H -> H": 1.0, "ratio off by 10 %": 1.1 * ratio, "b/a": np.sqrt(ratio)},
        ),
        check_against_measurement("dot product, ellipse: order in T of |(A - I)H/tau|", -1.0, growth, "|x-y|^2: bounded", bounded),
        check(
            f"dot product, ellipse: A^{LAYERS} x/a where cos t > 1/2, T -> 0", 1.0, romberg(dot["ends"]),
            {"theorem: consensus": float(dot["consensus"][-1]), "off by 10 %": 0.9},
        ),
    ]  # fmt: skip

"""Parts (b) and (c) of the claim `first_order`: attention to all keys, as a transport map at low and as linear attention at high temperature."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, romberg
from simulations.experiments.first_order_settings import Features, asymmetric_score, head, ratio, rms
from simulations.experiments.settings import nodes_for, reference_density, require_closed
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import check, check_against_measurement
from theory.first_order import Transport, high_temperature, sphere_correction, sphere_transport
from theory.setting.scores import bilinear, score

TWO_MINIMA = "y1**2*(1 + x1*y2/2)"  # on the circle: equally deep at the angles pi/2 and 3 pi/2, curvatures 2 (1 +- x1/2)
MOST_LEVELS = 5  # of the general score: finer temperatures need millions of nodes


def transport_study(p, f, u, predicted_at, corrections: dict, temperatures, curvature: float, rng) -> dict:
    """Errors (features, levels) of A H(x) - H(y*) - eps C for each correction C, and without, at queries u (n, d).

    predicted_at: H(y*), (n, c). corrections: by name, (n, c); the first also gives "ratio", (levels,), the measured
    correction over the predicted one. curvature: the largest of F, which fixes the nodes.
    """
    m, features = p.manifold, Features(p.manifold)
    mix, queries = features.mixtures(rng), m.embed(u)
    found = {"ratio": [], "errors_none": []} | {f"errors_{name}": [] for name in corrections}
    for eps in temperatures:
        # the weights are Gaussians of variance eps/F, those of the Gaussian kernel at eps/(2 F)
        keys = quadrature_tokens(p, nodes_for(m, eps / (2 * curvature), 2_000_000))
        rest = AttentionOperator(queries, f.pseudo_metric, eps, keys=keys) @ features(keys.coordinates) - predicted_at
        found["ratio"].append(ratio(rest / eps, next(iter(corrections.values()))))
        found["errors_none"].append(rms(rest, mix))
        for name, c in corrections.items():
            found[f"errors_{name}"].append(rms(rest - eps * c, mix))
    return {name: np.array(v).T for name, v in found.items()} | {"temperatures": np.asarray(temperatures)}


def sphere_study(parameters, n_probes: int = 60) -> dict:
    """The dot product with W_Q != W_K on the unit sphere: y* = W^T x/|W^T x| and its closed-form correction."""
    rng, p = np.random.default_rng([parameters.seed, 2, 0]), reference_density("sphere", parameters.density)
    w, features = head(rng, 3), Features(p.manifold)
    queries = iid_tokens(p, n_probes, rng)
    y, length = sphere_transport(w, queries.points)
    v = np.stack([np.arccos(y[:, 2].clip(-1, 1)), np.arctan2(y[:, 1], y[:, 0]) % (2 * np.pi)], axis=1)
    corrections = {"right": sphere_correction(p, features.formulas, v, length)}
    temperatures = parameters.temperature / 2.0 ** np.arange(parameters.n_levels)
    return transport_study(p, bilinear(w), queries.coordinates, features(v), corrections, temperatures, length.max(), rng)


def general_study(parameters, n_probes: int = 48) -> dict:
    """A score given as a formula, on a manifold where sqrt(det g) varies; the control mixes chart partials with covariant ones."""
    rng, p = np.random.default_rng([parameters.seed, 2, 1]), reference_density(parameters.global_manifold, parameters.density)
    m = require_closed(p.manifold, "first_order")
    f, features = asymmetric_score(parameters.global_score, m, rng), Features(m)
    queries = iid_tokens(p, n_probes, rng).coordinates
    transport = Transport(p, f)
    v = transport.minimisers(queries)
    corrections = {
        "right": transport.correction(queries, v, features.formulas),
        "mixed": transport.correction(queries, v, features.formulas, chart_volume=False),
    }
    curvature = transport.curvature(queries, v)
    # a curvature of 1 and of 4 see the same kernel at temperatures that differ by 4; the widest kernel decides
    temperatures = parameters.temperature * curvature.min() / 2.0 ** np.arange(min(parameters.n_levels, MOST_LEVELS))
    return transport_study(p, f, queries, features(v), corrections, temperatures, curvature.max(), rng)


def two_minima_study(parameters, n_probes: int = 40) -> dict:
    """Two minima of equal depth on the circle: errors (features, levels) of A H - sum_i w_i H(y_i), with and without det(F_i)."""
    rng, p = np.random.default_rng([parameters.seed, 2, 2]), reference_density("circle", parameters.density)
    m, f, features = p.manifold, score(TWO_MINIMA, 2), Features(p.manifold)
    queries, transport = iid_tokens(p, n_probes, rng), Transport(p, score(TWO_MINIMA, 2))
    minima = np.array([transport.minimisers(queries.coordinates, np.full((n_probes, 1), t)) for t in (np.pi / 2, 3 * np.pi / 2)])
    values = np.array([features(v) for v in minima])
    density_only = np.array([p(v) * m.volume(v) for v in minima])
    shares = {"errors": transport.shares(queries.coordinates, minima), "controls": density_only / density_only.sum(axis=0)}
    mix, found = features.mixtures(rng), {name: [] for name in shares}
    temperatures = parameters.temperature / 2.0 ** np.arange(parameters.n_levels)
    for eps in temperatures:
        keys = quadrature_tokens(p, nodes_for(m, eps / 8))
        measured = AttentionOperator(queries, f.pseudo_metric, eps, keys=keys) @ features(keys.coordinates)
        for name, w in shares.items():
            found[name].append(rms(measured - np.einsum("kn,knc->nc", w, values), mix))
    return {name: np.array(v).T for name, v in found.items()} | {"temperatures": temperatures}


def high_temperature_study(parameters, n_tokens: int = 400, n_samples: int = 8) -> dict:
    """Errors (samples, levels) of the expansion in 1/T over the tokens themselves, to order 0, 1, 2, and with the 1/2 left out."""
    p = reference_density("sphere", parameters.density)
    features, temperatures = Features(p.manifold), 4.0 * 2.0 ** np.arange(parameters.n_levels)
    found = {f"order_{k}": np.empty((n_samples, len(temperatures))) for k in (0, 1, 2)} | {"doubled": np.empty((n_samples, len(temperatures)))}
    for s in range(n_samples):
        rng = np.random.default_rng([parameters.seed, 3, s])
        tokens, f = iid_tokens(p, n_tokens, rng), bilinear(head(rng, 3)).pseudo_metric
        h, scores = features(tokens.coordinates), f(tokens.points, tokens.points)
        for level, t in enumerate(temperatures):
            measured = AttentionOperator(tokens, f, t) @ h
            zero, one, two = (high_temperature(scores, h, t, k) for k in (0, 1, 2))
            for name, predicted in (("order_0", zero), ("order_1", one), ("order_2", two), ("doubled", 2 * two - one)):
                found[name][s, level] = np.sqrt(((measured - predicted) ** 2).mean())
    return found | {"temperatures": temperatures}


def transport_checks(name: str, study: dict, control: str) -> list:
    """The measured correction over the predicted one, and the order of what the correction leaves."""
    t, key = study["temperatures"], {"no correction": "errors_none", "chart and covariant mixed": "errors_mixed"}[control]
    right, wrong = limit_order(t, study["errors_right"]), limit_order(t, study[key])
    return [
        check(f"{name}, all keys: correction of the transport map over predicted, eps -> 0", 1.0, romberg(study["ratio"]), {"10 % off": 1.1, "none": 0.0}),
        check_against_measurement(f"{name}, all keys: order in eps beyond the correction", 2.0, right, control, wrong),
    ]


def global_checks(sphere: dict, general_name: str, general: dict, two: dict, hot: dict) -> list:
    """Everything that parts (b) and (c) say."""
    orders, steps = {name: limit_order(1 / hot["temperatures"], hot[name]) for name in ("order_0", "order_1", "order_2", "doubled")}, two["temperatures"]
    return [
        *transport_checks("sphere, dot product", sphere, "no correction"),
        *transport_checks(f"{general_name}, general f", general, "chart and covariant mixed"),
        check_against_measurement(
            "circle, two minima weighted by p det(F)^(-1/2): order in eps", 1.0, limit_order(steps, two["errors"]),
            "weighted by p alone", limit_order(steps, two["controls"]),
        ),
        check_against_measurement("sphere, high T: order in 1/T beyond linear attention", 2.0, orders["order_1"], "plain mean", orders["order_0"]),
        check_against_measurement("sphere, high T: order in 1/T beyond the second term", 3.0, orders["order_2"], "its 1/2 left out", orders["doubled"]),
    ]  # fmt: skip

"""What holds exactly in the claim `entropy_production`: which scores are reversible, e by the scores alone, steps without a way back."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order
from simulations.observables.entropy import (
    entropy_production,
    masked,
    mean_asymmetry,
    one_way_flow,
    stationary_measure,
    transition_matrix,
)
from simulations.experiments.first_order_settings import head
from simulations.experiments.settings import GAUSSIAN, reference_density
from simulations.attention.normalisations import top_k
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import check, check_against_measurement, rounding_interval
from theory.setting.pseudo_metrics import dot_product
from theory.setting.scores import score

# a score with each of its three parts, whose differences f_ji - f_ij are of order one
SYMMETRIC_PART = "(x1 - y1)**2 + sin(x2*y2) + x1*y3 + x3*y1"
QUERY_PART, KEY_PART = "cos(3*x1) + x2*exp(x3)", "2*y1*y2 + sin(4*y3)"
# antisymmetric and of third order in y - x: asymmetric, but without a force
CUBIC = "(x1*y2 - x2*y1)**3*(2 + x1 + y1 + x2*y2) + x1*y2 + x2*y1 + cos(2*y1)"
ROUNDING = 1e-11


def chain(tokens, f, temperature):
    """(P, pi) of softmax attention among tokens."""
    p = transition_matrix(AttentionOperator(tokens, f, temperature))
    return p, stationary_measure(p)


def reversible_study(parameters) -> dict:
    """e of scores that are symmetric but for a part of the query and one of the key, and of others; e by the scores alone."""
    rng, p = np.random.default_rng([parameters.seed, 1]), reference_density("sphere", parameters.density)
    tokens, eps, b = iid_tokens(p, parameters.n_chain, rng), parameters.chain_temperature, head(rng, 3)
    scores = {
        "symmetric": dot_product((b + b.T) / 2),
        "parts": score(f"{SYMMETRIC_PART} + {QUERY_PART} + {KEY_PART}", 3).pseudo_metric,
        "head": dot_product(b),
        "product": score(f"({QUERY_PART})*({KEY_PART})", 3).pseudo_metric,
    }
    found = {}
    for name, f in scores.items():
        matrix, law = chain(tokens, f, eps)
        found[name] = entropy_production(matrix, law)
        if name in ("head", "product"):
            f_ij = f(tokens.points, tokens.points)
            found |= {f"{name}_identity": mean_asymmetry(matrix, law, f_ij, eps), f"{name}_cooler": mean_asymmetry(matrix, law, f_ij, eps / 1.1)}
            # the drop of f along a step, less the drop against the flow, counts each pair twice; the step alone does not
            found[f"{name}_one_way"] = float((law[:, None] * matrix * (np.diag(f_ij)[:, None] - f_ij)).sum() / eps)
    return found


def one_sided_study(parameters, run) -> dict:
    """Chains with steps that have no way back: nearest neighbours, keys ahead on a ring, and a causal mask; softmax beside them."""
    p, flows, finite = reference_density("sphere", parameters.density), [], []
    for s in run.progress(range(parameters.n_seeds), label="entropy_production, top-k"):
        tokens = iid_tokens(p, parameters.n_chain, np.random.default_rng([parameters.seed, 2, s]))
        nearest = transition_matrix(top_k(tokens, parameters.k))
        law = stationary_measure(nearest)
        flows.append(one_way_flow(nearest, law))
        finite.append(entropy_production(nearest, law) < np.inf)
    ring = quadrature_tokens(reference_density("circle", parameters.density), parameters.n_chain)
    softmax, law = chain(ring, GAUSSIAN, parameters.chain_temperature)
    n = len(ring)
    ahead = masked(softmax, (np.arange(n) - np.arange(n)[:, None]) % n <= n // 3)
    ahead_law = stationary_measure(ahead)
    causal = masked(softmax, np.tri(n))
    causal_law = stationary_measure(causal)
    return {
        "top_k": np.array(flows), "top_k_finite": np.array(finite), "softmax": one_way_flow(softmax, law), "softmax_first": law[0],
        "ahead": one_way_flow(ahead, ahead_law), "ahead_leaves": 1 - ahead_law @ np.diag(ahead), "ahead_entropy_finite": entropy_production(ahead, ahead_law) < np.inf,
        "causal_first": causal_law[0], "causal_entropy": entropy_production(causal, causal_law), "causal_elsewhere": one_way_flow(causal, np.full(n, 1 / n)),
    }  # fmt: skip


def cubic_study(parameters) -> dict:
    """e/tau, (densities, levels), of an asymmetric score without a force in windows on the circle, and of the same with one."""
    f = {"cubic": score(CUBIC, 2).pseudo_metric, "rotation": dot_product(np.array([[0.0, 0.5], [-0.5, 0.0]]))}
    counts = 80 * 2 ** np.arange(4)
    # the edge of the window falls half-way between two nodes
    arcs = 7.5 * 2 * np.pi / counts
    rng = np.random.default_rng([parameters.seed, 3])
    densities = [reference_density("circle", "exp({:.3f}*x + {:.3f}*y + {:.3f}*x*y)".format(*(rng.standard_normal(3) / 2))) for _ in range(parameters.n_densities)]
    found = {name: np.empty((len(densities), len(counts))) for name in f}
    for row, p in enumerate(densities):
        for level, (n, arc) in enumerate(zip(counts, arcs, strict=True)):
            for name, g in f.items():
                matrix = transition_matrix(AttentionOperator(quadrature_tokens(p, int(n)), g, parameters.window_temperature, window=2 * np.sin(arc / 2)))
                found[name][row, level] = entropy_production(matrix, stationary_measure(matrix)) / (arc**2 / 6)
    return found | {"radii": arcs}


def chain_checks(reversible: dict, one_sided: dict, cubic: dict) -> list:
    """Everything that holds to rounding, and the order of an asymmetry without a force."""
    asymmetric = {"W_Q != W_K": float(reversible["head"]), "product of a query and a key part": float(reversible["product"])}
    identity = float(reversible["head"] / reversible["head_identity"])
    general = float(reversible["product"] / reversible["product_identity"])
    infinite = float(np.mean((one_sided["top_k"] > 0) & ~one_sided["top_k_finite"]))
    return [
        check("sphere, i.i.d.: e of a symmetric W", 0.0, rounding_interval(reversible["symmetric"], ROUNDING), asymmetric),
        check("sphere, i.i.d.: e of f = symmetric + query-only + key-only", 0.0, rounding_interval(reversible["parts"], ROUNDING), asymmetric),
        check("sphere, i.i.d., W_Q != W_K: e over the mean of (f_ji - f_ij)/eps", 1.0, rounding_interval(identity, 1e-9), {
            "eps 10 % off": float(reversible["head_cooler"] / reversible["head_identity"]), "f_ii - f_ij": float(reversible["head_one_way"] / reversible["head_identity"])}),
        check("sphere, i.i.d., general f: e over the mean of (f_ji - f_ij)/eps", 1.0, rounding_interval(general, 1e-9), {
            "eps 10 % off": float(reversible["product_cooler"] / reversible["product_identity"])}),
        check("sphere, top-k: share of samples with steps that have no way back, so that e is infinite", 1.0, rounding_interval(infinite, 0.0), {"softmax": float(one_sided["softmax"] > 0)}),
        check("circle, keys ahead only: flow without a way back over all that moves", 1.0, rounding_interval(one_sided["ahead"] / one_sided["ahead_leaves"], 1e-11), {
            "softmax": float(one_sided["softmax"]), "half of it": 0.5}),
        check("circle, causal mask: stationary mass of the first token", 1.0, rounding_interval(one_sided["causal_first"], 1e-11), {"softmax": float(one_sided["softmax_first"])}),
        check_against_measurement(
            "circle, window, asymmetric f with a gradient force: order of e/tau in tau", 2.0, _order_in_clock(cubic, "cubic"), "a rotation", _order_in_clock(cubic, "rotation")),
    ]  # fmt: skip


def _order_in_clock(cubic, name):
    # the radii halve and the clock is their square: the order of a root in R is that of the rate in tau
    return limit_order(cubic["radii"], np.sqrt(cubic[name]))

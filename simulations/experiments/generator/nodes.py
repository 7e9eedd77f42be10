"""Clock and drift coefficient of self-attention on quadrature nodes, where N is infinite."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.generator import clock_and_drift, feature_columns
from simulations.statistics.intervals import exact
from simulations.statistics.limits import romberg_within
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from theory.claims import generator as claim
from theory.setting.geometry import generator_terms
from theory.setting.nodes import enough_nodes
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import probe_features

NODES = "N = infinity"
ENGINE = "tolerance of the engine through the fit"
AT_EPS_BOUND = "tolerance of the engine through the fit, move from three quarters of the nodes"


def coefficients_on_nodes(parameters: claim.Parameters, manifold: str, run) -> Measurement:
    """Both coefficients at the largest temperature, and their limits over the levels."""
    p, temperatures = parameters.tokens_density(manifold), parameters.temperatures()

    def study():
        bar = run.progress(temperatures, label=f"generator, {manifold}: nodes")
        levels = [level(p, eps, enough_nodes(p.manifold, eps)) for eps in bar]
        fewer = [3 * n // 4 for n in enough_nodes(p.manifold, temperatures[0])]
        return {"levels": np.array(levels), "fewer": level(p, temperatures[0], fewer)}

    found = run.remember(f"{manifold} nodes", study)
    clocks, drifts, errors = found["levels"].T
    # the drift coefficient is a ratio of two coefficients
    ratios = errors * (1 + abs(drifts)) / clocks
    quantities = {
        claim.drift(manifold, NODES, claim.LIMIT): Number(romberg_within(drifts, ratios, ENGINE)),
        claim.clock(manifold, NODES, claim.LIMIT): Number(romberg_within(clocks, errors, ENGINE)),
    }
    engine = (errors[0], ratios[0])
    names, values = (claim.clock, claim.drift), found["levels"][0]
    for name, value, error, other in zip(names, values, engine, found["fewer"], strict=False):
        interval = exact(value, error + abs(value - other), AT_EPS_BOUND)
        quantities[name(manifold, NODES, claim.AT_EPS)] = Number(interval)
    arrays = {f"{manifold}_node_drifts": drifts, f"{manifold}_node_clocks": clocks}
    return Measurement(quantities, arrays | {"temperatures": temperatures})


def level(p, eps: float, counts) -> tuple[float, float, float]:
    """clock/eps and drift of self-attention on nodes, and the engine's error of the first."""
    tokens = quadrature_tokens(p, counts)
    operator = AttentionOperator(tokens, GAUSSIAN, eps)
    clock, drift = clock_and_drift(operator, p, tokens.coordinates, tokens.weights)
    return clock / eps, drift, fit_error(operator, p, tokens) / eps


def fit_error(operator, p, tokens) -> float:
    """By how much the engine's tolerance can move a coefficient of the least-squares fit.

    A response that errs by at most e in every entry moves the coefficients by at most e times the
    root of its number of columns, over the smallest singular value of the weighted regressors.
    """
    formulas = probe_features(p.manifold)
    terms = generator_terms(p, formulas)(tokens.coordinates)
    root = np.sqrt(tokens.weights)[:, None]
    design = np.stack([(root * term).ravel() for term in terms], axis=1)
    smallest = np.linalg.svd(design, compute_uv=False)[-1]
    largest = np.abs(feature_columns(p.manifold, formulas, tokens.coordinates)).max()
    return float(operator.tolerance * largest * np.sqrt(len(formulas)) / smallest)

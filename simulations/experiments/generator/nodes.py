"""Clock and drift coefficient of self-attention on quadrature nodes, where N is infinite."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.generator import clock_and_drift, feature_columns
from simulations.statistics.intervals import exact
from simulations.statistics.limits import romberg
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from theory.claims import generator as claim
from theory.setting.geometry import generator_terms
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import probe_features

NODES = "N = infinity"


def coefficients_on_nodes(parameters: claim.Parameters, manifold: str, run) -> Measurement:
    """Both coefficients at the largest temperature, and their limits over the levels."""
    p, temperatures = parameters.tokens_density(manifold), parameters.temperatures()

    def level(eps):
        tokens = quadrature_tokens(p, claim.nodes_at(p, eps))
        operator = AttentionOperator(tokens, GAUSSIAN, eps)
        clock, drift = clock_and_drift(operator, p, tokens.coordinates, tokens.weights)
        return clock / eps, drift, fit_error(operator, p, tokens) / eps

    def study():
        label = f"generator, {manifold}: nodes"
        return {"levels": np.array([level(eps) for eps in run.progress(temperatures, label=label)])}

    clocks, drifts, errors = run.remember(f"{manifold} nodes", study)["levels"].T
    why = "tolerance of the engine, through the fit"
    clock = exact(clocks[0], errors[0], why)
    # the drift coefficient is a ratio of two coefficients
    drift = exact(drifts[0], errors[0] * (1 + abs(drifts[0])) / clocks[0], why)
    quantities = {
        claim.drift(manifold, NODES, claim.LIMIT): Number(romberg(drifts)),
        claim.clock(manifold, NODES, claim.LIMIT): Number(romberg(clocks)),
        claim.drift(manifold, NODES, claim.AT_EPS): Number(drift),
        claim.clock(manifold, NODES, claim.AT_EPS): Number(clock),
    }
    arrays = {f"{manifold}_node_drifts": drifts, f"{manifold}_node_clocks": clocks}
    return Measurement(quantities, arrays | {"temperatures": temperatures})


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

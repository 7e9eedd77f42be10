"""Scores |W(x - y)|^2/4 at N = infinity: generator, drift coefficient and diffusion tensor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.engines import TOLERANCE
from simulations.observables.generator import feature_columns
from simulations.observables.pointwise import drift_and_diffusion
from simulations.statistics.fits import fit_coefficients
from simulations.statistics.limits import romberg, romberg_of_rates
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import Tokens, quadrature_tokens
from theory.claims import learned_metric as claim
from theory.claims.learned_metric import Case
from theory.setting.geometry import drift_terms
from theory.setting.manifolds import Manifold
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import PseudoMetric, mahalanobis
from theory.setting.references import probe_features


@dataclass(frozen=True)
class View:
    """Attention on quadrature nodes, looked at in points that are the same at all temperatures.

    rows: those of the operator that belong to `shown`.
    """

    operator: AttentionOperator
    keys: Tokens
    shown: Tokens
    rows: slice

    def jump(self, features) -> np.ndarray:
        """(A - I)H at the points shown, (n, c)."""
        m = self.keys.manifold
        after = self.operator @ feature_columns(m, features, self.keys.coordinates)
        return after[self.rows] - feature_columns(m, features, self.shown.coordinates)


def view(
    case: Case, metric: Manifold, f: PseudoMetric, temperature: float, own: float, narrowest: float
) -> View:
    """On a curve all nodes attend to each other; on a surface a coarse grid attends to nodes.

    own, narrowest: temperatures of the Gaussian kernels in `metric` that are as narrow as this one,
    and as the narrowest of the study. A curve takes the same nodes for all.
    """
    p = case.density
    if case.surface:
        shown = quadrature_tokens(p, claim.SURFACE_POINTS)
        keys = quadrature_tokens(p, nodes_for(metric, own))
        return View(AttentionOperator(shown, f, temperature, keys=keys), keys, shown, slice(None))
    every = case.spacing(metric, narrowest)
    tokens, rows = quadrature_tokens(p, every * claim.CURVE_POINTS), slice(None, None, every)
    weights = tokens.weights[rows] / tokens.weights[rows].sum()
    shown = Tokens(tokens.manifold, tokens.coordinates[rows], tokens.points[rows], weights)
    return View(AttentionOperator(tokens, f, temperature), tokens, shown, rows)


def learned_view(case: Case, temperature: float) -> View:
    """Attention with the learned metric."""
    f = mahalanobis(case.matrix)
    return view(case, case.learned, f, temperature, temperature, case.narrowest)


def nodes_study(case: Case) -> dict:
    """At each temperature, and last at that of the samples: `rates` (levels, n, c), the carre du
    champ `tensors` (levels, n, D (D + 1)/2), and `fits`, see `fitted`."""
    features, terms = probe_features(case.density.manifold), regressors(case)
    above = np.triu_indices(case.density.manifold.ambient_dim)
    rates, tensors, fits = [], [], []
    for eps in (*case.temperatures(), case.sample_temperature):
        seen = learned_view(case, eps)
        rates.append(seen.jump(features) / eps)
        operator = seen.operator
        squares = drift_and_diffusion(operator, operator.queries, operator.keys, eps)[1]
        tensors.append(squares[seen.rows][:, above[0], above[1]])
        fits.append(fitted(rates[-1], terms(seen.shown.coordinates), seen.shown.weights))
    found = {"rates": rates[:-1], "tensors": tensors[:-1], "fits": fits[:-1]}
    shown = {"coordinates": seen.shown.coordinates, "weights": seen.shown.weights}
    return {key: np.array(value) for key, value in found.items()} | {"at_samples": fits[-1]} | shown


def regressors(case: Case):
    """u -> [Laplacian H, <grad log p_theta, grad H>, <grad log p, grad H>], each (n, c).

    In the learned metric, for the probe features.
    """
    return drift_terms(case.p_theta, [case.log_gradient], probe_features(case.learned))


def fitted(rates, terms, weights=None) -> np.ndarray:
    """(clock/eps, drift coefficient, drift coefficient on p in place of p_theta).

    Least squares of (A - I)H/eps on the Laplacian and a drift; NaN for a p that is uniform, or one
    that is p_theta.
    """
    laplace, learned, plain = terms
    clock, drift = fit_coefficients(rates, (laplace, learned), weights)
    if not np.any(plain):
        return np.array([clock, drift / clock, np.nan])
    wrong_clock, wrong = fit_coefficients(rates, (laplace, plain), weights)
    return np.array([clock, drift / clock, wrong / wrong_clock])


def on_nodes(case: Case, found: dict) -> Measurement:
    """The drift coefficient at eps -> 0, and the generator and the tensor as fields."""
    steps, place, weights = case.temperatures(), found["coordinates"], found["weights"]
    _, drift, wrong = found["fits"].T
    methods = {"p in place of p_theta": romberg(wrong)} if np.isfinite(wrong).all() else {}
    quantities = {
        claim.drift(case.name): Number(romberg_of_rates(drift, steps, TOLERANCE), methods),
        claim.generator(case.name): deterministic_field(found["rates"], place, steps, weights),
        claim.diffusion(case.name): deterministic_field(found["tensors"], place, steps, weights),
    }
    return Measurement(quantities, {f"{case.name}_fits": found["fits"]})

"""Predictions of the claim `learned_metric`."""

from __future__ import annotations

import numpy as np

from theory.claims import learned_metric as claim
from theory.claims.learned_metric import Case
from theory.learned_metric import (
    CUBIC_COEFFICIENT,
    cubic_term,
    diffusion_tensor,
    key_weighted_cubic,
)
from theory.limits import DRIFT_COEFFICIENT, generator
from theory.predictions import Member, Order, Prediction, Value, off_by_tenth
from theory.setting.densities import Density
from theory.setting.expressions import compile_array
from theory.setting.geometry import gradient_product, laplacian
from theory.setting.manifolds import Manifold
from theory.setting.metrics import pulled_back, relative_density
from theory.setting.references import probe_features


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Drift 2 with p_theta and the clock eps on every manifold, the tensor, the cubic term."""
    found: dict[str, Prediction] = {}
    for case in parameters.cases():
        found |= coefficients(case) | fields(case)
        if case.square:
            found |= cubic_terms(case)
    return found


def coefficients(case: Case) -> dict[str, Prediction]:
    """Drift coefficient and clock, seen by i.i.d. tokens and at N = infinity."""
    drift = Value(DRIFT_COEFFICIENT, off_by_tenth(DRIFT_COEFFICIENT, **{"no drift": 0.0}))
    clock = Value(1.0, off_by_tenth(1.0))
    return {
        claim.sampled_drift(case.name): drift,
        claim.sampled_clock(case.name): clock,
        claim.drift(case.name): drift,
    }


def fields(case: Case) -> dict[str, Prediction]:
    """L H and the diffusion tensor, each with the metrics and densities that are not learned."""
    m, learned, p = case.density.manifold, case.learned, case.density
    rivals = {
        "p, not p_theta": with_density(learned, p),
        "g, not g_theta": limit(p),
        "drift 1": limit(case.p_theta, DRIFT_COEFFICIENT / 2),
    }
    tensors = {"g, not g_theta": tensor(m)}
    if case.square:
        turned = pulled_back(m, case.matrix.T)
        rivals["transposed W"] = limit(relative_density(p, turned))
        tensors["transposed W"] = tensor(turned)
    return {
        claim.generator(case.name): Order(limit(case.p_theta), 1.0, rivals),
        claim.diffusion(case.name): Order(tensor(learned), 1.0, tensors),
    }


def cubic_terms(case: Case) -> dict[str, Prediction]:
    """The coefficient of the cubic term, which a symmetric score does not have."""
    c = CUBIC_COEFFICIENT
    values = {
        claim.KEY_WEIGHTED: Value(c, off_by_tenth(c, **{"left out": 0.0})),
        claim.SYMMETRIC: Value(0.0, {"a tenth of the asymmetric one": c / 10}, scale=abs(c)),
    }
    family = cubic_family(case)
    return {
        claim.cubic_field(case.name, which): Member(
            family, (0.0,), {claim.cubic(case.name, which): value}
        )
        for which, value in values.items()
    }


def cubic_family(case: Case):
    """(c,), u -> L H with the metric G = w g and its density, and c times the cubic term."""
    m, weighted = case.density.manifold, case.weighted()
    features, weight = probe_features(m), claim.WEIGHT.format("x")
    cubic = key_weighted_cubic(m, weight)
    skew = compiled(m, [cubic_term(weighted, cubic, h) for h in features])
    symmetric = limit(relative_density(case.density, weighted))
    return lambda c, u: symmetric(u) + c[0] * skew(u)


def limit(p: Density, drift: float = DRIFT_COEFFICIENT):
    """u -> L H of the probe features in the metric of p's manifold, (n, c)."""
    return compiled(p.manifold, [generator(p, h, drift) for h in probe_features(p.manifold)])


def with_density(learned: Manifold, p: Density):
    """u -> L H in the learned metric, with the drift up log p in place of log p_theta."""

    def term(h):
        return laplacian(learned, h) + DRIFT_COEFFICIENT * gradient_product(
            learned, p.log_expression, h
        )

    return compiled(learned, [term(h) for h in probe_features(learned)])


def tensor(m: Manifold):
    """u -> the entries of J g^-1 J^T on and above the diagonal, (n, D (D + 1)/2)."""
    entries = diffusion_tensor(m)
    above = zip(*np.triu_indices(m.ambient_dim), strict=True)
    return compiled(m, [entries[i, j] for i, j in above])


def compiled(m: Manifold, expressions):
    return compile_array(m.symbols, expressions, (len(expressions),))


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Drift L x and diffusion tensor along each curve, and those of p and of g, for the figure."""
    found = {}
    for case in parameters.cases():
        if case.surface:
            continue
        m, axis = case.density.manifold, case.learned.axes[0]
        line = np.linspace(axis.low, axis.high, 241)[:, None]
        coordinates = slice(m.ambient_dim)
        found |= {
            f"{case.name}_line": line[:, 0],
            f"{case.name}_drift": limit(case.p_theta)(line)[:, coordinates],
            f"{case.name}_drift_rival": with_density(case.learned, case.density)(line)[
                :, coordinates
            ],
            f"{case.name}_diffusion": tensor(case.learned)(line),
            f"{case.name}_diffusion_rival": tensor(m)(line),
        }
    return found

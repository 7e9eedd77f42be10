"""Predictions of the claim `learned_metric`."""

from __future__ import annotations

from functools import cache

import numpy as np

from theory.claims import learned_metric as claim
from theory.claims.learned_metric import Case
from theory.learned_metric import (
    CUBIC_COEFFICIENT,
    cubic_term,
    diffusion_tensor,
    key_weighted_cubic,
)
from theory.limits import DRIFT_COEFFICIENT, limit_of
from theory.predictions import Member, Order, Prediction, Value, off_by_tenth, target_off_by_tenth
from theory.setting.densities import Density
from theory.setting.expressions import compile_columns
from theory.setting.geometry import drift_terms
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
    rivals = {
        "p, not p_theta": with_density(case),
        "g, not g_theta": limit(case.density),
        "drift 1": limit(case.p_theta, DRIFT_COEFFICIENT / 2),
    }
    tensors = {"g, not g_theta": tensor(case.density.manifold)}
    if case.square:
        turned = pulled_back(case.density.manifold, case.matrix.T)
        rivals["transposed W"] = limit(relative_density(case.density, turned))
        tensors["transposed W"] = tensor(turned)
    right, diffusion = limit(case.p_theta), tensor(case.learned)
    return {
        claim.generator(case.name): Order(right, 1.0, target_off_by_tenth(right, **rivals)),
        claim.diffusion(case.name): Order(
            diffusion, 1.0, target_off_by_tenth(diffusion, **tensors)
        ),
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
    features, cubic = probe_features(m), key_weighted_cubic(m, claim.WEIGHT.format("x"))
    skew = compile_columns(m.symbols, [cubic_term(weighted, cubic, h) for h in features])
    symmetric = limit(relative_density(case.density, weighted))
    return lambda c, u: symmetric(u) + c[0] * skew(u)


def limit(p: Density, drift: float = DRIFT_COEFFICIENT):
    """u -> L H of the probe features in the metric of p's manifold, (n, c)."""
    return limit_of(p, probe_features(p.manifold), drift)


def with_density(case: Case):
    """u -> L H in the learned metric, with the drift up log p in place of log p_theta."""
    terms = _learned_terms(case)

    def generated(u):
        laplace, _, product = terms(u)
        return laplace + DRIFT_COEFFICIENT * product

    return generated


@cache
def _learned_terms(case):
    return drift_terms(case.p_theta, [case.log_gradient], probe_features(case.learned))


def tensor(m: Manifold):
    """u -> the entries of J g^-1 J^T on and above the diagonal, (n, D (D + 1)/2)."""
    entries = diffusion_tensor(m)
    above = zip(*np.triu_indices(m.ambient_dim), strict=True)
    return compile_columns(m.symbols, [entries[i, j] for i, j in above])


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """L H at the points that are looked at; along each curve L x and the diffusion tensor.

    Each with its rival: p in place of p_theta, g in place of g_theta.
    """
    found = {}
    for case in parameters.cases():
        right, wrong = limit(case.p_theta), with_density(case)
        name, shown = case.name, case.shown()
        found |= {f"{name}_limit": right(shown), f"{name}_limit_rival": wrong(shown)}
        if case.surface:
            found |= glyphs(case)
            continue
        m, axis = case.density.manifold, case.learned.axes[0]
        line = np.linspace(axis.low, axis.high, 241)[:, None]
        coordinates = slice(m.ambient_dim)
        found |= {
            f"{name}_line": line[:, 0],
            f"{name}_drift": right(line)[:, coordinates],
            f"{name}_drift_rival": wrong(line)[:, coordinates],
            f"{name}_diffusion": tensor(case.learned)(line),
            f"{name}_diffusion_rival": tensor(m)(line),
        }
    return found


def glyphs(case: Case) -> dict[str, np.ndarray]:
    """The diffusion tensor of a surface at single points, and along a line of some of them."""
    place, axis = case.glyphs(), case.learned.axes[0]
    line = np.repeat(place[case.glyph_row()][:1], 121, axis=0)
    line[:, 0] = np.linspace(axis.low, axis.low + axis.length, len(line))
    metrics = {"": case.learned, "_rival": case.density.manifold}
    found = {f"{case.name}_glyphs{end}": tensor(m)(place) for end, m in metrics.items()}
    found |= {f"{case.name}_glyph_row{end}": tensor(m)(line) for end, m in metrics.items()}
    return found | {f"{case.name}_glyph_line": line[:, 0]}

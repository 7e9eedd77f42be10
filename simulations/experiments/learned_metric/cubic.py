"""The claim `learned_metric` without symmetry: the cubic term of a score weighted by its key."""

from __future__ import annotations

import math

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import romberg
from simulations.experiments.settings import nodes_for
from simulations.observables import fit_coefficients
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import check
from theory.setting.expressions import compile_array
from theory.learned_metric import CUBIC_COEFFICIENT, cubic_term, key_weighted_cubic, relative_density, with_metric
from theory.limits import generator
from theory.setting.pseudo_metrics import user_function

KEY_WEIGHT = "exp(0.3*x1 + 0.2*x2)"


def weighted_by_the_key(x, y):
    """w(y) |x - y|^2: symmetric only to leading order."""
    square = 0.0
    for k in range(x.size):
        square += (x[k] - y[k]) ** 2
    return square * math.exp(0.3 * y[0] + 0.2 * y[1])


def weighted_by_both(x, y):
    """sqrt(w(x) w(y)) |x - y|^2: symmetric, with the same G."""
    square = 0.0
    for k in range(x.size):
        square += (x[k] - y[k]) ** 2
    return square * math.exp(0.15 * (x[0] + y[0]) + 0.1 * (x[1] + y[1]))


def cubic_study(case, n_probes: int = 150) -> dict:
    """Coefficient of <G^-1 : C_a, grad H>_G for f = w(y) |x-y|^2, and for its symmetric counterpart, (levels,); tau = eps/4."""
    m = case.density.manifold
    weighted = with_metric(m, m.expression("weight", KEY_WEIGHT) * m.metric_expression)
    p_weighted, cubic = relative_density(case.density, weighted), key_weighted_cubic(m, KEY_WEIGHT)
    symmetric = compile_array(m.symbols, [generator(p_weighted, h) for h in case.features], (len(case.features),))
    skew = compile_array(m.symbols, [cubic_term(weighted, cubic, h) for h in case.features], (len(case.features),))
    probes = iid_tokens(case.density, n_probes, case.rng(6))
    u, h, found = probes.coordinates, case.evaluate(probes.coordinates), {"cubic": [], "cubic_symmetric": []}
    for tau in case.temperatures:
        keys = quadrature_tokens(case.density, nodes_for(weighted, tau))
        values = case.evaluate(keys.coordinates)
        for name, function in zip(found, (weighted_by_the_key, weighted_by_both), strict=True):
            operator = AttentionOperator(probes, user_function(function, function.__doc__), 4 * tau, keys=keys)
            rest = (operator @ values - h) / tau - symmetric(u)
            found[name].append(fit_coefficients(rest, [skew(u)])[0])
    return {name: np.array(value) for name, value in found.items()}


def cubic_checks(case, cubic) -> list:
    """The cubic term of a score without symmetry, and its absence from a symmetric score that is no metric."""
    right, none = romberg(cubic["cubic"]), romberg(cubic["cubic_symmetric"])
    c = CUBIC_COEFFICIENT
    name = f"{case.name}: coefficient of G^-1 : C_a"
    return [
        check(f"{name}, f = w(y)|x-y|^2", c, right, {"off by 10 %": 1.1 * c, "left out": 0.0}),
        check(f"{name}, symmetric f", 0.0, none, {"a tenth of the asymmetric one": c / 10}),
    ]

"""The claim `learned_metric` at N = infinity: order of the bias and the whole diffusion tensor."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, romberg
from simulations.observables.pointwise import drift_and_diffusion
from simulations.tokens.sampling import iid_tokens
from simulations.verdict import check, check_against_measurement
from theory.setting.expressions import compile_array
from theory.learned_metric import diffusion_tensor


def bias_study(case, run, n_probes: int = 150, n_features: int = 24) -> dict:
    """L2 errors (features, levels) against L with p_theta and with p; slopes of the diffusion tensor."""
    probes = iid_tokens(case.density, n_probes, case.rng(1))
    u, h = probes.coordinates, case.evaluate(probes.coordinates)
    mix = case.rng(2).standard_normal((h.shape[1], n_features)) / np.sqrt(h.shape[1])
    limits = case.limits(u)
    diffusion, errors, slopes = tensor(case.learned, u), ([], []), []
    for eps in case.temperatures:
        keys = case.quadrature(eps)
        operator = AttentionOperator(probes, case.pseudo_metric, eps, keys=keys)
        measured = (operator @ case.evaluate(keys.coordinates) - h) / eps
        squares = drift_and_diffusion(operator, probes.points, keys.points, eps)[1]
        for k in (0, 1):
            errors[k].append(np.sqrt((((measured - limits[k]) @ mix) ** 2).mean(axis=0)))
        slopes.append((squares * diffusion).sum() / (diffusion**2).sum())
    return {"errors": np.array(errors[0]).T, "controls": np.array(errors[1]).T, "slopes": np.array(slopes)}


def tensor(manifold, u) -> np.ndarray:
    """J g^-1 J^T at chart points u, (n, D, D)."""
    d = manifold.ambient_dim
    return compile_array(manifold.symbols, list(diffusion_tensor(manifold)), (d, d))(u)


def bias_checks(case, bias) -> list:
    """Order of the bias with p_theta, where p stalls; the size of the diffusion tensor."""
    order, stalled = limit_order(case.temperatures, bias["errors"]), limit_order(case.temperatures, bias["controls"])
    return [
        check_against_measurement(f"{case.name}: order of the bias in tau", 1.0, order, "p in place of p_theta stalls", stalled),
        check(f"{case.name}: diffusion tensor over J g_theta^-1 J^T, eps -> 0", 1.0, romberg(bias["slopes"]), {"off by 10 %": 1.1}),
    ]

"""d = 2: how much of the motion (A - I)X is no multiple w(x) of Laplacian X, whatever w."""

from __future__ import annotations

import numpy as np

from simulations.experiments.conformal_metric.generator import attention_step
from simulations.statistics.jackknife import halves
from simulations.statistics.limits import romberg, seen_by_samples
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import conformal_metric as claim
from theory.setting.expressions import compile_array
from theory.setting.geometry import laplacian
from theory.setting.nodes import sparse_nodes


def surface_study(case: claim.Case, parameters: claim.Parameters, run) -> Measurement:
    """The share out of reach and the best factor on nodes, and the share that samples see."""
    p, m, temperatures = case.density, case.manifold, parameters.temperatures()
    u, mass = case.probes()
    points, plain = m.embed(u), plain_motion(case, u)

    def motion(keys, eps):
        return attention_step(case, points, u, keys, eps)

    def on_nodes():
        shares, factors = [], []
        for eps in run.progress(temperatures, label=f"conformal_metric: {case.name}"):
            moved = motion(quadrature_tokens(p, sparse_nodes(m, eps)), eps)
            shares.append(out_of_reach(moved, moved, plain, mass))
            factors.append(best_factor(moved, plain, mass))
        return {"shares": np.array(shares), "factors": np.array(factors)}

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 2, s])
        pair = halves(iid_tokens(p, parameters.n_tokens, rng))
        moved = (motion(half, temperatures[-1]) for half in pair)
        return out_of_reach(*moved, plain, mass)

    def of_samples():
        return {"shares": run.over_seeds(sample, parameters.n_seeds, f"{case.name}: samples")}

    nodes = run.remember(f"{case.name} nodes", on_nodes)
    sampled = run.remember(f"{case.name} samples", of_samples)["shares"]
    seen = seen_by_samples(nodes["shares"], sampled - nodes["shares"][-1])
    quantities = {
        claim.share(case.name): Number(romberg(nodes["shares"])),
        claim.share_sampled(case.name): Number(seen),
        claim.factor(case.name): Number(romberg(nodes["factors"])),
    }
    return Measurement(quantities, {f"{case.name} shares": nodes["shares"]})


def plain_motion(case: claim.Case, u) -> np.ndarray:
    """Laplacian X at chart points u, (n, D): all that a metric and a heat capacity can multiply."""
    m = case.manifold
    formulas = [laplacian(m, x) for x in case.features]
    return compile_array(m.symbols, formulas, (m.ambient_dim,))(u)


def out_of_reach(first, second, plain, mass) -> float:
    """min over functions w of |R - w P|^2/|R|^2 in the mean over `mass` (n,), R and P of (n, D).

    R^2 is the product of two independent measurements of R, so that their noise drops out; for one
    without noise give it twice. The best w(x) is the projection of R(x) on P(x).
    """
    squares = (first * second).sum(axis=1)
    along = (first * plain).sum(axis=1) * (second * plain).sum(axis=1) / (plain**2).sum(axis=1)
    return float(mass @ (squares - along) / (mass @ squares))


def best_factor(motion, plain, mass) -> float:
    """The mean of the best w, weighted by |P|^2."""
    return float(mass @ (motion * plain).sum(axis=1) / (mass @ (plain**2).sum(axis=1)))

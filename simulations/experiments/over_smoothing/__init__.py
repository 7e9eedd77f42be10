"""Over-smoothing: the depth at which the features of all tokens are equal, for three kinds of layer (claim `spectrum`)."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.settings import GAUSSIAN, nodes_for
from simulations.experiments.spectrum_checks import identity, worst_limit
from simulations.tokens.sampling import quadrature_tokens, stratified_tokens
from simulations.observables.spectrum import collapse, explicit
from simulations.verdict import check, mean_interval, widened
from theory.setting.densities import density
from theory.exact import collapse_depth, curve_spectrum, fourier_basis, sphere_eigenvalues
from theory.setting.manifolds import manifold
from theory.setting.quadrature import chart_quadrature

RESIDUAL = 0.5
HEADS = (0.5, 1.0, 3.0)
FACTOR = 1e-6
LAYERS = ("one head", "residual", "three heads")


def layer(tokens, eps: float, kind: str):
    """One layer as a function of features: one head, a residual connection, or the mean of three heads."""
    if kind == "three heads":
        heads = [explicit(AttentionOperator(tokens, GAUSSIAN, factor * eps)) for factor in HEADS]
        return lambda h: sum(head @ h for head in heads) / len(heads)
    operator = explicit(AttentionOperator(tokens, GAUSSIAN, eps))
    step = RESIDUAL if kind == "residual" else 1.0
    return lambda h: (1 - step) * h + step * (operator @ h)


def layer_value(kind: str, of_temperature, eps: float):
    """What a layer makes of a number that a head of each temperature has: mixed with 1 - step, averaged over heads."""
    if kind == "three heads":
        return np.mean([of_temperature(factor * eps) for factor in HEADS])
    step = RESIDUAL if kind == "residual" else 1.0
    return 1 - step + step * of_temperature(eps)


def depth_study(parameters, run) -> dict:
    """Depth to a spread of FACTOR on the uniform sphere for each kind of layer: on nodes, on samples, and predicted."""
    eps, n, p = 4 * parameters.temperature, parameters.n_depth_tokens, density(manifold("sphere"))

    def mu_1(temperature):
        return sphere_eigenvalues(2, 1.0, 2 * temperature, 2)[1]

    decay = [layer_value(kind, mu_1, eps) for kind in LAYERS]
    nodes = quadrature_tokens(p, nodes_for(p.manifold, min(HEADS) * eps))
    on_nodes, curves = zip(
        *(collapse(layer(nodes, eps, kind), nodes.points, nodes.weights, FACTOR) for kind in LAYERS), strict=True
    )
    samples, first = [], None
    for s in run.progress(range(parameters.n_seeds), label="spectrum: depth of collapse"):
        depths = sample_depths(stratified_tokens(p, n, np.random.default_rng([parameters.seed, 3, s])), eps)
        samples.append([d for d, _ in depths])
        first = first or [curve for _, curve in depths]
    out = {"depth_predicted": np.array([collapse_depth(d, FACTOR) for d in decay]), "depth_decay": np.array(decay)}
    for k in range(len(LAYERS)):
        out |= {f"spread_nodes_{k}": curves[k], f"spread_sample_{k}": first[k]}
    slowing = layer_slowing(n, eps)
    return out | {"depth_nodes": np.array(on_nodes), "depth_samples": np.array(samples), "depth_slowing": slowing}


def layer_slowing(n, eps) -> np.ndarray:
    """Twice the inverse number of effective neighbours of the sharpest head, 1/(N eps): what a sample may be slowed by."""
    return np.array([2 / (n * eps * (min(HEADS) if kind == "three heads" else 1.0)) for kind in LAYERS])


def sample_depths(tokens, eps) -> list:
    """(depth, spreads) for each kind of layer, H the coordinate functions."""
    weights = np.full(len(tokens), 1 / len(tokens))
    return [collapse(layer(tokens, eps, kind), tokens.points, weights, FACTOR) for kind in LAYERS]


def layer_limits(parameters, temperatures) -> dict:
    """depth * tau * lambda_1/log(sqrt(share)/factor) for each kind of layer, (levels, layers), with a density that is not uniform."""
    p = density(manifold("circle"), parameters.density)
    eigenvalues, vectors = curve_spectrum(p, 3)
    formula = p.manifold.function(p.manifold.embedding[0])
    share = mode_share(p, formula, vectors[:, np.isclose(eigenvalues, eigenvalues[1], rtol=1e-9)])
    ratios = []
    for eps in temperatures:
        tokens = quadrature_tokens(p, nodes_for(p.manifold, min(HEADS) * eps))
        h = formula(tokens.coordinates)[:, None]
        square = tokens.weights * p(tokens.coordinates)
        square /= square.sum()
        for kind in LAYERS:
            # tau of a layer: its heads' mean, times the step of a residual connection
            tau = 1 - layer_value(kind, lambda e: 1 - e, eps)
            depth = collapse(layer(tokens, eps, kind), h, square, FACTOR)[0]
            ratios.append(depth / collapse_depth(np.exp(-eigenvalues[1] * tau), FACTOR, share))
    return {"layer_ratios": np.reshape(ratios, (len(temperatures), len(LAYERS)))}


def mode_share(p, function, vectors) -> float:
    """Part of the variance of H in L^2(p^2 dV) that eigenfunctions with these Fourier coefficients hold."""
    modes = len(vectors) // 2
    u, volume = chart_quadrature(p.manifold, 8 * modes)
    weight, h = volume * p(u) ** 2, function(u)
    variance = weight @ (h - weight @ h / weight.sum()) ** 2
    return float((((weight * h) @ fourier_basis(p.manifold, u, modes)[0] @ vectors) ** 2).sum() / variance)


def depth_checks(depth, layers) -> list:
    """Depth of collapse over predicted: on samples, on nodes, and as eps -> 0."""
    predicted = depth["depth_predicted"]
    checks = []
    wrong = {"one head": 1.1, "residual": RESIDUAL, "three heads": float(predicted[0] / predicted[2])}
    names = {"one head": "lambda_1 off by 10 %", "residual": "residual ignored", "three heads": "heads ignored"}
    for k, kind in enumerate(LAYERS):
        interval = widened(mean_interval(depth["depth_samples"][:, k] / predicted[k]), depth["depth_slowing"][k])
        checks.append(
            check(
                f"sphere, {kind}: depth of collapse over predicted",
                1.0,
                interval,
                {names[kind]: wrong[kind]},
            )
        )
    deviation = float(np.abs(depth["depth_nodes"] / predicted - 1).max())
    checks.append(
        identity(
            "sphere, nodes: |depth/predicted - 1|, worst layer",
            deviation,
            "lambda_1 off by 10 %",
            0.1,
        )
    )
    checks.append(
        check(
            "circle, any p: depth over predicted by lambda_1, eps -> 0, worst layer",
            1.0,
            worst_limit(layers["layer_ratios"]),
            {"lambda_1 off by 10 %": 1.1},
        )
    )
    return checks

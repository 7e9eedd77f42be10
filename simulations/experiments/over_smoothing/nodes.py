"""Depth of collapse on quadrature nodes, where N is infinite."""

from __future__ import annotations

import functools
import operator

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import residual
from simulations.observables.collapse import collapse
from simulations.observables.spectrum import explicit
from simulations.statistics.intervals import exact, rounding_of_sums
from simulations.store.quantities import Number
from simulations.tokens import quadrature_tokens
from theory.claims import over_smoothing as claim
from theory.setting.densities import density
from theory.setting.geometry import values_of
from theory.setting.manifolds import manifold
from theory.setting.nodes import nodes_for, sparse_nodes
from theory.setting.pseudo_metrics import GAUSSIAN


def layer_operator(tokens, temperature: float, layer: str):
    """One layer: the mean of its heads, and a residual connection where it has one."""
    heads, share = claim.LAYERS[layer]
    operators = [AttentionOperator(tokens, GAUSSIAN, factor * temperature) for factor in heads]
    mean = functools.reduce(operator.add, operators) * (1 / len(heads))
    return explicit(mean if share == 1 else residual(mean, share))


def sharpest(layer: str) -> float:
    """The smallest temperature of the heads of a layer, over eps."""
    return min(claim.LAYERS[layer][0])


def depth_on_nodes(p, features, temperature: float, layer: str, factor: float, count) -> float:
    """Depth of collapse of features (formulas); count: how many nodes a temperature needs."""
    tokens = quadrature_tokens(p, count(p.manifold, sharpest(layer) * temperature))
    h = values_of(p.manifold, features, tokens.coordinates)
    return collapse(layer_operator(tokens, temperature, layer), h, tokens.weights, factor)[0]


def depths_on_nodes(parameters: claim.Parameters, run) -> dict:
    """Depth times eps for each temperature and kind of layer, (levels, layers).

    On the uniform sphere the features are the coordinates; on the circle the first of them.
    """
    sphere, curve = density(manifold("sphere")), parameters.curve_density()
    # nodes with an error of 1e-9 do: the extrapolation asks for no more
    settings = {
        "sphere": (sphere, sphere.manifold.embedding, sparse_nodes),
        "circle": (curve, curve.manifold.embedding[:1], nodes_for),
    }
    found = {name: [] for name in settings}
    for eps in run.progress(parameters.temperatures(), label="over_smoothing: nodes"):
        for name, (p, features, count) in settings.items():
            depths = [
                depth_on_nodes(p, features, eps, layer, parameters.factor, count)
                for layer in claim.LAYERS
            ]
            found[name].append(eps * np.array(depths))
    return {name: np.array(levels) for name, levels in found.items()}


def depths_at_temperature(parameters: claim.Parameters) -> dict[str, Number]:
    """Depths on the uniform sphere at the temperature of the samples, known to rounding."""
    p, eps, numbers = density(manifold("sphere")), parameters.temperature, {}
    for layer in claim.LAYERS:
        depth = depth_on_nodes(p, p.manifold.embedding, eps, layer, parameters.factor, nodes_for)
        n = np.prod(nodes_for(p.manifold, sharpest(layer) * eps))
        # each layer errs by the rounding of its sums; in layers: over the logarithm of its decay
        bound = rounding_of_sums(int(n)) * depth**2 / np.log(1 / parameters.factor)
        why = f"rounding of sums of {n} terms in each layer"
        numbers[claim.at_temperature(layer)] = Number(exact(depth, float(bound), why))
    return numbers

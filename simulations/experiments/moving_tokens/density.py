"""The claim `moving_tokens`: the density that moving tokens carry along, from the change of their volume element."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import romberg
from simulations.dynamics.evolve import evolve_tokens
from simulations.experiments.settings import GAUSSIAN, nodes_for, reference_density
from simulations.observables import fit_coefficients
from simulations.tokens.sampling import quadrature_tokens
from simulations.verdict import check
from simulations.observables.volume import fourier_derivative, volume_element
from theory.limits import clock
from theory.moving_tokens import density_terms
from theory.setting.quadrature import chart_quadrature

MARKS = {1: (151,), 2: (61, 41)}  # odd numbers of marked tokens per axis
FLAT_NODES = 401


def has_fourier_chart(manifold) -> bool:
    """True for a closed curve or a torus-like surface, where marked tokens can be differentiated along the chart."""
    return manifold.dim in MARKS and all(axis.kind == "periodic" for axis in manifold.axes)


def density_study(p, temperatures) -> dict:
    """Rate of log p following marked tokens (levels, n) among infinitely many, and its coefficients (levels, 2).

    A token keeps its mass, so log p changes by minus the logarithm of the volume element. The coefficients are those of
    |Hvec|^2 and Laplacian log p.
    """
    m, rates, coefficients = p.manifold, [], []
    counts, lengths = MARKS[m.dim], [axis.length for axis in m.axes]
    u, weights = chart_quadrature(m, counts)
    start, terms = m.embed(u), density_terms(p)(u)
    for eps in temperatures:
        tokens = quadrature_tokens(p, nodes_for(m, eps))
        moved = AttentionOperator(start, GAUSSIAN, eps, keys=tokens) @ tokens.points
        stretched = volume_element(moved, counts, lengths) / volume_element(start, counts, lengths)
        rates.append(-np.log(stretched) / clock(GAUSSIAN.power_law, m.dim, eps))
        coefficients.append(fitted(rates[-1], terms, weights * p(u)))
    curvature, bending = terms
    return {
        "density_rates": np.array(rates), "density_coefficients": np.array(coefficients), "density_chart": u,
        "density_curvature": curvature, "density_bending": bending,
    }  # fmt: skip


def fitted(rate, terms, weights) -> np.ndarray:
    """Coefficients (k,) of the rate (n,) on the terms, each (n,)."""
    return fit_coefficients(rate[:, None], [term[:, None] for term in terms], weights)


def density_checks(name, study) -> list:
    """The coefficient of |Hvec|^2, which the backward heat equation leaves out, and that of Laplacian log p."""
    first, second = (romberg(column) for column in study["density_coefficients"].T)
    return [
        check(f"{name}: coefficient of |Hvec|^2 in d log p/dt", 1.0, first, {"|Hvec|^2 left out": 0.0, "10 % off": 1.1}),
        check(f"{name}: coefficient of Laplacian log p in d log p/dt", -2.0, second, {"10 % off": -2.2, "drift 1": -1.0}),
    ]


def flat_study(temperatures) -> dict:
    """Coefficients (levels, 2) of 1 and Laplacian log p in d log p/dt on a flat circle, by tokens on the line."""
    p = reference_density("circle")
    nodes = quadrature_tokens(p, FLAT_NODES)
    terms, period, coefficients = density_terms(p)(nodes.coordinates), p.manifold.axes[0].length, []
    for eps in temperatures:
        moved = evolve_tokens(nodes.coordinates, GAUSSIAN, eps, [1], weights=nodes.weights, period=period)[0]
        stretched = 1 + fourier_derivative(moved - nodes.coordinates, period)[:, 0]
        # on the round circle of this length |Hvec|^2 is 1; on the flat one it is nothing
        coefficients.append(fitted(-np.log(stretched) / eps, terms, nodes.weights))
    return {"coefficients": np.array(coefficients)}


def flat_checks(study) -> list:
    """In flat space nothing but -2 Laplacian log p: the heat equation backwards."""
    constant, bending = (romberg(column) for column in study["coefficients"].T)
    return [
        check("flat circle: d log p/dt at Laplacian log p = 0", 0.0, constant, {"|Hvec|^2 of the round circle": 1.0}),
        check("flat circle: coefficient of Laplacian log p in d log p/dt", -2.0, bending, {"10 % off": -2.2}),
    ]

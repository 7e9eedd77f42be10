"""Predictions of the claim `transport`."""

from __future__ import annotations

import numpy as np

from theory.claims import transport as claim
from theory.first_order import Transport, sphere_terms, sphere_transport
from theory.population import population
from theory.predictions import (
    Member,
    Order,
    Prediction,
    Value,
    linear_family,
    off_by_tenth,
    target_off_by_tenth,
)
from theory.setting.geometry import values_of
from theory.setting.nodes import nodes_for

VANISHING = 1e-8  # a term so much smaller than the largest is none
QUARTERS = (np.pi / 2, 3 * np.pi / 2)  # the two minima


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Where attention goes as eps -> 0, and what is left at first order."""
    return (
        of_head(parameters.head())
        | of_general_score(parameters.general())
        | of_special_minima(parameters)
        | {claim.SPREAD: spread(parameters)}
    )


def of_head(case: claim.Case) -> dict[str, Prediction]:
    """The dot product on the sphere: y* = W^T x/|W^T x|, correction (L H)(y*)/(2 |W^T x|)."""
    w, values = case.score.matrix, feature_values(case)

    def drift_and_diffusion(u):
        return sphere_terms(case.density, case.features, *image(case, w, u))[::-1]

    rows = {
        claim.DRIFT: Value(2.0, off_by_tenth(2.0, **{"no drift": 0.0, "drift 1": 1.0})),
        claim.DIFFUSION: Value(1.0, off_by_tenth(1.0, **{"no diffusion": 0.0})),
    }

    def carried(matrix):
        return lambda u: values(image(case, matrix, u)[0])

    right = carried(w)
    rivals = {"no transport: H(x)": values, "W transposed": carried(w.T)}
    return {
        claim.MAP: Order(right, 1.0, target_off_by_tenth(right, **rivals)),
        claim.DRIFT: member(drift_and_diffusion, rows, case.probes),
    }


def image(case: claim.Case, matrix, u) -> tuple[np.ndarray, np.ndarray]:
    """(chart points of y*, |W^T x|) for the dot product on the unit sphere."""
    y, length = sphere_transport(matrix, case.density.manifold.embed(u))
    v = np.stack([np.arccos(y[:, 2].clip(-1, 1)), np.arctan2(y[:, 1], y[:, 0]) % (2 * np.pi)])
    return v.T, length


def of_general_score(case: claim.Case) -> dict[str, Prediction]:
    """Laplace's method in a chart: three terms of coefficient 1."""
    transport, values, name = Transport(case.density, case.score), feature_values(case), case.name

    def terms(u, **options):
        return transport.terms(u, transport.minimisers(u), case.features, **options)

    one = Value(1.0, off_by_tenth(1.0, **{"left out": 0.0}))
    rows = (claim.spread_term(name), claim.density_term(name), claim.skew_term(name))
    mixed = {"chart and covariant mixed": lambda u: sum(terms(u, chart_volume=False))}
    u = case.probes
    if np.allclose(sum(terms(u)), sum(terms(u, chart_volume=False)), rtol=0, atol=1e-9):
        mixed = {}  # where det g is constant the two are the same

    def carried(u):
        return values(transport.minimisers(u))

    rivals = target_off_by_tenth(carried, **{"no transport: H(x)": values})
    return {
        claim.map_order(name): Order(carried, 1.0, rivals),
        rows[0]: member(terms, dict.fromkeys(rows, one), u),
        claim.slope_order(name): Order(lambda u: sum(terms(u)), 1.0, mixed),
    }


def member(terms, rows: dict[str, Value], u) -> Member:
    """The combination of terms that fits, of those that do not vanish at the queries u."""
    sizes = np.array([np.abs(term).max() for term in terms(u)])
    kept = np.flatnonzero(sizes > VANISHING * sizes.max())
    values = {name: value for k, (name, value) in enumerate(rows.items()) if k in kept}

    def basis(u):
        found = terms(u)
        return [found[k] for k in kept]

    return Member(linear_family(basis), (0.0,) * len(kept), values)


def of_special_minima(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Two minima of equal depth, and one of fourth order."""
    two, flat = parameters.two_minima(), parameters.degenerate()
    transport, values = Transport(two.density, two.score), feature_values(two)

    def mean(shares, u):
        minima = [transport.minimisers(u, np.full((len(u), 1), t)) for t in QUARTERS]
        return np.einsum("kn,knc->nc", shares(u, minima), np.array([values(v) for v in minima]))

    def by_density(u, minima):
        weights = np.array([two.density(v) for v in minima])
        return weights / weights.sum(axis=0)

    def shared(shares):
        return lambda u: mean(shares, u)

    at = feature_values(flat)

    def turned(angle):
        return lambda u: at(u + angle)

    both, turn = shared(transport.shares), turned(np.pi / 2)
    alone, back = shared(by_density), turned(-np.pi / 2)
    return {
        claim.SHARES: Order(both, 1.0, target_off_by_tenth(both, **{"weighted by p alone": alone})),
        claim.DEGENERATE: Order(
            turn, 1.0, target_off_by_tenth(turn, **{"a quarter turn back": back})
        ),
    }


def spread(parameters: claim.Parameters) -> Value:
    """E[1 - |A X|^2] over tokens, of infinitely many of them at this temperature."""
    case = parameters.head()

    def at(eps):
        nodes = nodes_for(case.density.manifold, eps / (2 * case.curvature))
        tokens = population(case.density, eps, case.score.pseudo_metric, nodes)
        return float(tokens.mass @ (1 - (tokens.attend(tokens.x) ** 2).sum(axis=1)))

    value = at(parameters.temperature)
    wrong = {"temperature 3 % off": at(1.03 * parameters.temperature), "no spread": 0.0}
    return Value(value, off_by_tenth(value) | wrong, "at size")


def feature_values(case: claim.Case):
    """u (n, d) -> H (n, c)."""
    return lambda u: values_of(case.density.manifold, case.features, u)


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Targets at the probes, and where the sphere's go: y*, and the transposed W's."""
    case, general = parameters.head(), parameters.general()
    m, w, u = case.density.manifold, case.score.matrix, general.probes
    ends = {name: image(case, a, case.probes)[0] for name, a in (("ends", w), ("transposed", w.T))}
    transport = Transport(general.density, general.score)
    v = transport.minimisers(u)
    corrections = {
        name: sum(transport.terms(u, v, general.features, chart_volume=right))
        for name, right in (("slope", True), ("mixed", False))
    }
    return (
        {name: m.embed(v) for name, v in ends.items()}
        | {"map": feature_values(case)(ends["ends"]), "general_map": feature_values(general)(v)}
        | corrections
    )

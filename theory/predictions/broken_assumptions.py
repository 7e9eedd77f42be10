"""Predictions of the claim `broken_assumptions`."""

from __future__ import annotations

import numpy as np
import sympy as sp

from theory.boundary import (
    SHORTENING,
    WALL_RATE,
    flat_layer,
    flat_layer_height,
    flat_layer_norm,
    interval_evolution,
    layer,
)
from theory.claims import broken_assumptions as claim
from theory.consensus import squared_density_mean
from theory.failures import (
    connected_rate,
    ellipse_leader,
    expected_pieces,
    gap_escape_rate,
    lattice_clock,
)
from theory.limits import limit_of
from theory.population import population
from theory.predictions import Member, Order, Prediction, Value, off_by_tenth, target_off_by_tenth
from theory.setting.expressions import compile_array, compile_columns
from theory.setting.geometry import gradient_product, laplacian
from theory.setting.references import probe_features

ENDS = np.array([[0.0], [1.0]])  # of the interval


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The law of every failure; see theory/claims/broken_assumptions.py."""
    return wall(parameters) | flat_wall() | inside() | gaps(parameters) | volume() | dot_product()


def wall(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The layer of H = x, at the wall, over the depth, and of i.i.d. tokens at a temperature."""
    mean = float(population_profile(parameters.temperature).mean())

    def normal_density(u):
        return np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)

    wrong = {"phi in place of phi/Phi": normal_density, "no layer": np.zeros_like}
    return {
        claim.WALL: Value(WALL_RATE, off_by_tenth(WALL_RATE, **{"no layer": 0.0})),
        claim.LAYER: Order(layer, 1.0, target_off_by_tenth(layer, **wrong)),
        claim.SAMPLE: Value(mean, off_by_tenth(mean, **{"no layer": 0.0}), "at size"),
    }


def population_profile(temperature: float) -> np.ndarray:
    """(A x - x)/sqrt(2 eps) at the depths of the design, at N = infinity."""
    tokens = population(claim.interval_density(), temperature)
    probes = np.sqrt(2 * temperature) * claim.DEPTHS[:, None]
    after = tokens.attend(tokens.u, probes)
    return (after - probes)[:, 0] / np.sqrt(2 * temperature)


def flat_wall() -> dict[str, Prediction]:
    """Where dH/dn = 0 at the wall: a layer that stays, so norms of the error that fall slowly."""
    p = claim.interval_density()
    bends = second_derivatives(claim.FLAT_FEATURES)(ENDS)
    height = flat_layer_height()
    slope = np.sqrt(2) * flat_layer_norm(1) * float(p(ENDS) @ bends[:, -1])

    def profile(u):
        return (1 + flat_layer(u)) * bends[0]

    def bulk(u):
        return np.ones_like(u) * bends[0]

    limit = drift_diffusion(2.0)
    drifts = {"drift 1": drift_diffusion(1.0), "no drift": drift_diffusion(0.0)}
    return {
        claim.FLAT_LAYER: Order(profile, 1.0, target_off_by_tenth(profile, **{"no layer": bulk})),
        claim.FLAT_HEIGHT: Value(height, off_by_tenth(height, **{"no layer": 0.0})),
        claim.FLAT_NORM: Order(limit, 0.5, target_off_by_tenth(limit, **drifts)),
        claim.FLAT_MEAN: Value(slope, off_by_tenth(slope, **{"no layer": 0.0})),
    }


def second_derivatives(formulas):
    m = claim.interval_density().manifold
    return compile_columns(m.symbols, [laplacian(m, f) for f in formulas])


def drift_diffusion(coefficient: float):
    """Laplacian H + c <grad log p, grad H> of the flat features, as a function of chart points."""
    return limit_of(claim.interval_density(), claim.FLAT_FEATURES, coefficient)


def inside() -> dict[str, Prediction]:
    """The equation with dH/dn = 0, and the length that eigenvalues see."""
    p = claim.interval_density()

    def heat(wall="neumann", power=2.0):
        return lambda u: interval_evolution(p, claim.EVOLVED, claim.DIFFUSED, u, wall, power)

    rivals = {"H = 0 at the walls": heat("dirichlet"), "drift 1": heat(power=1.0)}
    found = {
        claim.EVOLUTION: Order(heat(), 1.0, rivals | {"no drift": heat(power=0.0)}, norm="sup")
    }
    wrong = off_by_tenth(SHORTENING, **{"no length is missing": 0.0})
    for k in claim.MODES:
        found[claim.shortening(k)] = Value(SHORTENING, wrong)
        slope = (k * np.pi) ** 2 / 8
        rivals = {"(1 - mu)/tau for the rate": slope, "a tenth of that": slope / 10}
        found[claim.next_order(k)] = Value(0.0, rivals, scale=slope)
    return found


def gaps(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Two clusters, a window too small for the tokens, a lattice too wide for the kernel."""
    rate, connected = (values[-1] for values in escape_rates(parameters.temperature))
    pieces = expected_pieces(claim.PIECES_TOKENS, claim.PIECES_WINDOW)
    clock = lattice_clock(1.0, 1 / claim.LATTICE_RATIOS[-1])
    return {
        claim.ESCAPE: Value(
            rate, off_by_tenth(rate, **{"theorem on one interval": connected}), "at size"
        ),
        claim.PIECES: Value(pieces, off_by_tenth(pieces, **{"one consensus": 1.0}), "at size"),
        claim.LATTICE: Value(clock, off_by_tenth(clock, **{"theorem: 1": 1.0}), "at size"),
    }


def escape_rates(temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """1 - mu_2 across each gap of the design, and what the limit theorem gives without a gap."""
    gaps = np.sqrt(2 * temperature) * np.array(claim.GAPS)
    rates = [gap_escape_rate(claim.LENGTHS, float(gap), temperature) for gap in gaps]
    connected = [temperature * connected_rate(sum(claim.LENGTHS) + gap) for gap in gaps]
    return np.array(rates), np.array(connected)


def volume() -> dict[str, Prediction]:
    """L with the density of dV; in terms of that of the chart, q = p sqrt(g), one drift more."""
    m, chart, p = claim.the_ellipse(), claim.chart_density(), claim.volume_density()
    features = probe_features(m)
    log_root = sp.log(m.volume_expression)
    terms = [laplacian(m, f) for f in features]
    terms += [gradient_product(m, chart.log_expression, f) for f in features]
    terms += [gradient_product(m, log_root, f) for f in features]
    values = compile_array(m.symbols, terms, (3, len(features)))
    right, wrong = (limit_of(q, features) for q in (p, chart))
    return {
        claim.VOLUME_ORDER: Order(
            right, 1.0, target_off_by_tenth(right, **{"density of the chart": wrong})
        ),
        claim.VOLUME: Member(
            lambda c, t: np.tensordot(values(t), c, axes=(1, 0)),
            (0.0, 0.0, 0.0),
            {
                claim.VOLUME_CLOCK: Value(1.0, off_by_tenth(1.0)),
                claim.VOLUME_DRIFT: Value(2.0, off_by_tenth(2.0, **{"drift 1": 1.0})),
                claim.VOLUME_ROOT: Value(-2.0, off_by_tenth(-2.0, **{"density of the chart": 0.0})),
            },
        ),
    }


def dot_product() -> dict[str, Prediction]:
    """tan t* = (b/a)^2 tan t; a generator that grows like 1/T; two leaders at the long axis."""
    a, b = claim.SEMI_AXES
    ratio = (b / a) ** 2

    def direction(c, t):
        end = np.arctan2(c[0] * np.sin(t[:, 0]), np.cos(t[:, 0]))
        return np.stack([np.cos(end), np.sin(end)], axis=1)

    consensus = squared_density_mean(claim.volume_density(), f"x/{a}")
    stays = {"theorem: A H -> H": 1.0, "b/a": b / a}
    return {
        claim.TRANSPORT: Member(
            direction, (1.0,), {claim.TRANSPORT_RATIO: Value(ratio, off_by_tenth(ratio, **stays))}
        ),
        claim.GROWTH: Value(-1.0, {"theorem: bounded": 0.0}),
        claim.LEADERS: Value(1.0, off_by_tenth(1.0, **{"theorem: consensus": consensus})),
    }


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Lines of the figures: layers, laws of the norms, rates across gaps, lattice, transport."""
    depths, p = np.linspace(0, 5, 101), claim.interval_density()
    points = claim.wall_points()[0]
    bends = np.abs(second_derivatives(claim.FLAT_FEATURES)(ENDS)[:, -1])
    h = parameters.layer_widths()
    norms = [
        (np.sqrt(2) * h * float(p(ENDS) @ bends**q) * flat_layer_norm(q)) ** (1 / q) for q in (2, 1)
    ]
    rates, connected = escape_rates(parameters.temperature)
    ratios = np.geomspace(claim.LATTICE_RATIOS[0], claim.LATTICE_RATIOS[-1], 100)
    return {
        "depths": depths,
        "layer": layer(depths),
        "flat_layer": flat_layer(depths),
        "population": population_profile(parameters.temperature),
        "flat_bend": second_derivatives(claim.FLAT_FEATURES)(ENDS)[0],
        "flat_target": drift_diffusion(2.0)(points),
        "flat_sup": np.full(len(h), flat_layer_height() * bends.max()),
        "flat_l2": norms[0],
        "flat_l1": norms[1],
        "escape": rates,
        "connected": connected,
        "lattice_ratios": ratios,
        "lattice": np.array([lattice_clock(1.0, 1 / r) for r in ratios]),
        "leaders": ellipse_leader(claim.ANGLES, *claim.SEMI_AXES),
    }

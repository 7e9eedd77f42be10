"""The layer at a wall: of a feature with a slope there, and of one without."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.generator import feature_columns
from simulations.statistics.intervals import mean_interval
from simulations.statistics.jackknife import jackknifed
from simulations.statistics.limits import romberg_within
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import broken_assumptions as claim
from theory.setting.geometry import laplacian
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN

# depths where the top of a layer is looked for: so close that what lies between is 1e-7 higher
FINE_DEPTHS = np.linspace(0.0, 5.0, 5001)


OTHER_NODES = "what other nodes change, extrapolated"


def two_sets(p, temperature: float) -> list:
    """Quadrature tokens for a kernel of this temperature, and a quarter more of them: what they
    differ by is the rounding of thousands of Gauss-Legendre nodes."""
    (count,) = nodes_for(p.manifold, temperature)
    return [quadrature_tokens(p, n) for n in (count, 5 * count // 4)]


def probes_at(depths, temperature: float) -> np.ndarray:
    """Points (n, 1) at these depths, in kernel widths, from the left wall at 0."""
    return np.sqrt(2 * temperature) * depths[:, None]


def profile(keys, temperature: float) -> np.ndarray:
    """(A - I)H/sqrt(2 eps) of H = x at DEPTHS, whose slope at the wall is 1."""
    probes = probes_at(claim.DEPTHS, temperature)
    operator = AttentionOperator(probes, GAUSSIAN, temperature, keys=keys)
    return (operator @ keys.points - probes)[:, 0] / np.sqrt(2 * temperature)


def layer(parameters: claim.Parameters, run) -> Measurement:
    """The profile of H = x on nodes: at the wall itself, and as a function of the depth."""
    p, widths = claim.interval_density(), parameters.layer_widths()

    def level(eps):
        return [profile(tokens, eps) for tokens in two_sets(p, eps)]

    def study():
        bar = run.progress((widths**2).tolist(), label="broken_assumptions: layer")
        return {"profiles": np.array([level(eps) for eps in bar])}

    profiles, others = run.remember("layer", study)["profiles"].transpose(1, 0, 2)
    field = deterministic_field(profiles[:, :, None], claim.DEPTHS[:, None], widths)
    # over sqrt(eps), not over sqrt(2 eps)
    rates, again = np.sqrt(2) * profiles[:, 0], np.sqrt(2) * others[:, 0]
    rate = romberg_within(rates, np.abs(rates - again), OTHER_NODES)
    return Measurement({claim.WALL: Number(rate), claim.LAYER: field})


def sampled_layer(parameters: claim.Parameters, run) -> Measurement:
    """The profile of H = x on i.i.d. tokens, free of its bias of order 1/N."""
    p, eps = claim.interval_density(), parameters.temperature

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 1, s])
        tokens = iid_tokens(p, parameters.n_tokens, rng)
        return jackknifed(lambda part: profile(part, eps), tokens)

    def study():
        return {
            "samples": run.over_seeds(sample, parameters.n_seeds, "broken_assumptions: samples")
        }

    samples = run.remember("sampled layer", study)["samples"]
    each = [mean_interval(column) for column in samples.T]
    return Measurement(
        {claim.SAMPLE: Number(mean_interval(samples.mean(axis=1)))},
        {"sampled_profile": np.array([[i.value, i.low, i.high] for i in each])},
    )


def flat_layer(parameters: claim.Parameters, run) -> Measurement:
    """(A - I)H/tau where dH/dn = 0: in the layer, over the interval, and its mean over tokens."""
    p, widths = claim.interval_density(), parameters.layer_widths()
    m, points = p.manifold, claim.wall_points()
    places = {"depths": claim.DEPTHS, "fine": FINE_DEPTHS}

    def level(eps):
        # twice the nodes that the kernel needs, so that means over the layer are resolved too
        tokens, others = two_sets(p, eps / 4)
        at = {key: probes_at(depths, eps) for key, depths in places.items()}
        at["points"] = points[0]
        found = {key: jumps(tokens, u, eps) for key, u in at.items()}
        for end, some in (("", tokens), ("_again", others)):
            found["mean" + end] = some.weights @ jumps(some, some.coordinates, eps)
        return found | {"fine_again": jumps(others, at["fine"], eps)}

    def study():
        bar = run.progress((widths**2).tolist(), label="broken_assumptions: flat layer")
        levels = [level(eps) for eps in bar]
        return {key: np.array([found[key] for found in levels]) for key in levels[0]}

    found = run.remember("flat layer", study)
    weights = points[1] * p(points[0])
    last = claim.FLAT_FEATURES.index(claim.FLAT_FEATURE)
    bend = feature_columns(m, [laplacian(m, claim.FLAT_FEATURE)], np.zeros((1, 1)))[0, 0]
    heights, heights_again = (rise(found[key][:, :, last] / bend) for key in ("fine", "fine_again"))
    slopes, slopes_again = (
        np.diff(found[key][:, last]) / np.diff(widths) for key in ("mean", "mean_again")
    )
    height = romberg_within(heights, np.abs(heights - heights_again), OTHER_NODES)
    slope = romberg_within(slopes, np.abs(slopes - slopes_again), OTHER_NODES)
    return Measurement(
        {
            claim.FLAT_LAYER: deterministic_field(found["depths"], claim.DEPTHS[:, None], widths),
            claim.FLAT_HEIGHT: Number(height),
            claim.FLAT_NORM: deterministic_field(
                found["points"], points[0], widths, weights / weights.sum()
            ),
            claim.FLAT_MEAN: Number(slope),
        }
    )


def rise(profiles) -> np.ndarray:
    """By how much profiles (levels, depths) rise above their value at the wall, (levels,)."""
    return profiles.max(axis=1) - profiles[:, 0]


def jumps(tokens, u, temperature: float) -> np.ndarray:
    """(A - I)H/tau of the flat features at points u (n, 1) that attend to the tokens."""
    m, formulas = tokens.manifold, claim.FLAT_FEATURES
    operator = AttentionOperator(m.embed(u), GAUSSIAN, temperature, keys=tokens)
    after = operator @ feature_columns(m, formulas, tokens.coordinates)
    return (after - feature_columns(m, formulas, u)) / temperature

"""Gaussian tokens on the line, which stay Gaussian: on quadrature nodes and i.i.d."""

from __future__ import annotations

import numpy as np

from simulations.dynamics.evolve import evolve_tokens
from simulations.statistics.intervals import rounded
from simulations.statistics.jackknife import jackknifed_interval, jackknifed_twice
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import moving_tokens as claim
from theory.setting.pseudo_metrics import GAUSSIAN, transformed_distance
from theory.setting.references import reference_density


def gaussian_tokens(parameters: claim.Parameters, run) -> Measurement:
    """Their width after some steps, and how far they are from a Gaussian of that width."""
    p = reference_density("line")
    nodes = quadrature_tokens(p, claim.GAUSSIAN_NODES)
    moved = moved_tokens(nodes, GAUSSIAN)
    width, shape = width_of(moved, nodes.weights), misshape(nodes, moved)
    # of a score that is no squared distance, Gaussian tokens do not stay Gaussian
    wrong = misshape(nodes, moved_tokens(nodes, transformed_distance("r")))
    terms = claim.GAUSSIAN_STEPS * claim.GAUSSIAN_NODES

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 101, s])
        tokens = iid_tokens(p, parameters.n_tokens, rng)
        return jackknifed_twice(lambda part: moved_tokens(part, GAUSSIAN).std(), tokens)

    def study():
        return {
            "widths": run.over_seeds(sample, parameters.n_seeds, "moving_tokens: Gaussian samples")
        }

    widths = run.remember("gaussian samples", study)["widths"]
    return Measurement(
        {
            claim.WIDTH: Number(rounded(width, terms)),
            claim.SHAPE: Number(rounded(shape, terms), {"f = |x-y|": rounded(wrong, terms)}),
            claim.WIDTH_SAMPLE: Number(jackknifed_interval(*widths.T)),
        }
    )


def moved_tokens(tokens, pseudo_metric) -> np.ndarray:
    """Positions (n,) after the steps of the design."""
    steps = [claim.GAUSSIAN_STEPS]
    return evolve_tokens(tokens, pseudo_metric, claim.GAUSSIAN_TEMPERATURE, steps)[0, :, 0]


def width_of(positions, weights) -> float:
    """The standard deviation of tokens (n,) about 0."""
    return float(np.sqrt(weights @ positions**2))


def misshape(nodes, moved) -> float:
    """Root of the mean square over tokens of x/s - x_0/s_0: 0 where all moved in proportion."""
    before = nodes.points[:, 0]
    scaled = moved / width_of(moved, nodes.weights) - before / width_of(before, nodes.weights)
    return width_of(scaled, nodes.weights)

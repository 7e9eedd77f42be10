"""The claim `moving_tokens`: the two motions known in closed form, uniform spheres and Gaussian tokens."""

from __future__ import annotations

import numpy as np

from simulations.statistics.orders import romberg
from simulations.dynamics.evolve import evolve_tokens
from simulations.experiments.settings import GAUSSIAN, nodes_for, reference_density
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import check, mean_interval, rounding_interval
from theory.moving_tokens import gaussian_widths, sphere_radii, sphere_radius_squared

SPHERES = ("circle", "sphere")
FALL = 0.4  # of R^2, from 1
STEPS = 2 ** np.arange(1, 5)  # that make up the fall, one level each
SAMPLE_TEMPERATURE, SAMPLE_STEPS = 0.05, 3
GAUSSIAN_TEMPERATURE, GAUSSIAN_STEPS, GAUSSIAN_NODES = 0.1, 3, 161


def sphere_study(parameters, run) -> dict:
    """R^2 after each step on quadrature nodes, at every level, and after each step of i.i.d. tokens, (seeds, steps + 1).

    The mean of R^2 over N tokens has a bias of order 1/N, because the motion amplifies the sample's own density
    fluctuation; twice the value on all tokens less the mean of those on two halves takes it away.
    """
    arrays = {"steps": STEPS, "fall": FALL}
    for name in SPHERES:
        p = reference_density(name, "uniform")
        for steps in STEPS:
            eps = FALL / (2 * p.manifold.dim * steps)
            path = evolve_tokens(quadrature_tokens(p, nodes_for(p.manifold, eps)), GAUSSIAN, eps, range(steps + 1))
            squares = (path**2).sum(axis=2)
            arrays |= {f"{name}_{steps}": squares.mean(axis=1), f"{name}_{steps}_spread": np.ptp(squares, axis=1)}
    p = reference_density("sphere", "uniform")
    half = parameters.n_tokens // 2
    values = []
    for s in run.progress(range(parameters.n_seeds), label="moving_tokens: shrinking samples"):
        x = iid_tokens(p, 2 * half, np.random.default_rng([parameters.seed, 100, s])).points
        values.append(2 * mean_square(x) - (mean_square(x[:half]) + mean_square(x[half:])) / 2)
    return arrays | {"sample": np.array(values)}


def mean_square(points) -> np.ndarray:
    """The mean of |x|^2 over tokens after each step, (steps + 1,)."""
    path = evolve_tokens(points, GAUSSIAN, SAMPLE_TEMPERATURE, range(SAMPLE_STEPS + 1))
    return (path**2).sum(axis=2).mean(axis=1)


def sphere_checks(parameters, study) -> list:
    """R_0^2 - R^2 over t as eps -> 0, on nodes, and R^2 of i.i.d. tokens at a finite eps."""
    checks = []
    for name in SPHERES:
        d = reference_density(name, "uniform").manifold.dim
        time = FALL / (2 * d)
        rate = romberg([(1 - study[f"{name}_{steps}"][-1]) / time for steps in STEPS])
        predicted = float(1 - sphere_radius_squared(1.0, d, time)) / time
        wrong = {"10 % off": 1.1 * predicted} | ({"2 whatever the dimension": 2.0} if d > 1 else {})
        checks.append(check(f"uniform {name}: fall of R^2 over t at eps -> 0", predicted, rate, wrong))
    expected = 1 - sphere_radii(1.0, 2, SAMPLE_TEMPERATURE, SAMPLE_STEPS)[-1] ** 2
    return [
        *checks,
        check(
            f"uniform sphere: fall of R^2 in {SAMPLE_STEPS} steps of i.i.d. tokens at eps = {SAMPLE_TEMPERATURE:g}", expected,
            mean_interval(1 - study["sample"][:, -1]), {"10 % off": 1.1 * expected},
        ),
    ]  # fmt: skip


def gaussian_study(parameters) -> dict:
    """Widths after each step: on nodes, (steps + 1,), with the distance from a scaled Gaussian, and of i.i.d. tokens."""
    p = reference_density("line")
    nodes = quadrature_tokens(p, GAUSSIAN_NODES)
    path = evolve_tokens(nodes, GAUSSIAN, GAUSSIAN_TEMPERATURE, range(GAUSSIAN_STEPS + 1))[:, :, 0]
    widths = np.sqrt(path**2 @ nodes.weights)
    shape = np.sqrt((path / widths[:, None] - path[0]) ** 2 @ nodes.weights)
    half, samples = parameters.n_tokens // 2, []
    for s in range(parameters.n_seeds):
        x = np.random.default_rng([parameters.seed, 101, s]).standard_normal((2 * half, 1))
        samples.append(2 * sample_widths(x) - (sample_widths(x[:half]) + sample_widths(x[half:])) / 2)
    return {"widths": widths, "shape": shape, "samples": np.array(samples)}


def sample_widths(points) -> np.ndarray:
    """The standard deviation of the tokens after each step, (steps + 1,)."""
    return evolve_tokens(points, GAUSSIAN, GAUSSIAN_TEMPERATURE, range(GAUSSIAN_STEPS + 1)).std(axis=(1, 2))


def gaussian_checks(parameters, study) -> list:
    """s -> s^3/(s^2 + 2 eps): exactly on nodes, and of i.i.d. tokens."""
    exact = gaussian_widths(1.0, GAUSSIAN_TEMPERATURE, GAUSSIAN_STEPS)
    half_drift = gaussian_widths(1.0, GAUSSIAN_TEMPERATURE / 2, GAUSSIAN_STEPS)
    wrong, named = np.abs(half_drift / exact - 1).max(), f"after {GAUSSIAN_STEPS} steps at eps = {GAUSSIAN_TEMPERATURE:g}"
    return [
        check("Gaussian tokens: deviation of s from s^3/(s^2 + 2 eps)", 0.0, rounding_interval(np.abs(study["widths"] / exact - 1).max(), 1e-12),
              {"s^3/(s^2 + eps)": wrong}, kind="identity"),
        check(f"Gaussian tokens: s {named} of i.i.d. tokens", exact[-1], mean_interval(study["samples"][:, -1]),
              {"s^3/(s^2 + eps)": half_drift[-1], "10 % off": 1.1 * exact[-1]}),
    ]  # fmt: skip

"""The growth of density modes in a step: on a fine grid of tokens, and of i.i.d. tokens."""

from __future__ import annotations

import numpy as np

from simulations.dynamics.evolve import evolve_tokens
from simulations.experiments.clusters.response import responses
from simulations.statistics.intervals import Interval, mean_interval
from simulations.statistics.limits import romberg, romberg_value
from simulations.store.quantities import Measurement, Number, deterministic_field
from theory.claims import clusters as claim
from theory.setting.pseudo_metrics import GAUSSIAN

NODES_A_MODE = 40  # of the grid, for the fastest mode: its kernel then spans ten nodes


def growth_of_modes(parameters: claim.Parameters, run) -> Measurement:
    """Growth less 1 of every mode and amplitude, and of the slowest at lower temperatures."""
    eps, modes = parameters.temperature, parameters.modes()
    slow = eps / 2.0 ** np.arange(claim.SLOW_LEVELS)
    n = NODES_A_MODE * parameters.fastest + 1

    def study():
        bar = run.progress(modes.tolist(), label="clusters: growth of modes")
        return {
            "modes": np.array([grid_growth(k, eps, n) for k in bar]).T,
            "slow": np.array([grid_growth(1, e, n) for e in slow]),
        }

    found = run.remember("growth on a grid", study)
    field = deterministic_field(
        found["modes"][:, :, None], eps * modes[:, None] ** 2, claim.AMPLITUDES
    )
    limits = [romberg_value(levels) / e for levels, e in zip(found["slow"], slow, strict=True)]
    fastest = found["modes"][:, parameters.fastest - 1]
    quantities = {
        claim.FASTEST: Number(romberg(fastest)),
        claim.CURVE: field,
        claim.SLOW: Number(romberg(limits)),
    }
    return Measurement(quantities, {"grid_growth": found["modes"][-1], "scaled": eps * modes**2})


def grid_growth(k: int, temperature: float, n_nodes: int) -> np.ndarray:
    """Growth less 1 of a displacement sin(k x) of a fine grid, per amplitude."""
    x = claim.PERIOD * np.arange(n_nodes) / n_nodes
    return responses(x, np.sin(k * x) / k, claim.AMPLITUDES, temperature, claim.PERIOD)


def growth_of_samples(parameters: claim.Parameters, run) -> Measurement:
    """The growth of the modes that an i.i.d. sample has of itself.

    A mode is the Fourier coefficient c of the empirical density, c' after the step: growth less 1
    is Re (c' - c) conj(c) over |c|^2, both summed over samples.
    """
    eps, modes = parameters.temperature, parameters.modes()

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 0, s])
        x = rng.random((parameters.n_tokens, 1)) * claim.PERIOD
        parts = [mode_products(part, modes, eps) for part in (x[::2], x[1::2])]
        return mode_products(x, modes, eps), np.mean(parts, axis=0)

    def study():
        sums = run.over_seeds(sample, parameters.n_seeds, "clusters: growth of samples")
        return {"full": sums[:, 0], "halves": sums[:, 1]}

    found = run.remember("growth of samples", study)
    chosen = np.isin(modes, parameters.near_fastest())
    averaged = {key: sums[:, :, chosen].sum(axis=2) for key, sums in found.items()}
    each = [
        jackknifed_ratio(found["full"][:, :, k], found["halves"][:, :, k])
        for k in range(len(modes))
    ]
    return Measurement(
        {claim.SAMPLE: Number(jackknifed_ratio(averaged["full"], averaged["halves"]))},
        {"sampled_growth": np.array([[i.value, i.low, i.high] for i in each])},
    )


def mode_products(x, modes, temperature: float) -> np.ndarray:
    """Re (c' - c) conj(c) and |c|^2 of each mode, (2, modes), of tokens x (n, 1) before and after."""
    moved = evolve_tokens(x, GAUSSIAN, temperature, [1], period=claim.PERIOD)[0]
    before, after = (np.exp(1j * y * modes).mean(axis=0) for y in (x, moved))
    return np.array([((after - before) * before.conj()).real, np.abs(before) ** 2])


def jackknifed_ratio(full, halves) -> Interval:
    """Ratio of the sums over samples of numerators and denominators (samples, 2), free of its bias
    of order 1/N: twice that of all tokens less that of their halves.

    Student's interval of the linearised ratio (Cochran 1977, eq. 6.13).
    """
    value, influence = 0.0, 0.0
    for sums, sign in ((full, 2.0), (halves, -1.0)):
        top, bottom = sums.mean(axis=0)
        value += sign * top / bottom
        influence = influence + sign * (sums[:, 0] - top / bottom * sums[:, 1]) / bottom
    return mean_interval(value + influence)

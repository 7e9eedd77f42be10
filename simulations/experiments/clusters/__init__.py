"""Claim `clusters`: moving tokens gather in clusters, which live long and merge in pairs.

Tokens move on a flat circle of length 2 pi, given on the line. The growth of density modes is here; the life of the clusters
that follow is in `clusters_life`, and random data in `clusters_random`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.statistics.orders import romberg
from simulations.dynamics.evolve import evolve_tokens
from simulations.experiments import option
from simulations.experiments.clusters_life import (
    chain_checks,
    chain_curves,
    chain_study,
    pair_checks,
    pair_curves,
    pair_study,
)
from simulations.experiments.clusters_random import random_checks, random_study
from simulations.experiments.settings import GAUSSIAN
from simulations.store.results import Outcome
from simulations.verdict import Interval, check, mean_interval, rounding_interval
from theory.setting.checks import InputError, whole
from theory.claims import Claim
from theory.clusters import backward_heat_growth, mode_growth

CLAIM = Claim(
    name="clusters",
    rank=10.5,
    title="Moving tokens gather in clusters that live long and merge in pairs",
    statement=(
        r"On a flat circle a density mode $k$ grows by $1 + 2 \varepsilon k^2 e^{-\varepsilon k^2}$ a step, fastest at $k = \varepsilon^{-1/2}$. "
        r"The clusters that form rest for long: two at distance $\delta$ for about $\mathrm{Ei}(\delta^2/4\varepsilon)/4$ steps, a chain for the "
        r"logarithm of its disorder over that of its multiplier, and those of random data until the nearest pair merges."
    ),
    source="the linear response of X <- A X, and the exact motion of two clusters; docs/theory.md, 'Clusters'",
    hypotheses=r"flat circle, $f = |x-y|^2/4$, tokens near uniform (growth) or gathered (life of clusters)",
    predicted=r"growth $1 + 2/e$ at most; lifetime $\mathrm{Ei}(\delta^2/4\varepsilon)/4$",
    order="exact growth and pair motion; lifetime as delta^2/eps grows",
)

PERIOD = 2 * np.pi
AMPLITUDE = 1e-5  # of a displacement times its wavenumber: what is not linear is of order 1e-10
LINEAR = 1e-6  # a bound on what is not linear, and on rounding over AMPLITUDE
N_BATCHES = 12


@dataclass(frozen=True)
class Parameters:
    fastest: int = option(10, "Wavenumber k of the fastest mode on the circle of length 2 pi: the temperature is 1/k^2.")
    n_tokens: int = option(4000, "Tokens of a sample for the growth of modes.")
    n_samples: int = option(120, "Samples for the growth of modes, a multiple of 12.")
    n_random: int = option(400, "Tokens of a run from random data.")
    n_runs: int = option(30, "Runs from random data.")
    n_steps: int = option(4000, "Steps of a run from random data.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        whole("fastest", self.fastest, 5)
        whole("n_tokens", self.n_tokens, 100)
        if whole("n_samples", self.n_samples, N_BATCHES) % N_BATCHES:
            raise InputError(f"n_samples: got {self.n_samples}, expected a multiple of {N_BATCHES}")
        whole("n_random", self.n_random, 10)
        whole("n_runs", self.n_runs, 3)
        whole("n_steps", self.n_steps, 100)
        whole("seed", self.seed, 0)

    @property
    def temperature(self) -> float:
        return 1.0 / self.fastest**2


SMALL = {"n_tokens": 2000, "n_samples": 60, "n_runs": 16, "n_steps": 800}
LONG = {"n_tokens": 8000, "n_samples": 240, "n_runs": 100, "n_steps": 20_000}


def run(parameters: Parameters, run) -> Outcome:
    """Measure growth factors, lifetimes and plateaus; see `Parameters`."""
    growth = run.remember("growth", lambda: growth_study(parameters, run))
    pairs = run.remember("pairs", pair_study)
    chain = run.remember("chain", chain_study)
    random = run.remember("random", lambda: random_study(parameters, PERIOD, run))
    checks = growth_checks(parameters, growth) + pair_checks(pairs) + chain_checks(chain) + random_checks(random)
    studies = {"growth": growth | growth_curves(growth), "pairs": pairs | pair_curves(pairs), "chain": chain | chain_curves(chain), "random": random}
    return Outcome(tuple(checks), {f"{name}_{key}": value for name, study in studies.items() for key, value in study.items()})


def growth_study(parameters, run) -> dict:
    """Growth factors a step of the modes k = 1, 2, ...: of a fine grid, (modes,), and the two sums of i.i.d. tokens.

    A sample's mode is the Fourier coefficient c of its empirical density before and c' after the step. `full` and `halves` hold
    (Re (c' - c) conj(c), |c|^2) of all tokens and, averaged, of the two halves of the sample, (samples, 2, modes).
    """
    eps, modes = parameters.temperature, np.arange(1, 2 * parameters.fastest + 1)
    slow = eps / 2.0 ** np.arange(4)
    full, halves = [], []
    for s in run.progress(range(parameters.n_samples), label="clusters: growth of modes"):
        x = np.random.default_rng([parameters.seed, 0, s]).random((parameters.n_tokens, 1)) * PERIOD
        full.append(response(x, modes, eps))
        halves.append((response(x[::2], modes, eps) + response(x[1::2], modes, eps)) / 2)
    return {
        "scaled": eps * modes**2, "grid": np.array([grid_growth(k, eps, parameters.fastest) for k in modes]),
        "slow_scaled": slow, "slow": np.array([grid_growth(1, e, parameters.fastest) for e in slow]),
        "full": np.array(full), "halves": np.array(halves),
    }  # fmt: skip


def grid_growth(k, eps, fastest) -> float:
    """The factor by which a small displacement sin(k x) of a fine grid of tokens grows."""
    x = PERIOD * np.arange(40 * fastest + 1) / (40 * fastest + 1)
    wave = np.sin(k * x)
    moved = evolve_tokens((x + AMPLITUDE / k * wave)[:, None], GAUSSIAN, eps, [1], period=PERIOD)[0, :, 0]
    return float((moved - x) @ wave / (wave @ wave) / (AMPLITUDE / k))


def response(x, modes, eps) -> np.ndarray:
    """Re (c' - c) conj(c) and |c|^2 of each mode, (2, modes), for tokens x (n, 1) before and after a step."""
    moved = evolve_tokens(x, GAUSSIAN, eps, [1], period=PERIOD)[0]
    before, after = (np.exp(1j * y * modes).mean(axis=0) for y in (x, moved))
    return np.array([((after - before) * before.conj()).real, np.abs(before) ** 2])


def sample_growth(growth, chosen) -> np.ndarray:
    """(growth - 1) of i.i.d. tokens over the predicted one, by batches (12,), over the chosen modes (modes,) bool.

    The ratio has a bias of order 1/N; twice its value on the samples less that on their halves takes it away.
    """
    excess = mode_growth(growth["scaled"][chosen]) - 1

    def ratios(sums):
        batches = sums[:, :, chosen].reshape(N_BATCHES, -1, 2, chosen.sum()).sum(axis=1)
        return batches[:, 0].sum(axis=1) / (batches[:, 1] * excess).sum(axis=1)

    return 2 * ratios(growth["full"]) - ratios(growth["halves"])


def growth_curves(growth) -> dict:
    """What the figure draws: the predicted curve, its control, and the growth factor of each mode of i.i.d. tokens, (12, modes)."""
    q, one = np.linspace(0, 4.2, 200), np.eye(len(growth["scaled"]), dtype=bool)
    ratios = np.array([sample_growth(growth, mode) for mode in one]).T
    return {"q": q, "predicted": mode_growth(q), "control": backward_heat_growth(q), "sampled": 1 + (mode_growth(growth["scaled"]) - 1) * ratios}


def growth_checks(parameters, growth) -> list:
    """The fastest growth, the whole curve, its slope at long waves, and the growth of the modes of i.i.d. tokens."""
    q, measured = growth["scaled"], growth["grid"]
    top, limit = float(mode_growth(1.0)), float(backward_heat_growth(1.0))
    fastest = float(measured[parameters.fastest - 1])
    deviation, wrong = (float(np.abs(measured - law(q)).max()) for law in (mode_growth, backward_heat_growth))
    near = (q >= 0.5) & (q <= 2.0)
    slope = romberg((growth["slow"] - 1) / growth["slow_scaled"])
    return [
        check("growth factor a step of the mode k = eps^(-1/2)", top, Interval(fastest, fastest - LINEAR, fastest + LINEAR),
              {"1 + 2 eps k^2": limit, "growth less 1, 10 % off": 1 + 1.1 * (top - 1)}),
        check("largest deviation of the growth factor from 1 + 2 q exp(-q), q = eps k^2 up to 4", 0.0, rounding_interval(deviation, LINEAR),
              {"1 + 2 q": wrong}, kind="identity"),
        check("(growth factor - 1)/(eps k^2) as eps k^2 -> 0", 2.0, slope, {"10 % off": 2.2, "drift 1": 1.0}),
        check("i.i.d. tokens: (growth factor - 1) over the predicted one, eps k^2 in [1/2, 2]", 1.0, mean_interval(sample_growth(growth, near)),
              {"10 % off": 1.1, "1 + 2 eps k^2 at eps k^2 = 1": float(np.e)}),
    ]  # fmt: skip

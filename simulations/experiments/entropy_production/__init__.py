"""Claim `entropy_production`: attention with an asymmetric score keeps a current, and produces entropy at a known rate.

What holds exactly is in entropy_production_chain, the constants of the limit are in entropy_production_limit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.experiments import entropy_production_chain as chain
from simulations.experiments import entropy_production_limit as limit
from simulations.experiments import option
from simulations.experiments.settings import check_levels, check_manifolds
from simulations.store.results import Outcome
from theory.setting.checks import InputError, whole, within
from theory.claims import Claim
from theory.setting.manifolds import manifold

CLAIM = Claim(
    name="entropy_production",
    rank=7.5,
    title="How far from equilibrium: the entropy that attention produces",
    statement=(
        r"The entropy production of attention as a Markov chain, $e = \sum_{ij} \pi_i P_{ij} \log \frac{\pi_i P_{ij}}{\pi_j P_{ji}} = "
        r"\frac1\varepsilon \sum_{ij} \pi_i P_{ij} (f_{ji} - f_{ij})$, is 0 exactly if $f$ is symmetric up to a part of the query and a part "
        r"of the key. Otherwise a current flows: $e/\tau \to \int |J|^2/\rho\, dV$ with $J = 2 \rho\,(\nabla \log p + b) - \nabla \rho$, $b$ the force of the "
        r"score and $\rho$ the stationary density. Steps without a way back make it infinite."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Entropy production'",
    hypotheses="closed manifold, smooth positive density, smooth score; attention inside a window, or W = c I + eps B",
    predicted=r"e/tau over int |J|^2/rho dV: 1; e = 0 for symmetric + query-only + key-only",
    order=r"1 in $\tau$; 2 where an asymmetric $f$ has a gradient force",
)


# where the laws are near their limits, and far from rounding
RANGES = {
    "temperature": (0.01, 1.0), "strength": (0.1, 10.0), "torque": (0.01, 10.0), "radius": (0.05, 2.0), "window_temperature": (0.05, 20.0),
    "sample_temperature": (0.01, 2.0), "chain_temperature": (0.02, 100.0),
}  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("sphere", "ellipse(a=1.5)"), "Closed manifolds of the limit; the first must be the unit sphere.")
    density: str = option("reference", "Token density, a formula; 'reference' for the project's choice.")
    temperature: float = option(0.2, "Largest temperature eps of the bias study; it halves from level to level.")
    strength: float = option(1.0, "c in W = c I + eps B.")
    torque: float = option(0.7, "Frobenius norm of the symmetric and of the antisymmetric part of B.")
    n_levels: int = option(5, "Levels of the bias studies.")
    degree: int = option(9, "Degree of the polynomials that the predicted stationary density is made of.")
    n_nodes: int = option(61, "Quadrature nodes on each axis of a surface; ten times as many on a curve.")
    radius: float = option(0.6, "Largest window, an arc of the circle, of the study in sharp windows.")
    window_temperature: float = option(1.0, "Temperature T inside a window.")
    sample_temperature: float = option(0.2, "Temperature eps of the samples.")
    n_tokens: int = option(2000, "I.i.d. tokens of a sample.")
    n_seeds: int = option(24, "Samples.")
    n_chain: int = option(400, "Tokens of the chains whose matrix is formed.")
    chain_temperature: float = option(0.5, "Temperature of those.")
    k: int = option(15, "Nearest tokens that a token attends to, itself counted.")
    n_densities: int = option(6, "Random densities over which the order of an asymmetry without a force is averaged.")
    seed: int = option(20241218, "Seed of all random numbers, W_Q, W_K and B included.")

    def __post_init__(self):
        check_manifolds(self.manifolds)
        for name, (low, high) in RANGES.items():
            within(name, getattr(self, name), low, high)
        first = manifold(self.manifolds[0])
        if first.name != "sphere" or abs(np.linalg.norm(first.embed(np.array([[1.0, 1.0]]))) - 1) > 1e-12:
            raise InputError(f"manifolds: got {self.manifolds[0]} in the first place, expected sphere, of radius 1")
        check_levels("n_levels", self.n_levels)
        for name, least in (("degree", 3), ("n_nodes", 24), ("n_tokens", 100), ("n_seeds", 3), ("n_chain", 50), ("k", 2), ("n_densities", 3), ("seed", 0)):
            whole(name, getattr(self, name), least)
        if not self.k < self.n_chain:
            raise InputError(f"k: got {self.k} nearest of {self.n_chain} tokens, expected fewer than n_chain")


SMALL = {"n_levels": 4, "degree": 8, "n_nodes": 45, "n_tokens": 1000, "n_seeds": 24, "n_chain": 250, "n_densities": 4}


def run(parameters: Parameters, run) -> Outcome:
    """Measure the exact statements and the constants; see `Parameters`."""
    temperatures = parameters.temperature / 2.0 ** np.arange(parameters.n_levels)
    cases = [limit.HeadCase(parameters, k) for k in range(len(parameters.manifolds))]
    turning = limit.HeadCase(parameters, 0, "uniform", "K")
    parts = [cases[0], *(limit.HeadCase(parameters, 0, parts=part) for part in "SK")]
    biases = [run.remember(f"bias-{k}", lambda case=case: limit.bias_study(case, temperatures)) for k, case in enumerate(cases)]
    rotation = run.remember("rotation", lambda: limit.rotation_study(turning, temperatures))
    window = run.remember("window", lambda: limit.window_study(parameters, parameters.n_levels))
    sample = run.remember("sample", lambda: limit.sample_study(cases[0], run))
    field = run.remember("field", lambda: limit.field_study(parts, temperatures[2]))
    reversible = run.remember("reversible", lambda: chain.reversible_study(parameters))
    one_sided = run.remember("one-sided", lambda: chain.one_sided_study(parameters, run))
    cubic = run.remember("cubic", lambda: chain.cubic_study(parameters))
    checks = [*limit.limit_checks([case.name for case in cases], biases, rotation, window, sample), *chain.chain_checks(reversible, one_sided, cubic)]
    studies = {"rotation": rotation, "window": window, "sample": sample, "field": field, "reversible": reversible, "one_sided": one_sided, "cubic": cubic}
    studies |= {case.name: bias for case, bias in zip(cases, biases, strict=True)}
    return Outcome(tuple(checks), {f"{study}_{name}": v for study, arrays in studies.items() for name, v in arrays.items()}, (_table(temperatures, cases, biases), _chains(one_sided)))


def _table(temperatures, cases, biases) -> str:
    """e/tau over its limit, level by level."""
    rows = [f"{eps:>10.4g}" + "".join(f"{bias['rates'][k] / bias['predicted']:>14.6f}" for bias in biases) for k, eps in enumerate(temperatures)]
    return "e/tau over int |J|^2/rho dV on quadrature nodes\n" + "\n".join([f"{'eps':>10}" + "".join(f"{case.name:>14}" for case in cases), *rows])


def _chains(one_sided) -> str:
    """What one-sided supports do to e."""
    n, finite = len(one_sided["top_k"]), int(np.sum(one_sided["top_k_finite"]))
    return (
        f"one-sided supports: e is infinite for {n - finite} of {n} samples of top-k and {'finite' if one_sided['ahead_entropy_finite'] else 'infinite'} with keys ahead only;\n"
        f"with a causal mask it is {float(one_sided['causal_entropy']):.1g}, as the stationary law is the first token alone, "
        f"while {float(one_sided['causal_elsewhere']):.3g} of the steps from evenly spread masses have no way back"
    )

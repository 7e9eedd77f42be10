"""Claim `first_order`: what attention does with a pseudo-metric that is no metric, to first order.

(a) inside a window, (b) with all keys at low temperature, (c) at high temperature, (d) W = c I + eps B on the sphere. The
score is asymmetric throughout. Each part is a file of its own: first_order_local, first_order_global, first_order_sphere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.statistics.orders import order_table
from simulations.experiments import first_order_global as all_keys
from simulations.experiments import first_order_local as window
from simulations.experiments import first_order_sphere as sphere
from simulations.experiments import option
from simulations.experiments.first_order_settings import DOT_PRODUCT, check_score
from simulations.experiments.settings import check_levels, check_manifolds
from simulations.store.results import Outcome
from theory.setting.checks import InputError, whole, within
from theory.claims import Claim
from theory.setting.manifolds import manifold

CLAIM = Claim(
    name="first_order",
    rank=7,
    title="A general pseudo-metric: drift, transport and linear attention",
    statement=(
        r"For a smooth $f$ that need not be symmetric nor vanish at $y = x$: inside a window attention drifts up the density and down "
        r"the score, $L H = \Delta_g H + 2 \langle \nabla \log p - \nabla_y f/T, \nabla H \rangle$; with all keys and $\varepsilon \to 0$ it is a transport "
        r"map $x \to y^*(x)$ with a known correction; at high temperature it is linear attention; and $W = c I + \varepsilon B$ on the "
        r"sphere adds the drift $2 P_x B^T x$, a tilt by $S$ and a rotation by $K$."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'First-order analysis'",
    hypotheses=r"closed manifold, smooth positive density, $f \in C^3$; for transport a unique non-degenerate minimiser of $f(x, \cdot)$",
    predicted=r"drift coefficients 2 and 2; correction of the transport map over predicted 1",
    order=r"1 in $\tau$ for the drift, 2 in $\varepsilon$ beyond the corrected transport map, 2 and 3 in $1/T$",
)

GENERAL_LOCAL = "x1*y2/2 - x2*y1 + (y1 - x2)**2/4 + sin(y2 + 2*x1)/3"
# a pull towards y1 = 3, so that the minimiser is unique on the torus for every query
GENERAL_GLOBAL = "-2*y1 - (2*x1*y1 + 3*x2*y3 - 2*x3*y2 + x2*y2)/6 + sin(y2 - x1)/3"


# where the laws are near their limits, and far from rounding
RANGES = {
    "radius": (0.05, 2.0), "window_temperature": (0.05, 20.0), "sample_radius": (0.05, 2.0), "temperature": (0.001, 1.0),
    "strength": (0.1, 10.0), "torque": (0.01, 10.0),
}  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    local_manifolds: tuple[str, ...] = option(("sphere", "ellipse(a=1.5)"), "Closed manifold of the window study, a curve or a surface.")
    local_scores: tuple[str, ...] = option((DOT_PRODUCT, GENERAL_LOCAL), "Score there: 'dot product' for random W_Q != W_K, or a formula in x1.. (query) and y1.. (key).")
    global_manifold: str = option("torus", "Closed manifold without poles of the study with all keys.")
    global_score: str = option(GENERAL_GLOBAL, "Score there, with one minimiser a query.")
    density: str = option("reference", "Token density, a formula; 'reference' for the project's choice.")
    radius: float = option(0.5, "Largest window of the bias study; the clock halves from level to level.")
    window_temperature: float = option(1.0, "Temperature T inside the window.")
    sample_radius: float = option(0.5, "Window of the samples.")
    temperature: float = option(0.1, "Largest temperature eps with all keys, and of the samples with W = c I + eps B.")
    strength: float = option(1.0, "c in W = c I + eps B.")
    torque: float = option(2.0, "Frobenius norm of the symmetric and of the antisymmetric part of B.")
    n_levels: int = option(6, "Levels of each bias study.")
    n_tokens: int = option(60_000, "Keys of a sample inside windows.")
    n_self_tokens: int = option(12_000, "Tokens of a sample with W = c I + eps B.")
    n_seeds: int = option(24, "Samples.")
    seed: int = option(20241218, "Seed of all random numbers, W_Q, W_K and B included.")

    def __post_init__(self):
        check_manifolds(self.local_manifolds)
        if len(self.local_manifolds) != len(self.local_scores):
            raise InputError(f"local_scores: got {len(self.local_scores)} for {len(self.local_manifolds)} manifolds, expected one each")
        for spec, on in zip(self.local_scores, self.local_manifolds, strict=True):
            check_score("local_scores", spec, on)
        check_score("global_score", self.global_score, self.global_manifold)
        if any(axis.kind != "periodic" for axis in manifold(self.global_manifold).axes):
            raise InputError(f"global_manifold: got {self.global_manifold}, expected one whose chart has no poles and no ends, such as torus or ellipse")
        for name, (low, high) in RANGES.items():
            within(name, getattr(self, name), low, high)
        if self.sample_radius > self.radius:
            raise InputError(f"sample_radius: got {self.sample_radius:g}, expected at most radius = {self.radius:g}")
        check_levels("n_levels", self.n_levels)
        whole("n_tokens", self.n_tokens, 100)
        whole("n_self_tokens", self.n_self_tokens, 100)
        whole("n_seeds", self.n_seeds, 3)
        whole("seed", self.seed, 0)


SMALL = {"n_levels": 5, "n_tokens": 20_000, "n_self_tokens": 4000}


def run(parameters: Parameters, run) -> Outcome:
    """Measure the four parts; see `Parameters`."""
    checks, arrays, tables = [], {}, []
    for k in range(len(parameters.local_manifolds)):
        case = window.LocalCase(parameters, k)
        bias = run.remember(f"window-{k}-bias", lambda case=case: window.bias_study(case))
        sample = run.remember(f"window-{k}-sample", lambda case=case: window.sample_study(case, run))
        checks += window.local_checks(case, bias, sample)
        arrays |= {f"window_{case.name}_{name}": v for study in (bias, sample) for name, v in study.items()}
        tables.append(f"{case.name}, window: L2 error of (A - I)H/tau on window nodes\n" + order_table(case.radii, bias["taus"], bias["errors"], "R"))
    keyed = {name: run.remember(f"global-{name}", lambda f=f: f(parameters)) for name, f in (
        ("sphere", all_keys.sphere_study), ("general", all_keys.general_study), ("two_minima", all_keys.two_minima_study),
        ("high", all_keys.high_temperature_study))}  # fmt: skip
    checks += all_keys.global_checks(keyed["sphere"], manifold(parameters.global_manifold).name, keyed["general"], keyed["two_minima"], keyed["high"])
    arrays |= {f"{part}_{name}": v for part, study in keyed.items() for name, v in study.items()}
    tables += [f"{part}: L2 error of A H - H(y*) - eps C\n" + order_table(keyed[part]["temperatures"], keyed[part]["temperatures"], keyed[part]["errors_right"], "eps") for part in ("sphere", "general")]
    case = sphere.SphereCase(parameters)
    temperatures = parameters.temperature / 2.0 ** np.arange(parameters.n_levels)
    bias = run.remember("identity-bias", lambda: sphere.bias_study(case, temperatures))
    sample = run.remember("identity-sample", lambda: sphere.sample_study(case, run))
    field = run.remember("identity-field", lambda: sphere.field_study(case))
    checks += sphere.sphere_checks(bias, sample)
    arrays |= {f"identity_{name}": v for study in (bias, sample, field) for name, v in study.items()} | {"identity_matrix": case.matrix}
    return Outcome(tuple(checks), arrays, tuple(tables))

"""Claim `moving_tokens`: X <- A X moves tokens with the velocity Hvec + 2 grad log p.

The velocity, on quadrature nodes as eps -> 0 and on i.i.d. tokens at a finite eps, is here. What the motion does to the
density is in `moving_tokens_density`, and the two motions known in closed form are in `moving_tokens_exact`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import romberg
from simulations.dynamics.evolve import evolve_tokens
from simulations.experiments import option
from simulations.experiments.moving_tokens_density import (
    density_checks,
    density_study,
    flat_checks,
    flat_study,
    has_fourier_chart,
)
from simulations.experiments.moving_tokens_exact import gaussian_checks, gaussian_study, sphere_checks, sphere_study
from simulations.experiments.settings import (
    GAUSSIAN,
    check_levels,
    check_manifolds,
    nodes_for,
    reference_density,
    require_closed,
    require_varying,
)  # fmt: skip
from simulations.observables import fit_coefficients
from simulations.store.results import Outcome
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import check, mean_interval, widened
from theory.setting.checks import positive, whole
from theory.claims import Claim
from theory.limits import clock, finite_sample_clock
from theory.moving_tokens import velocity_terms

CLAIM = Claim(
    name="moving_tokens",
    rank=10,
    title="Tokens moved by attention follow the mean curvature and twice the drift up log p",
    statement=(
        r"The map $X \leftarrow A X$ moves a token with velocity $\vec H + 2 \nabla \log p$, $\vec H$ the mean curvature vector (the trace of the "
        r"second fundamental form). Following a token, $\dot p = |\vec H|^2 p - 2 p\,\Delta \log p$: a uniform sphere shrinks by mean curvature, "
        r"and in flat space what is left is the heat equation run backwards."
    ),
    source="Ruan and Zhang (arXiv 2412.18288), the limit applied to the tokens themselves; docs/theory.md, 'Moving tokens'",
    hypotheses=r"closed manifold, smooth positive density, $f = |x-y|^2/4$; the density's equation before clusters form",
    predicted=r"coefficient 1 along the normal, 2 along the manifold; $R^2 = R_0^2 - 2 d t$; $s \to s^3/(s^2 + 2\varepsilon)$",
    order=r"1 in $\tau$",
)

WRONG_DRIFT = 1.0  # of a doubly stochastic attention
N_PROBES, N_DRAWN = 200, 24


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("ellipse", "torus", "sphere"), "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the project's choice.")
    n_tokens: int = option(10_000, "Tokens of a sample.")
    temperature: float = option(0.02, "Temperature eps of the samples, and largest of the limits on quadrature nodes.")
    n_levels: int = option(5, "Temperatures of a limit, each half the one before.")
    n_seeds: int = option(20, "Samples.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_manifolds(self.manifolds)
        whole("n_tokens", self.n_tokens, 100)
        positive("temperature", self.temperature)
        check_levels("n_levels", self.n_levels)
        whole("n_seeds", self.n_seeds, 3)
        whole("seed", self.seed, 0)


SMALL = {"manifolds": ("ellipse", "sphere"), "n_tokens": 5000, "n_levels": 4, "n_seeds": 15}
LONG = {"n_tokens": 40_000, "n_levels": 6, "n_seeds": 40}


def run(parameters: Parameters, run) -> Outcome:
    """Measure the velocity of tokens, the density that they carry along, and two closed forms; see `Parameters`."""
    checks, arrays = [], {"manifolds": np.array(parameters.manifolds)}
    temperatures = parameters.temperature / 2.0 ** np.arange(parameters.n_levels)
    for k, name in enumerate(parameters.manifolds):
        p = require_varying(reference_density(name, parameters.density), "moving_tokens")
        require_closed(p.manifold, "moving_tokens")
        for eps in temperatures[[0, -1]]:
            nodes_for(p.manifold, eps)  # refuses a kernel too wide, or too many nodes, before anything is computed
        studies = {
            "limit": run.remember(f"{name}-limit", lambda p=p, k=k: limit_study(p, temperatures, np.random.default_rng([parameters.seed, k, 0]))),
            "sample": run.remember(f"{name}-sample", lambda p=p, k=k: sample_study(p, parameters, k, run)),
        }
        checks += velocity_checks(name, **studies)
        if has_fourier_chart(p.manifold):
            studies["density"] = run.remember(f"{name}-density", lambda p=p: density_study(p, temperatures))
            checks += density_checks(name, studies["density"])
        arrays |= {f"{name}_{key}": value for study in studies.values() for key, value in study.items()}
    flat = run.remember("flat", lambda: flat_study(temperatures))
    spheres = run.remember("spheres", lambda: sphere_study(parameters, run))
    gaussian = run.remember("gaussian", lambda: gaussian_study(parameters))
    checks += flat_checks(flat) + sphere_checks(parameters, spheres) + gaussian_checks(parameters, gaussian)
    closed_forms = {f"spheres_{key}": v for key, v in spheres.items()} | {f"gaussian_{key}": v for key, v in gaussian.items()}
    return Outcome(tuple(checks), arrays | closed_forms | {"flat_coefficients": flat["coefficients"], "temperatures": temperatures})


def limit_study(p, temperatures, rng) -> dict:
    """(normal, tangential) coefficients (levels, 2) of the velocity of probes among infinitely many tokens.

    And the velocity of a few probes by its components (levels, n) along the unit vectors of Hvec and of the chart:
    `normal`, `tangential`, with their predictions (n,).
    """
    m, probes = p.manifold, iid_tokens(p, N_PROBES, rng)
    terms, velocities = velocity_terms(p)(probes.coordinates), []
    for eps in temperatures:
        velocities.append(probe_velocity(probes.points, quadrature_tokens(p, nodes_for(m, eps)), m.dim, eps))
    frame = unit_frame(terms[0], m.jacobian(probes.coordinates))[:N_DRAWN]

    def components(velocity):
        along = (velocity[..., :N_DRAWN, None, :] * frame).sum(axis=-1)
        return along[..., 0], along[..., 1:].reshape(*velocity.shape[:-2], -1)

    normal, tangential = components(np.array(velocities))
    normal_predicted, tangential_predicted = components(terms[0] + 2 * terms[1])
    return {
        "limit": np.array([fit_coefficients(v, terms) for v in velocities]), "normal": normal, "tangential": tangential,
        "normal_predicted": normal_predicted, "tangential_predicted": tangential_predicted,
    }  # fmt: skip


def probe_velocity(probes, tokens, dim, eps) -> np.ndarray:
    """(A x - x)/tau (n, D) of probes x (n, D) that attend to the tokens."""
    return (AttentionOperator(probes, GAUSSIAN, eps, keys=tokens) @ tokens.points - probes) / clock(GAUSSIAN.power_law, dim, eps)


def sample_study(p, parameters, k, run) -> dict:
    """Coefficients of i.i.d. tokens at eps, (seeds, 2), and those of infinitely many, (2,)."""
    m, eps, terms, coefficients = p.manifold, parameters.temperature, velocity_terms(p), []
    for s in run.progress(range(parameters.n_seeds), label=f"moving_tokens, {m.name}: samples"):
        tokens = iid_tokens(p, parameters.n_tokens, np.random.default_rng([parameters.seed, k, 1, s]))
        slowing = finite_sample_clock(p, tokens.coordinates, eps, parameters.n_tokens)
        coefficients.append(token_coefficients(terms, tokens, eps, slowing))
    population = token_coefficients(terms, quadrature_tokens(p, nodes_for(m, eps)), eps, 1.0)
    return {"coefficients": np.array(coefficients), "population": population, "second_order": np.mean((1 - slowing) ** 2)}


def unit_frame(curvature, jacobian) -> np.ndarray:
    """Unit vectors (n, 1 + d, D): of Hvec (n, D), then of the chart directions, the columns of `jacobian` (n, D, d)."""
    frame = np.concatenate([curvature[:, None], jacobian.transpose(0, 2, 1)], axis=1)
    return frame / np.linalg.norm(frame, axis=2, keepdims=True)


def token_coefficients(terms, tokens, eps, clock_factor) -> np.ndarray:
    """(normal, tangential) coefficients of one step of all tokens; `clock_factor` is that of finite samples."""
    step = evolve_tokens(tokens, GAUSSIAN, eps, [1])[0] - tokens.points
    velocity = step / clock(GAUSSIAN.power_law, tokens.manifold.dim, eps)
    factor = np.broadcast_to(clock_factor, len(tokens))[:, None]
    return fit_coefficients(velocity, [factor * term for term in terms(tokens.coordinates)], tokens.weights)


def velocity_checks(name, limit, sample) -> list:
    """The two coefficients, tangential first: at eps -> 0, and of i.i.d. tokens at eps."""
    checks = []
    for column, what, value, wrong in ((1, "tangential velocity over grad log p", 2.0, {"drift 1": WRONG_DRIFT}), (0, "normal velocity over Hvec", 1.0, {})):
        expected = float(sample["population"][column])
        # the slowing of a sample's clock is known to first order in the inverse number of neighbours
        sampled = widened(mean_interval(sample["coefficients"][:, column]), expected * float(sample["second_order"]))
        checks += [
            check(f"{name}: {what} at eps -> 0", value, romberg(limit["limit"][:, column]), {"10 % off": 1.1 * value} | wrong),
            check(f"{name}: {what}, i.i.d. tokens at eps", expected, sampled, {"10 % off": 1.1 * expected}),
        ]
    return checks

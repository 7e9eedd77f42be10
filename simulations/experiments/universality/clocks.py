"""The claim `universality`, beyond the leading clock: a cubic term of phi, chord against geodesic, the dot product off the sphere."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, romberg
from simulations.experiments.settings import nodes_for, probe_features, reference_density
from simulations.experiments.universality_scores import at_clock, columns, fitted, halved, mixed, score
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.tokens.star import attend_basis, smooth_basis
from simulations.verdict import check, check_against_measurement
from theory.clocks import chord_constant, moment_clock, next_term, next_term_constant
from theory.limits import clock, generator_terms

CUBIC, COARSEST = "r**2 + r**3", 0.2  # largest sqrt(eps) of the study
ELLIPSE, ELLIPSE_CLOCK, WRONG_SCORE = "ellipse(a=2, b=1)", 0.02, "dot product"


def next_term_study(density, parameters, run) -> dict:
    """For phi = r^2 + r^3: errors of (A - I)H/tau (features, levels) with either clock, and (1 - clock ratio)/sqrt(eps).

    Also errors of phi = r^2, and (clock(chord)/clock(geodesic) - 1)/tau, both at the same levels.
    """
    m, features = density.manifold, probe_features(density.manifold)
    basis = smooth_basis(m, parameters.degree_on(m.dim))
    h = COARSEST / 2.0 ** np.arange(parameters.n_levels)
    names = (CUBIC, "r**2", "geodesic(r**2)")
    scores = [(score(name), eps) for name in names for eps in h**2]
    attended = attend_basis(density, basis, scores, lambda q: run.progress(q, label=f"universality, {m.name}: cubic"))
    start, u = columns(m, features, basis.nodes), basis.nodes
    jump = (attended @ basis.coefficients(start) - start).reshape(len(names), len(h), *start.shape)
    mass, mix = basis.weights * density(u), mixed(len(features), np.random.default_rng([parameters.seed, 1]))
    laplacian, drift = generator_terms(density, features)(u)
    leading = np.array([clock(score("r**2").power_law, m.dim, eps) for eps in h**2])
    moments = np.array([moment_clock(CUBIC, m.dim, eps) for eps in h**2])

    def errors(jumps, taus):
        residual = jumps / taus[:, None, None] - (laplacian + 2 * drift)
        return np.sqrt(np.einsum("lnc,n->cl", (residual @ mix) ** 2, mass))

    clocks = np.array([[fitted((laplacian, drift), a / tau, mass)[0] for a, tau in zip(row, leading, strict=True)] for row in jump])
    return {
        "sqrt_eps": h, "cubic_taus": leading, "cubic_errors": errors(jump[0], leading),
        "moment_errors": errors(jump[0], moments), "square_errors": errors(jump[1], leading),
        "cubic_slowing": (1 - clocks[0]) / h, "chord_excess": (clocks[1] / clocks[2] - 1) / leading,
    }  # fmt: skip


def next_term_checks(density, study) -> list:
    """The constants of the slowed clock and of the chord, and the orders with the leading and with the moment clock."""
    name, d, h = density.manifold.name, density.manifold.dim, study["sqrt_eps"]
    b, q = next_term(CUBIC)
    constant, chord = b * next_term_constant(2.0, d, q), chord_constant(d)
    raw, repaired, smooth = (halved(limit_order(h, study[f"{key}_errors"])) for key in ("cubic", "moment", "square"))
    return [
        check(
            f"{name}: (1 - clock ratio)/sqrt(eps) of phi = r^2 + r^3 at eps -> 0", constant, romberg(study["cubic_slowing"]),
            {"C_d off by 10 %": 1.1 * constant, "the clock of r^2 is right": 0.0},
        ),
        check_against_measurement(f"{name}: order in tau of phi = r^2 + r^3", 0.5, raw, "phi = r^2", smooth),
        check_against_measurement(f"{name}: order in tau of phi = r^2 + r^3, clock of its moments", 1.0, repaired, "clock of r^2", raw),
        check(
            f"{name}: (clock(chord)/clock(geodesic) - 1)/tau at tau -> 0", chord, romberg(study["chord_excess"]),
            {"constant off by 10 %": 1.1 * chord, "chord and geodesic alike": 0.0},
        ),
    ]  # fmt: skip


def ellipse_study(parameters, n_probes: int = 200) -> dict:
    """Errors of (A - I)H/tau on an ellipse, (features, levels), for |x-y|^2 and for the dot product at the clock it has on a sphere."""
    density = reference_density(ELLIPSE)
    m, features = density.manifold, probe_features(density.manifold)
    rng = np.random.default_rng([parameters.seed, 2])
    probes, mix = iid_tokens(density, n_probes, rng), mixed(len(features), rng)
    laplacian, drift = generator_terms(density, features)(probes.coordinates)
    taus, errors = ELLIPSE_CLOCK / 2.0 ** np.arange(parameters.n_levels), []
    for name in ("r**2", WRONG_SCORE):
        for tau in taus:
            # the scores bend up to a^2/b^2 times as sharply as on a circle
            keys = quadrature_tokens(density, nodes_for(m, tau / 8))
            h, start = (columns(m, features, t.coordinates) for t in (keys, probes))
            jump = AttentionOperator(probes, *at_clock(name, m.dim, tau), keys=keys) @ h - start
            errors.append(np.sqrt((((jump / tau - laplacian - 2 * drift) @ mix) ** 2).mean(axis=0)))
    metric, dot = np.array(errors).reshape(2, len(taus), -1).transpose(0, 2, 1)
    return {"taus": taus, "errors": metric, "dot_errors": dot}


def ellipse_checks(study) -> list:
    """Off the sphere the metric score converges with order 1 and the dot product does not converge."""
    right, wrong = (limit_order(study["taus"], study[key]) for key in ("errors", "dot_errors"))
    return [check_against_measurement("ellipse: order in tau of phi = r^2", 1.0, right, "dot product, no metric here, diverges", wrong)]

"""Many scores with one declared clock at N = infinity: coefficients, and A^k H at k tau = T."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulations.observables.generator import feature_columns
from simulations.statistics.fits import fit_coefficients
from simulations.statistics.intervals import Interval, rounding_of_sums
from simulations.statistics.limits import romberg_within
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens.star import (
    SmoothBasis,
    attend_basis,
    iterate_basis,
    smooth_basis,
    star_size,
)
from theory.claims import universality as claim
from theory.setting.checks import InputError
from theory.setting.densities import Density
from theory.setting.geometry import generator_terms
from theory.setting.references import probe_features

# of the finest clock: coefficients of the last degree, ten times those that are cut off
CUT_OFF = 5e-3
MOST_DEGREES = {1: 60, 2: 14}  # beyond, minutes
MOMENTS = "moments"  # the cubic phi at the temperatures of its moment clock


def attended_levels(parameters: claim.Parameters, manifold: str, run) -> dict:
    """(clock, drift) of each score and level, (scores, levels, 2), and A^k H, (scores, levels, n, c).

    The scores are those of `studied()`, then the cubic phi at the temperatures of its moment clock.
    `at_samples`, (scores, 2), holds the coefficients at the clock of the samples.
    """
    p, taus = parameters.tokens_density(manifold), parameters.clocks()
    m, features = p.manifold, probe_features(p.manifold)
    basis = resolved_basis(parameters, p)
    names, clocks = parameters.studied(), [*taus, parameters.sample_clock]
    scores = [claim.at_clock(name, m.dim, tau) for name in names for tau in clocks]
    scores += [claim.at_moment_clock(m.dim, tau) for tau in clocks]

    def progress(queries):
        return run.progress(queries, label=f"universality, {manifold}: scores")

    attended = attend_basis(p, basis, scores, progress)
    attended = attended.reshape(len(names) + 1, len(clocks), *attended.shape[1:])
    start, u = feature_columns(m, features, basis.nodes), basis.nodes
    terms, mass = generator_terms(p, features)(u), basis.weights * p(u)

    def coefficients(operator):
        after = operator @ basis.coefficients(start)
        clock, drift = fit_coefficients(after - start, terms, mass)
        return clock, drift / clock

    fits = np.array([[coefficients(a) for a in row] for row in attended])
    evolved = [
        [iterate_basis(basis, a, start, k) for a, k in zip(row, parameters.steps(), strict=False)]
        for row in attended
    ]
    return {
        "fits": fits[:, :-1], "at_samples": fits[:, -1], "evolved": np.array(evolved),
        "coordinates": u, "weights": mass / mass.sum(), "n_keys": star_size(m.dim, scores),
    }  # fmt: skip


def resolved_basis(parameters: claim.Parameters, p: Density) -> SmoothBasis:
    """A basis in which A^k H of the coarsest level is known to a small share of the finest clock.

    The coefficients of its last degree say what is cut off, next to errors of order tau. Raises
    InputError for a density that no basis of MOST_DEGREES resolves.
    """
    m, steps = p.manifold, parameters.n_steps
    score = claim.at_clock(claim.CHORD, m.dim, parameters.clocks()[0])
    most = MOST_DEGREES[m.dim]
    for degree in range(4, most + 1):
        basis = smooth_basis(m, degree)
        start = feature_columns(m, probe_features(m), basis.nodes)
        (attended,) = attend_basis(p, basis, [score])
        if (
            basis.tail(iterate_basis(basis, attended, start, steps))
            < CUT_OFF * parameters.clocks()[-1]
        ):
            return basis
    raise InputError(
        f"density: {p.expression} needs functions of degree over {most} on {m.name}, expected one "
        f"that varies more slowly"
    )


def evolutions(parameters: claim.Parameters, manifold: str, levels: dict) -> Measurement:
    """A^k H of every score as a field over the levels, with step h = sqrt(tau)."""
    steps = np.sqrt(parameters.clocks())
    names = (*parameters.studied(), MOMENTS)
    values = dict(zip(names, levels["evolved"], strict=True))

    def field(name):
        return deterministic_field(values[name], levels["coordinates"], steps, levels["weights"])

    quantities = {claim.evolved(manifold, name): field(name) for name in parameters.scores}
    wrong = {"the clock of r^2": values[claim.CUBIC][:, None]}
    quantities[claim.repaired(manifold)] = replace(field(MOMENTS), wrong_methods=wrong)
    return Measurement(quantities)


def next_terms(parameters: claim.Parameters, manifold: str, levels: dict) -> Measurement:
    """What the cubic term takes from the clock, and what the chord adds to that of the arc."""
    taus = parameters.clocks()
    clocks = dict(zip(parameters.studied(), levels["fits"][:-1, :, 0], strict=True))
    # r^2 has tau = eps/4 and so has the leading term of r^2 + r^3
    slowing = (1 - clocks[claim.CUBIC] / taus) / np.sqrt(4 * taus)
    excess = (clocks[claim.CHORD] / clocks[claim.GEODESIC] - 1) / taus
    quantities = {
        claim.slowing(manifold): Number(limit(slowing, levels, taus * np.sqrt(4 * taus))),
        claim.chord(manifold): Number(limit(excess, levels, taus**2)),
    }
    arrays = {f"{manifold}_slowing": slowing, f"{manifold}_roots_of_eps": np.sqrt(4 * taus)}
    return Measurement(quantities, arrays)


def limit(values, levels: dict, divisors) -> Interval:
    """Romberg's limit, with the rounding of the sums over keys that were divided by `divisors`.

    (A - I)H is a difference of numbers of size 1, each a ratio of two sums known to n units in the
    last place, and the divisor of each level, (levels,), amplifies what is left of them.
    """
    rounding = rounding_of_sums(int(levels["n_keys"])) / divisors
    return romberg_within(values, rounding, "rounding of (A - I)H over the clock, extrapolated")

"""Integration to a tolerance: against closed forms and SciPy's exponentials of the same matrix."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import expm_multiply

from theory.pde import (
    INTEGRATORS,
    Grid,
    Operator,
    chebyshev,
    choice,
    drift_diffusion_operator,
    integrate_to_tolerance,
    krylov,
)
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import capped_surface, closed_surface, manifold

ELLIPSOID = capped_surface(
    "ellipsoid", "(1.3*sin(theta)*cos(phi), 0.8*sin(theta)*sin(phi), cos(theta))"
)
SHEARED = closed_surface(
    "sheared torus", "((2 + cos(v + u))*cos(u), (2 + cos(v + u))*sin(u), sin(v + u))"
)
CIRCLE = manifold("circle")
BOUNDED = {
    "circle": (48,),
    "ellipse": (32,),
    "interval": (24,),
    "sphere": (12, 24),
    "torus": (16, 12),
    "sphere3": (6, 8, 10),
    "flat_torus(dim=3)": (6, 8, 7),
}


def drifting(name, cells):
    """An operator with a drift, and features without symmetry."""
    m = manifold(name)
    p = density(m, "1 + u/3" if m.name == "interval" else "exp(x1/2 + x2/4)")
    return drift_diffusion_operator(Grid(m, cells), p)


def rough(operator, c=None):
    size = operator.grid.size
    return np.random.default_rng(3).random(size if c is None else (size, c))


def decaying(dim, cells):
    """The Laplacian on the flat torus and features that decay at known rates, exact on the grid."""
    m = manifold(f"flat_torus(dim={dim})")
    operator = drift_diffusion_operator(Grid(m, (cells,) * dim), density(m))
    h, u = 2 * np.pi / cells, operator.grid.points
    modes = [(k, np.sin(k * u.sum(axis=1) + k)) for k in (1, 2, 3)]
    rates = [dim * 4 * np.sin(k * h / 2) ** 2 / h**2 for k, _ in modes]

    def exact(t):
        return sum(np.exp(-rate * t) * f for rate, (_, f) in zip(rates, modes, strict=True))

    return operator, exact


@pytest.mark.parametrize("scheme", INTEGRATORS)
@pytest.mark.parametrize(("dim", "cells"), [(1, 256), (2, 32), (3, 12)])
def test_tolerance_is_met_on_known_solutions(scheme, dim, cells):
    operator, exact = decaying(dim, cells)
    times, scale = [0.05, 0.3, 0.5], np.ptp(exact(0.0))

    def error(tolerance, late=1.0):
        out = integrate_to_tolerance(operator, exact(0.0), times, tolerance, scheme)
        pairs = zip(out, times, strict=True)
        return max(np.abs(h - exact(late * t)).max() for h, t in pairs) / scale

    for tolerance in (1e-3, 1e-5, 1e-7):
        assert error(tolerance) <= tolerance
    # the twin: output times one per cent late
    assert error(1e-5, late=1.01) > 1e-4


@pytest.mark.parametrize("scheme", INTEGRATORS)
@pytest.mark.parametrize("name", BOUNDED)
def test_tolerance_is_met_on_rough_features(scheme, name):
    operator = drifting(name, BOUNDED[name])
    h, times = rough(operator), [0.02, 0.1, 0.4]
    truth = np.array([expm_multiply(t * operator.matrix, h) for t in times])
    for tolerance in (1e-3, 1e-5):
        out = integrate_to_tolerance(operator, h, times, tolerance, scheme)
        assert np.abs(out - truth).max() <= tolerance * np.ptp(h)
    # the twin ignores what it is asked for
    loose = integrate_to_tolerance(operator, h, times, 0.3, scheme)
    assert np.abs(loose - truth).max() > 1e-5 * np.ptp(h)


@pytest.mark.parametrize("m", [SHEARED, ELLIPSOID], ids=lambda m: m.name)
@pytest.mark.parametrize("scheme", INTEGRATORS)
def test_tolerance_is_met_with_a_full_metric(scheme, m):
    operator = drift_diffusion_operator(Grid(m, (12, 24)), density(m, "exp(x/3 + z/4)"))
    h = rough(operator)
    truth = expm(0.2 * operator.matrix.toarray()) @ h
    out = integrate_to_tolerance(operator, h, [0.2], 1e-6, scheme)[0]
    assert np.abs(out - truth).max() <= 1e-6 * np.ptp(h)


@pytest.mark.parametrize(
    ("scheme", "module", "wrong"), [("chebyshev", chebyshev, 1e-3), ("shift-invert", krylov, 1e-4)]
)
def test_a_wrong_estimate_misses_the_tolerance(monkeypatch, scheme, module, wrong):
    operator = drifting("circle", (48,))
    h = rough(operator)
    truth = expm_multiply(0.1 * operator.matrix, h)
    monkeypatch.setattr(module, "_MARGIN", wrong)
    out = integrate_to_tolerance(operator, h, [0.1], 1e-5, scheme)[0]
    assert np.abs(out - truth).max() > 1e-5 * np.ptp(h)


@pytest.mark.parametrize("scheme", INTEGRATORS)
def test_times_are_met_exactly_and_do_not_disturb_one_another(scheme):
    operator, exact = decaying(1, 64)
    times = [0.0, 0.001, 0.03, 0.03, 0.1, 0.11, 0.12, 0.13, 0.14, 0.7]
    out = integrate_to_tolerance(operator, exact(0.0), times, 1e-8, scheme)
    assert (out[0] == exact(0.0)).all() and (out[2] == out[3]).all()
    for h, t in zip(out, times, strict=True):
        assert np.abs(h - exact(t)).max() <= 1e-8 * np.ptp(exact(0.0))
    assert np.abs(out[4] - exact(0.1 + 1e-5)).max() > 1e-6


@pytest.mark.parametrize("scheme", INTEGRATORS)
@pytest.mark.parametrize(
    "m", [manifold("sphere"), manifold("interval"), SHEARED, ELLIPSOID], ids=lambda m: m.name
)
def test_integration_conserves(scheme, m):
    p = density(m, "1 + u/3" if m.dim == 1 else "exp(x/3 + z/4)")
    operator = drift_diffusion_operator(Grid(m, (24,) * m.dim), p)
    h = rough(operator)
    # the tolerance is loose: what conserves is not the accuracy
    start = np.stack([h, np.ones_like(h)], axis=1)
    out = integrate_to_tolerance(operator, start, [0.1, 0.4], 1e-2, scheme)
    assert np.abs(operator.total(out[1, :, 0]) / operator.total(h) - 1) < 2e-13
    assert (out[:, :, 1] == 1).all()
    assert np.abs(np.mean(out[1, :, 0]) / np.mean(h) - 1) > 1e-5


@pytest.mark.parametrize("m", [manifold("torus"), manifold("sphere")], ids=lambda m: m.name)
@pytest.mark.parametrize("scheme", INTEGRATORS)
def test_features_keep_their_range_to_the_tolerance(scheme, m):
    """The maximum principle of the equation: the largest value falls."""
    operator = drift_diffusion_operator(Grid(m, (16, 32)), density(m, "exp(x/2)"))
    step = (operator.grid.points[:, 0] < 1.3).astype(float)
    out = integrate_to_tolerance(operator, step, [0.1, 0.3], 1e-6, scheme)
    assert out.min() > -1e-6 and out.max() < 1 + 1e-6
    assert np.ptp(out[1]) < np.ptp(out[0]) < 1


@pytest.mark.parametrize("scheme", INTEGRATORS)
@pytest.mark.parametrize("name", ["circle", "torus", "flat_torus(dim=3)", "full metric"])
def test_threads_change_nothing(scheme, name):
    results = []
    for threads in (1, 2, 3, 5):
        if name == "full metric":
            operator = drift_diffusion_operator(Grid(SHEARED, (24, 20)), density(SHEARED))
        else:
            operator = drifting(name, BOUNDED[name])
        operator.__dict__["stencil"] = dataclasses.replace(operator.stencil, threads=threads)
        h = rough(operator)
        results.append(integrate_to_tolerance(operator, h, [0.01, 0.02], 1e-2, scheme))
    assert all((r == results[0]).all() for r in results)


def test_features_are_solved_one_by_one():
    operator = drifting("sphere", (12, 24))
    h = rough(operator, 3) * [1.0, 100.0, 0.01]
    for scheme in INTEGRATORS:
        together = integrate_to_tolerance(operator, h, [0.1, 0.2], 1e-4, scheme)
        for k in range(3):
            alone = integrate_to_tolerance(operator, h[:, k], [0.1, 0.2], 1e-4, scheme)
            assert (together[:, :, k] == alone).all()


def test_terms_of_the_series_are_a_random_walk():
    p = chebyshev.kernels.random_walk(50.0, 300)
    assert np.isclose(p[0] + 2 * p[1:].sum(), 1, atol=1e-15)
    assert np.isclose(2 * (np.arange(301) ** 2 * p).sum(), 50.0)
    for tail in (1e-3, 1e-8):
        k = chebyshev.terms_needed(50.0, tail)
        assert 2 * p[k + 1 :].sum() <= tail < 2 * p[k // 2 :].sum()


@pytest.mark.parametrize(
    ("name", "cells", "time", "expected"),
    [
        ("torus", (160, 160), 0.5, "chebyshev"),
        ("sphere3", (12, 24, 24), 0.5, "chebyshev"),
        ("circle", (1024,), 0.5, "chebyshev"),
        ("sphere", (160, 160), 0.5, "shift-invert"),
        ("sphere", (160, 160), 1e-3, "chebyshev"),
    ],
)
def test_the_choice_knows_stiffness_and_dimension(name, cells, time, expected):
    m = manifold(name)
    operator = drift_diffusion_operator(Grid(m, cells), density(m))
    assert choice.by_cost(operator, [time], 1e-6)[0] == expected


def test_what_one_integrator_cannot_do_another_does():
    # advection on top of diffusion: eigenvalues far off the axis
    diffusion = drift_diffusion_operator(Grid(CIRCLE, (64,)), density(CIRCLE))
    shift = csr_matrix(np.roll(np.eye(64), 1, axis=1))
    advection = (60 * (shift - shift.T)).tocsr()
    operator = Operator(diffusion.grid, diffusion.capacity, diffusion.faces, advection)
    h = diffusion.grid.sample(CIRCLE.function("sin(t) + cos(3*t)"))
    with pytest.raises(InputError, match="terms of chebyshev grow by"):
        integrate_to_tolerance(operator, h, [0.5], 1e-6, "chebyshev")
    truth = expm(0.5 * operator.matrix.toarray()) @ h
    out = integrate_to_tolerance(operator, h, [0.5], 1e-6)[0]
    assert np.abs(out - truth).max() < 1e-6 * np.ptp(h)


@pytest.mark.parametrize("scheme", INTEGRATORS)
def test_progress_rises_to_one(scheme):
    operator, seen = drifting("circle", (128,)), []
    start = rough(operator, 2)
    integrate_to_tolerance(operator, start, [0.1, 2.0], 1e-4, scheme, progress=seen.append)
    assert seen[-1] == 1.0 and min(seen) > 0 and (np.diff(seen) >= 0).all()


OPERATOR = drift_diffusion_operator(Grid(CIRCLE, (16,)), density(CIRCLE))
H = np.arange(16.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((H[:15], [1.0]), r"initial: got shape \(15,\)"),
        ((H, [1.0, 0.5]), "expected increasing"),
        ((np.full(16, np.nan), [1.0]), "initial: 16 of 16"),
        ((H, [1.0], 0.0), "tolerance: got 0"),
        ((H, [1.0], 1e-6, "euler"), "scheme: got 'euler', expected one of chebyshev, shift-invert"),
        ((H, [1.0], 1e-15, "chebyshev"), "tolerance: 1e-15 is below the rounding of"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        integrate_to_tolerance(OPERATOR, *arguments)

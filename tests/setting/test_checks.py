"""What is checked at the door: numbers, formulas, tokens on their sphere, nodes."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from simulations.statistics.intervals import mean_interval
from simulations.tokens import SAMPLERS, quadrature_tokens
from theory.clocks import clock
from theory.pde import evolve
from theory.setting.checks import InputError, finite_array, positive, real, share, whole, within
from theory.setting.densities import density
from theory.setting.expressions import read_number
from theory.setting.manifolds import manifold
from theory.setting.nodes import clock_error, largest_spacing
from theory.setting.pseudo_metrics import PowerLaw, cosine, dot_product, geodesic_sphere
from theory.setting.quadrature import chart_quadrature

MASKED = np.ma.masked_array([1.0, 2.0], [False, True])


@pytest.mark.parametrize("value", ["0.05", b"1", True, np.True_, np.str_("1"), np.ones(1), [1]])
@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (real, "a finite number"),
        (positive, "a finite number > 0"),
        (share, "a number > 0 and < 1"),
        (lambda name, x: within(name, x, 0, 2), "a number from 0 to 2"),
        (lambda name, x: within(name, x, 0, np.inf), "a finite number >= 0"),
        (lambda name, x: whole(name, x, 1), "a whole number >= 1"),
    ],
)
def test_text_truth_and_arrays_are_no_numbers(check, expected, value):
    with pytest.raises(InputError) as refused:
        check("x", value)
    assert str(refused.value) == f"x: got {value!r}, expected {expected}"


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.05", 0.05), ("2*pi/3", 2 * np.pi / 3), ("-1e-3", -1e-3), ("1/3", 1 / 3), (" 7 ", 7.0)],
)
def test_a_number_is_read_from_a_formula(text, value):
    assert read_number("x", text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", ["", "y", "inf", "nan", "(1, 2)", "1/0", "__import__('os')", 2.0])
def test_text_that_is_no_number_is_named(text):
    with pytest.raises(InputError, match="^x: "):
        read_number("x", text)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ((8, 8, 8), r"got \(8, 8, 8\), expected a whole number or 2 of them, one an axis"),
        ((8,), r"got \(8,\), expected a whole number or 2 of them"),
        (np.array([8]), r"got array.* expected a whole number or 2 of them"),
        (1, "got 1, expected a whole number >= 2"),
        ((8, 1), "got 1, expected a whole number >= 2"),
        ("8", "got '8', expected a whole number >= 2"),
        (8.0, "got 8.0, expected a whole number >= 2"),
        ((8, True), "got True, expected"),
        (10**6, "got 1000000 along theta of sphere, expected at most 20000 between poles"),
        ((20, 10**12), r"got \(20, 1000000000000\), expected at most \d+ in all: .* GB"),
    ],
)
def test_nodes_are_counted_before_they_are_made(nodes, message):
    for call in (lambda: quadrature_tokens(density(manifold("sphere")), nodes),
                 lambda: chart_quadrature(manifold("sphere"), nodes)):  # fmt: skip
        with pytest.raises(InputError, match=f"nodes per axis: {message}"):
            call()


@pytest.mark.parametrize("nodes", [8, (8, 8), [8, 8], np.array([8, 8]), np.int64(8)])
def test_nodes_of_any_kind_are_the_same(nodes):
    p = density(manifold("sphere"))
    assert (quadrature_tokens(p, nodes).points == quadrature_tokens(p, (8, 8)).points).all()


@pytest.mark.parametrize("sampler", SAMPLERS.values())
def test_tokens_that_do_not_fit_are_refused(sampler):
    with pytest.raises(InputError, match=r"n_tokens: got 1000000000000, expected at most \d+"):
        sampler(density(manifold("circle")), 10**12, np.random.default_rng(0))


@pytest.mark.parametrize("values", [[1, 2], (1.0, 2), np.array([1, 2], dtype="i2"), [True, 2]])
def test_numbers_of_any_kind_are_numbers(values):
    found = finite_array("x", values, (2,))
    assert found.dtype == np.float64 and (found == [1, 2]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: finite_array("x", ["1", "2"], (2,)), r"x: got text, expected .* \(2,\)"),
        (lambda: finite_array("x", np.array(["1", 2.0], dtype=object), (2,)), "x: got text"),
        (lambda: finite_array("x", [[1], [2, 3]], (None, 2)), r"different lengths.* \(any, 2\)"),
        (lambda: finite_array("x", MASKED, (2,)), "x: 1 of 2 entries are masked"),
        (lambda: finite_array("x", [1j, 2], (2,)), "x: got complex numbers"),
        (lambda: finite_array("x", [None, 2], (2,)), r"x: got None at index \(0,\), expected numb"),
        (lambda: finite_array("x", [{}, 2], (2,)), "x: got list, expected numbers"),
        (lambda: finite_array("x", np.array(["2020"], "M8"), (1,)), "x: got datetime64"),
        (
            lambda: density(manifold("circle"), lambda u: 1 + u[:, 0]),
            "density: got the Python function '<lambda>', expected a formula such as",
        ),
        (lambda: manifold("sphere").function(np.sin), "got the Python function 'sin'"),
        (
            lambda: clock(dot_product(np.eye(3)).power_law, 2, 0.1),
            "power_law: got None, expected .* a score with a matrix, .* have none",
        ),
        (lambda: clock(cosine(), 2, 0.1), "power_law: got the score 'cosine' itself, expected"),
        (
            lambda: manifold("sphere").function("x*z")(np.ones((4, 3))),
            r"points \(theta, phi\): got shape \(4, 3\), expected \(n, 2\)",
        ),
        (
            lambda: manifold("sphere").function("x*z")([0.1, 0.2]),
            r"points \(theta, phi\): got shape \(2,\), expected \(n, 2\)",
        ),
        (
            lambda: manifold("circle").function("x")([["a"]]),
            r"points \(t\): got text, expected numbers of shape \(n, 1\)",
        ),
        (
            lambda: evolve(density(manifold("circle")), lambda u: u, [0.1], cells=64),
            r"at chart points \(64, 1\): got shape \(64, 1\), expected \(64,\)",
        ),
        (
            lambda: evolve(density(manifold("sphere")), "z", [0.1], cells=(8,)),
            r"cells: got \(8,\), expected a whole number or 2 of them",
        ),
        (lambda: manifold("sphere(r=-1)"), "manifold: got 'r=-1' in .*, but sphere takes radius="),
        (lambda: manifold("sphere(radius=-1)"), "radius: got -1, expected a number from 1e-06"),
        (lambda: mean_interval([1.0, np.nan, 2.0]), "samples: 1 of 3 entries are not finite"),
        (lambda: mean_interval([1.0, 2.0, 3.0], 1.5), "confidence: got 1.5, expected"),
        (lambda: mean_interval([1.0, 2.0, 3.0], 0.0), "confidence: got 0, expected"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_geodesic_distance_is_one_of_its_sphere():
    x = manifold("sphere(radius=2)").embed([[0.5, 1.0], [2.0, 3.0]])
    cosine = x[0] @ x[1] / 4
    found = geodesic_sphere("r**2", radius=2.0)(x, x)[0, 1]
    assert found == pytest.approx((2 * np.arccos(cosine)) ** 2)
    single = x.astype(np.float32).astype(float)  # off the sphere by rounding alone
    assert geodesic_sphere("r**2", radius=2.0)(single, single)[0, 1] == pytest.approx(
        found, rel=1e-5
    )
    with pytest.raises(InputError, match="token 0 has the norm 2, expected .* of radius 1 "):
        geodesic_sphere("r**2")(x, x)


@pytest.mark.parametrize("a_sigma", [0.3, 0.45, 0.73, 1.05])
def test_the_clock_of_coarse_nodes_is_that_of_a_lattice(a_sigma):
    """Poisson's summation: -2 q (2 pi sigma/d)^2/(1 + 2q), q = exp(-2 (pi sigma/d)^2), to first
    order in q^4."""
    eps = 0.02
    q = np.exp(-2 * (np.pi * a_sigma) ** 2)
    waves = np.arange(1, 8)
    terms = q ** (waves**2)
    expected = -2 * (terms @ waves**2) * (2 * np.pi * a_sigma) ** 2 / (1 + 2 * terms.sum())
    found = clock_error(np.sqrt(2 * eps) / a_sigma, PowerLaw(0.25, 2.0), eps)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-15)


def test_nodes_so_coarse_that_a_token_sees_but_itself():
    assert clock_error(1.0, PowerLaw(0.25, 2.0), 1e-9) == pytest.approx(-1.0)


@pytest.mark.parametrize("spec", ["circle(radius=2)", "torus", "sphere", "interval", "sphere3"])
def test_the_largest_spacing_is_that_of_the_nodes(spec):
    m, n = manifold(spec), 24
    support = [(a.low, a.high) for a in m.axes]
    u, _ = chart_quadrature(m, n)
    x = m.embed(u).reshape([n] * m.dim + [-1])
    apart = max(np.linalg.norm(np.diff(x, axis=k), axis=-1).max() for k in range(m.dim))
    assert largest_spacing(m, n, support) == pytest.approx(apart, rel=0.03)


@pytest.mark.parametrize(
    ("claim", "most", "options", "message"),
    [
        (
            "long_context",
            {"n_smallest": 195},
            {"n_smallest": 196},
            "196, which ends at 200704 keys",
        ),
        ("regime", {"n_smallest": 128}, {"n_smallest": 640}, "640, which ends at 10000000 tokens"),
        ("sampling_noise", {"n_levels": 5}, {"n_levels": 8}, "1000, which ends at 16384000 tokens"),
        ("spectral_rate", {}, {"n_tokens": 10**6}, "1000000, which ends at 32000000 tokens"),
        ("neighbour_rate", {}, {"n_tokens": 10**6}, "1000000, which ends at 256000000 tokens"),
    ],
)
def test_sizes_that_grow_beyond_reach_are_refused(claim, most, options, message):
    parameters = importlib.import_module(f"theory.claims.{claim}").Parameters
    levels = {"long_context": {"n_levels": 6}, "regime": {"n_levels": 7}}.get(claim, {})
    parameters(**{**levels, **most})
    with pytest.raises(InputError, match=f"^n_levels: got [0-9]+ from n_[a-z]+ = {message}, "):
        parameters(**{**levels, **options})

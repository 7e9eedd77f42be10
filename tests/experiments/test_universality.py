"""Measuring `universality`: mistakes that verdicts refute, scores that must not be."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.experiments.universality import levels, measure
from simulations.store.results import Run
from simulations.tokens import star
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import universality as claim
from theory.claims.universality import Parameters
from theory.predictions.universality import predict
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import PowerLaw

CHEAP = {"manifolds": ("circle",), "scores": ("r**2", "r"), "n_tokens": 1000, "n_seeds": 6}


def rows(**changed):
    parameters = Parameters(**(CHEAP | changed))
    found = measure(parameters, Run(None, quiet=True)).quantities
    return {r.quantity: r for r in judge_quantities(found, predict(parameters))}


def refuted(**changed) -> set[str]:
    return {name for name, row in rows(**changed).items() if row.verdict == "refuted"}


def test_the_cheap_run_is_supported():
    assert {row.verdict for row in rows().values()} == {"supported"}


def test_a_drift_of_1_96_is_refuted_by_tokens_that_attend_to_themselves():
    (mistake,) = (m for m in MISTAKES if m.name.startswith("drift 1.96"))
    with planted(mistake):
        found = refuted()
    assert {claim.drift("circle", which) for which in (claim.SMALLEST, claim.LARGEST)} <= found


def test_a_clock_two_per_cent_off_is_refuted():
    (mistake,) = (m for m in MISTAKES if m.name == "clock 2 % off")
    with planted(mistake):
        found = refuted()
    assert claim.clock("circle", claim.LARGEST) in found
    assert claim.evolved("circle", "r**2") in found


def test_nodes_that_miss_the_kink_are_refuted(monkeypatch):
    # two panels for the whole circle: phi = r is no longer integrated
    edges = np.polynomial.legendre.leggauss(24)
    nodes, weights = (edges[0] + 1) * np.pi / 2, edges[1] * np.pi / 2
    monkeypatch.setattr(star, "_panels", lambda length: (nodes, weights))
    monkeypatch.setattr(levels, "CUT_OFF", np.inf)
    assert refuted(scores=("r",))


@pytest.mark.parametrize(
    "changed",
    [
        # the next term of r + r**2 is of relative order r: order 1/2 in tau
        {"scores": ("r**2", "r + r**2"), "n_levels": 4, "n_seeds": 8},
        # far from its limit at every level
        {"scores": ("r**2", "sqrt(r)")},
        {"scores": ("r**3", "r**0.8"), "time": 0.5},
        {"scores": ("geodesic(r - r**3/40)",), "density": "exp(x)"},
        {"scores": ("2*r + r**2.5",), "sample_clock": 0.005},
        # so fine that rounding is what is left of the constants
        {"scores": ("r", "dot product"), "n_levels": 7, "sample_clock": 0.1},
    ],
    ids=lambda changed: ", ".join(changed["scores"]),
)
def test_no_score_is_falsely_refuted(changed):
    assert refuted(**changed) == set()


def test_scores_by_their_names():
    assert claim.score("geodesic(r)").power_law == PowerLaw(1.0, 1.0)
    assert claim.phi_of("geodesic(r)") == "r"
    assert claim.score("dot product").power_law == PowerLaw(0.5, 2.0)
    f, eps = claim.at_clock("r**2", 2, 0.02)
    assert (f.power_law, eps) == (PowerLaw(1.0, 2.0), pytest.approx(0.08))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"manifolds": ("torus",)}, "manifolds: got 'torus'"),
        ({"scores": ("r**2", "1")}, "expected a formula in r"),
        ({"scores": ("r", "r")}, "expected one or more, each named once"),
        ({"scores": ("r**2 - r**3",)}, "is not least at distance 0"),
        (
            {"scores": ("r**2 + r**2.5",)},
            "next term of relative order 0.5 in r, expected 1 or more",
        ),
        ({"density": "uniform"}, "expected one that varies"),
        ({"n_levels": 8}, "n_levels: got 8 with n_steps 12 and time 0.24, a last clock of 1.2e-06"),
    ],
)
def test_bad_input_is_named(changed, message):
    with pytest.raises(InputError, match=message):
        Parameters(**changed)


def test_a_density_that_no_basis_holds_is_refused(monkeypatch):
    monkeypatch.setattr(levels, "MOST_DEGREES", {1: 12})
    parameters = Parameters(manifolds=("circle",), density="exp(4*sin(9*t))")
    with pytest.raises(InputError, match="density: .* needs functions of degree over 12"):
        levels.attended_levels(parameters, "circle", Run(None, quiet=True))

"""The page's choice, measurement, prediction and pictures, without the page: no marimo is needed."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from figures.__main__ import cli
from figures.explore import answers, pictures, predicted, serve
from figures.explore.choice import (
    CLOCK,
    DOUBLE,
    DRIFT,
    HALF,
    MANIFOLDS,
    NORMALISATIONS,
    SINKHORN,
    STEPS,
    TAKEN,
    Choice,
)
from figures.explore.joined import joined
from figures.explore.measured import measure
from simulations.__main__ import guarded
from simulations.verdict.join import judge_quantities
from theory.crossovers import alpha_clock_and_drift, sinkhorn_clock_and_drift
from theory.population import clock_and_drift
from theory.setting.checks import InputError
from theory.spectral import fourier_evolution

CIRCLE = Choice(manifold="circle", n_tokens=600)
REFUSED = {
    "manifold": ("interval", "sphere3", "nothing", "(u, v)", "", "  ", 3, None, "line"),
    "density": ("x", "-1", "1 +", "__import__('os')", "", "0", "1/0", "w", float("nan")),
    "features": ("1", "sin(", "t", "sqrt(x1)", ["x"]),
    "phi": ("-r", "sin(2*r)", "1", "r**", "log(r)", "1/r", "x"),
    "normalisation": ("none", "", 1),
    "temperature": (0.0, -1.0, float("nan"), 1e9, "hot", None, True),
    "n_tokens": (0, -5, 10**9, 3.5, "many", True),
    "seed": (-1, 0.5, "x"),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values]
)
def test_what_cannot_be_shown_is_one_line_that_names_the_control(name, value):
    given = {"manifold": "circle"} | {name: value}
    found = answers.answer(**given)
    assert found.joined is None and "\n" not in found.error and len(found.error) <= 300
    assert found.error.startswith("tokens:" if name == "n_tokens" else f"{name}:")


@pytest.mark.parametrize("name", MANIFOLDS)
def test_every_manifold_that_is_offered_can_be_chosen(name):
    choice = Choice(manifold=MANIFOLDS[name])
    assert choice.p.manifold.closed and len(choice.places) > 30


# --- predictions, against others of the suite ---


def test_coefficients_at_the_temperature_are_those_of_finer_quadratures():
    p, eps = CIRCLE.p, CIRCLE.temperature
    others = {
        "softmax": clock_and_drift(p, eps),
        HALF: alpha_clock_and_drift(p, eps, 0.5),
        DOUBLE: alpha_clock_and_drift(p, eps, 1.0),
        SINKHORN: sinkhorn_clock_and_drift(p, eps, [400])[0],
    }
    assert set(others) == set(NORMALISATIONS)
    for name, (clock, drift) in others.items():
        found = predicted.at_temperature(replace(CIRCLE, normalisation=name), 1.0)
        assert found == pytest.approx([drift, clock, others["softmax"][1]], abs=2e-6)


def test_the_solution_is_that_of_a_spectral_method():
    u = np.linspace(0.1, 6.0, 40)[:, None]
    times = predicted.tau(CIRCLE) * np.arange(STEPS + 1)
    for drift in (2.0, 0.0):
        other = fourier_evolution(CIRCLE.p, [CIRCLE.features], times, u, drift_coefficient=drift)
        assert np.abs(predicted.equation(CIRCLE, u, drift) - other[..., 0]).max() < 1e-3


def test_a_kernel_that_the_page_cannot_resolve_gives_no_prediction():
    sharp = replace(CIRCLE, manifold="torus", temperature=0.002)
    with pytest.raises(InputError, match="temperature: got 0.002"):
        predicted.values(sharp)


# --- measured, then judged ---


@pytest.fixture(scope="module")
def found():
    return joined(CIRCLE)


def test_the_prediction_lies_in_the_interval_and_a_wrong_one_does_not(found):
    rows = {row.quantity: row for row in found.rows}
    assert set(rows) == {DRIFT, CLOCK}
    for row in rows.values():
        assert row.ci_low <= row.predicted <= row.ci_high
    assert rows[DRIFT].rivals["no drift"].rejected


def test_tokens_that_attend_by_another_normalisation_are_refuted(found):
    """A planted mistake: softmax on the tokens, judged as the normalisation that has no drift."""
    wrong = predicted.values(replace(CIRCLE, normalisation=HALF))
    quantities = {name: found.measured.quantities[name] for name in (DRIFT, CLOCK)}
    rows = judge_quantities(quantities, {name: wrong[name] for name in quantities})
    assert {row.quantity: row.verdict for row in rows}[DRIFT] == "refuted"


@pytest.mark.parametrize("name", [HALF, DOUBLE, SINKHORN])
def test_what_a_normalisation_takes_from_the_drift_is_judged(name):
    rows = {row.quantity: row for row in joined(replace(CIRCLE, normalisation=name)).rows}
    assert (DRIFT in rows) == (name != DOUBLE)  # a zero has no relative error
    assert rows[TAKEN].ci_low <= rows[TAKEN].predicted <= rows[TAKEN].ci_high
    assert rows[TAKEN].rivals["nothing"].rejected


def test_one_seed_gives_one_result_and_another_another(found):
    again, other = measure(CIRCLE), measure(replace(CIRCLE, seed=1))
    for key in ("features", "moves"):
        assert np.array_equal(getattr(again, key), getattr(found.measured, key))
        assert not np.array_equal(getattr(other, key), getattr(again, key))
    assert again.quantities == found.measured.quantities != other.quantities


def test_attention_follows_its_equation_and_not_the_one_without_drift(found):
    right, wrong = found.distances()
    assert right[0] == wrong[0] == 0
    assert right[-1] < wrong[-1] / 3


def test_the_measured_drift_points_up_the_density_and_double_normalisation_has_none(found):
    none = joined(replace(CIRCLE, normalisation=DOUBLE))
    slopes = found.slopes.ravel()
    shares = [j.measured.moves.ravel() @ slopes / (slopes @ slopes) for j in (found, none)]
    assert shares == pytest.approx([found.drift, 0.0], abs=0.4)
    assert none.drift == 0.0 and not none.arrows.any()


def test_moves_are_along_the_manifold(found):
    m, u = CIRCLE.p.manifold, CIRCLE.places
    assert np.abs((m.embed(u) * found.measured.moves).sum(axis=1)).max() < 1e-12


def test_a_uniform_density_is_shown_and_not_judged():
    uniform = joined(replace(CIRCLE, density="uniform"))
    assert uniform.rows == () and "uniform" in uniform.note
    assert answers.verdict_table(uniform) == ""
    assert any("uniform" in line for line in answers.facts(uniform))


def test_a_temperature_without_neighbours_is_told():
    lonely = joined(replace(CIRCLE, temperature=1e-3, n_tokens=200))
    assert any("noise rules" in line for line in answers.facts(lonely))


# --- pictures and words ---


@pytest.mark.parametrize("spec", ["circle", "sphere", "flat_torus", MANIFOLDS["bumpy torus"]])
def test_pictures_show_all_tokens_that_are_not_hidden(spec):
    there = joined(replace(CIRCLE, manifold=spec, temperature=0.1))
    view = pictures.View(there)
    _, seen = view.places(there.measured.tokens.coordinates)
    hidden = spec in ("sphere", MANIFOLDS["bumpy torus"])
    assert (0.3 < seen.mean() < 0.8) if hidden else seen.all()
    figure = pictures.fields(there, 4)
    for ax in figure.axes[:3]:
        (dots,) = [c for c in ax.collections if c.get_offsets().shape[0] == seen.sum()]
        assert len(dots.get_array()) == seen.sum()
    pictures.plt.close(figure)


def test_a_picture_changes_with_the_step_and_is_a_png(found):
    first, later = (answers.picture(pictures.fields, found, k) for k in (0, 12))
    assert first != later and first == answers.picture(pictures.fields, found, 0)
    with Image.open(pictures_file(first)) as image:
        assert image.format == "PNG" and image.width > 800


def pictures_file(content):
    return answers.io.BytesIO(content)


@pytest.mark.parametrize("step", [-1, STEPS + 1, 1.0, "2", None, True])
def test_a_step_that_was_not_measured_is_refused(found, step):
    with pytest.raises(InputError, match="step: got"):
        pictures.fields(found, step)


def test_the_table_holds_the_verdict_and_escapes_what_it_shows(found):
    table = answers.verdict_table(found)
    assert table.count("<tr") == 1 + len(found.rows) and DRIFT in table
    row = replace(found.rows[0], reason="<script>")
    assert "<script>" not in answers.verdict_table(replace(found, rows=(row,)))
    assert answers.paragraphs(["a < b"]) == "<p>a &lt; b</p>"


# --- the server ---


def test_the_page_is_bound_to_this_machine_and_has_no_token():
    command = serve.command(2718, True)
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert "run" in command and "edit" not in command
    assert "--no-token" in command and "--include-code" not in command


def test_a_missing_library_says_what_installs_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="needs marimo, not installed here; `make explore`"):
        serve.start(2718)


@pytest.mark.parametrize("port", [0, -1, 80, 10**6])
def test_a_port_out_of_range_is_refused(port):
    with pytest.raises(InputError, match="port: got"):
        serve.require_free(port)


def test_the_command_line_names_its_option(monkeypatch, capsys):
    monkeypatch.setattr(serve, "require_library", lambda: None)
    assert guarded(cli, ["explore", "--port", "0", "--no-browser"], "python -m figures") == 2
    assert capsys.readouterr().err == "error: --port: got 0, expected 1024 to 65535\n"


def test_a_port_in_use_is_refused():
    with serve.socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port: got {port}, which cannot be used"):
            serve.require_free(port)
    assert serve.require_free(port) == port

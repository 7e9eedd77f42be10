"""The commands `points` and `bandwidth`: what they write and say, the map they use, bad input."""

from __future__ import annotations

import json

import numpy as np
import pytest

from figures import bandwidth as figure
from simulations.__main__ import cli, guarded
from simulations.points.plateau import plateau_of
from simulations.points.sums import kernel_sums
from simulations.tokens import iid_tokens
from simulations.verdict.bandwidth import errors_of, times_as_many
from theory.regime import relative_error
from theory.setting.checks import InputError
from theory.setting.references import reference_density


def command_line(capsys, *words):
    code = guarded(cli, [str(w) for w in words], "python -m simulations")
    return code, capsys.readouterr()


def ball(n=300):
    return iid_tokens(reference_density("sphere", "uniform"), n, np.random.default_rng(0)).points


@pytest.fixture
def path(tmp_path):
    np.save(tmp_path / "x.npy", ball())
    return tmp_path / "x.npy"


def test_the_map_agrees_with_the_exact_error_of_the_sphere():
    n = 1500
    sums = kernel_sums(ball(n))
    plateau = plateau_of(sums)
    errors = errors_of(sums, plateau)
    for t in range(plateau.low, plateau.high + 1, 2):
        exact = relative_error(2, float(sums.temperatures[t]), n)
        assert errors[t] == pytest.approx(exact, rel=0.3)
    # 13,300 tokens of a sphere for 10 % (README): of leading order, within a third
    assert times_as_many(sums, plateau) * n == pytest.approx(13_300, rel=0.34)


def test_points_says_what_it_can_and_what_not(path, capsys, tmp_path):
    code, streams = command_line(capsys, "points", path, "--results", tmp_path / "r")
    assert code == 0
    for words in ("Markov", "reversible", "effective neighbours", "eigenvalues of A", "regime map",
                  "dimension, two nearest", "what cannot be said", "the drift"):  # fmt: skip
        assert words in streams.out
    record = json.loads((tmp_path / "r" / "points.json").read_text())
    low, chosen, high = record["plateau"]
    assert record["chain"]["temperature"] == record["temperatures"][chosen] and low < high
    assert record["chain"]["row_error"] < 1e-10


def test_a_temperature_can_be_given_and_a_seed_repeats(path, capsys, tmp_path):
    words = ("points", path, "--n-tokens", 100, "--temperature", 0.3, "--results", tmp_path / "r")
    first, second = (command_line(capsys, *words)[1].out for _ in range(2))
    assert first == second and "eps = 0.3" in first and "100 tokens" in first
    assert "a random part of 300" in first


def test_bandwidth_of_a_file_and_of_a_manifold_and_their_figure(path, capsys, tmp_path):
    root = tmp_path / "r"
    for words in (("--points", path), ("--manifold", "circle", "--n-tokens", 200)):
        code, streams = command_line(capsys, "bandwidth", *words, "--results", root)
        assert code == 0 and "plateau of temperatures" in streams.out
        record = figure.read(root / "bandwidth.json")
        drawn = figure.draw(record)
        left = drawn.axes[0]
        # the curve that is drawn is the one that was measured
        curves = [line.get_ydata() for line in left.lines]
        assert any(np.array_equal(c, [d[0] for d in record["dimension"]]) for c in curves)


def test_clusters_have_a_figure_without_a_map(capsys, tmp_path):
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.standard_normal((60, 12)) * 0.01 + c for c in (0, 5)])
    np.save(tmp_path / "x.npy", x)
    words = ("bandwidth", "--points", tmp_path / "x.npy", "--results", tmp_path / "r")
    code, streams = command_line(capsys, *words)
    assert code == 0 and "none" in streams.out
    record = figure.read(tmp_path / "r" / "bandwidth.json")
    assert record["errors"] is None and len(figure.draw(record).axes) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("bandwidth",),
        ("bandwidth", "--manifold", "nonsense"),
        ("bandwidth", "--manifold", "torus", "--n-tokens", "0"),
        ("bandwidth", "--manifold", "torus", "--density", "x+"),
        ("bandwidth", "--points", "missing.npy"),
        ("bandwidth", "--points", "missing.npy", "--manifold", "torus"),
        ("bandwidth", "--points", "FILE", "--density", "exp(x)"),
        ("bandwidth", "--points", "FILE", "--seed", "-1"),
        ("points",),
        ("points", "."),
        ("points", "FILE", "--temperature", "nan"),
        ("points", "FILE", "--temperature", "0"),
        ("points", "FILE", "--temperature", "x"),
        ("points", "FILE", "--n-tokens", "1e3"),
        ("points", "FILE", "--n-tokens", "1000000000"),
    ],
)
def test_bad_input_is_one_line(words, path, capsys, tmp_path):
    words = [str(path) if w == "FILE" else w for w in words]
    code, streams = command_line(capsys, *words, "--results", tmp_path / "r")
    assert code == 2 and not streams.out
    assert streams.err.startswith("error: ") and streams.err.count("\n") == 1
    assert not (tmp_path / "r" / "bandwidth.json").exists()


def test_a_record_that_is_missing_or_damaged_is_one_line(tmp_path):
    with pytest.raises(InputError, match="not there"):
        figure.read(tmp_path / "bandwidth.json")
    (tmp_path / "bandwidth.json").write_text("{")
    with pytest.raises(InputError, match="again"):
        figure.read(tmp_path / "bandwidth.json")

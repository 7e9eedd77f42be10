"""The benchmark measures what it says: errors of both sides, slopes, and peers that are missing or
break.
"""

import json

import numpy as np
import pytest

from figures import bench as figure
from simulations.attention import AttentionOperator
from simulations.bench import attention_peers as peers
from simulations.bench import samples
from simulations.bench.timing import exponent, in_turn, least
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import dot_product


@pytest.fixture
def cloud():
    return samples.sphere_points(200), np.random.default_rng(2).standard_normal((200, 2))


def test_the_reference_is_softmax_attention(cloud):
    x, h = cloud
    right, wrong = (AttentionOperator(x, dot_product(), t) @ h for t in (0.1, 0.11))
    truth = samples.exact(x, h, 0.1)
    assert np.abs(right[: samples.N_CHECKED] - truth).max() < 1e-13
    assert np.abs(wrong[: samples.N_CHECKED] - truth).max() > 1e-3


def test_slopes():
    sizes = np.array([10, 20, 40])
    assert exponent(sizes, 3.0 * sizes**2) == pytest.approx(2.0)
    assert exponent(sizes, 3.0 * sizes) == pytest.approx(1.0)


def test_both_sides_are_called_in_turn():
    calls = []
    found = in_turn(lambda: calls.append("ours"), lambda: calls.append("peer"), repeats=2)
    assert calls == ["ours", "peer"] * 3
    assert found["ratio_low"] <= found["ratio"] <= found["ratio_high"]
    assert least(lambda: 5, 2)[1] == 5


def test_a_peer_that_is_missing_or_breaks_is_a_row_that_says_so(cloud):
    def missing(*_):
        raise ImportError("no such peer")

    def broken(*_):
        return lambda: 1 / 0

    def row(peer):
        return peers._row(
            "dense",
            "N = 200, R^3",
            "peer",
            lambda: peers._ours(*cloud, 0.1, "dense"),
            peer,
            *cloud,
            0.1,
            1,
        )

    assert row(missing)["note"] == "not installed"
    assert "ZeroDivisionError" in row(broken)["note"]
    good = (
        row(peers.rbf)
        if _has_sklearn()
        else row(lambda x, h, t: lambda: peers._ours(x, h, t, "naive"))
    )
    assert good["our_error"] < 1e-12 and good["peer_error"] < 1e-12


def _has_sklearn():
    try:
        import sklearn  # noqa: F401
    except ImportError:
        return False
    return True


def test_a_wrong_peer_shows_in_its_error(cloud):
    wrong = peers._row(
        "dense",
        "N = 200, R^3",
        "peer",
        lambda: peers._ours(*cloud, 0.1, "dense"),
        lambda x, h, t: lambda: peers._ours(x, h, 2 * t, "dense"),
        *cloud,
        0.1,
        1,
    )
    assert wrong["our_error"] < 1e-12 and wrong["peer_error"] > 1e-3


def test_figure_of_a_record(tmp_path):
    def curve(name, size, seconds, exponent):
        shape = {"name": name, "size": size, "sizes": [10, 20], "seconds": seconds}
        return shape | {"exponent": exponent, "expected": exponent}

    def peer(problem, name, ratios):
        row = {"engine": "dense", "problem": problem, "peer_name": name, "peer": 2.0}
        ratios = dict(zip(("ratio", "ratio_low", "ratio_high"), ratios, strict=True))
        return row | ratios | {"our_error": 1e-16, "peer_error": 1e-7}

    record = {
        "scaling": [
            curve("dense", "N", [1.0, 4.0], 2.0),
            curve("solve", "cells an axis", [1.0, 8.0], 3.0),
        ],
        "steps": [
            peer("N = 20, R^3, 3 features", "slow", [2.0, 1.5, 2.5]),
            peer("N = 20, R^64, 64 features", "fast", [0.5, 0.4, 0.6]),
            {"problem": "N = 20, R^3", "peer_name": "gone", "note": "not installed"},
        ],
        "spectra": [],
        "pde": [
            {"solver": "this project", "cells": "20x20", "seconds": 3.0, "error": 1e-5},
            {"solver": "py-pde", "cells": "20x20", "seconds": 9.0, "error": 1e-5,
             "ratio to ours": 3.0},
            {"solver": "FiPy", "setting": "not installed"},
        ],
    }  # fmt: skip
    path = tmp_path / "bench.json"
    path.write_text(json.dumps(record))
    ratios, *scaling = figure.draw(figure.read(path)).axes
    assert [ax.get_xlabel() for ax in scaling] == ["tokens $N$", "cells an axis"]
    assert [tick.get_text() for tick in ratios.get_yticklabels()] == ["slow", "fast", "py-pde"]
    points = {
        line.get_xdata()[0]: line.get_color() for line in ratios.lines if len(line.get_xdata())
    }
    assert points[0.5] == figure.SLOWER != figure.OURS == points[2.0] == points[3.0]
    with pytest.raises(InputError, match="make bench"):
        figure.read(tmp_path / "none.json")
    path.write_text("{")
    with pytest.raises(InputError, match="again"):
        figure.read(path)

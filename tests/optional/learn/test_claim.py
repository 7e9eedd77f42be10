"""The claim at small size, and that its rows can go either way."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import figures
from simulations.experiments.metric_attention import paired
from simulations.store.results import execute
from simulations.verdict.join import judge, judge_quantities
from theory.claims import metric_attention as claim
from theory.predictions.metric_attention import predict
from theory.setting.checks import InputError

SMALL = claim.Parameters(**claim.SMALL)
ROW = claim.row("wine", claim.ACCURACY)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return execute("metric_attention", SMALL, root=tmp_path_factory.mktemp("results"), quiet=True)


def test_rows_and_figure(small):
    judged = judge(small)
    assert [row.quantity for row in judged.rows] == [
        claim.row("wine", what) for what in claim.quantities_of("wine")
    ]
    assert "not run" in small.record["tables"][0]
    assert len(figures.draw("metric_attention", judged).axes) == 2


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.1, "supported"), (0.0, "inconclusive"), (-0.1, "refuted")]
)
def test_a_row_is_judged_either_way(shift, verdict):
    theirs = np.linspace(0.7, 0.8, 12)
    noise = 0.01 * np.tile([1.0, -1.0], 6)
    scores = {f"wine/self/{claim.ACCURACY}": theirs,
              f"wine/metric/{claim.ACCURACY}": theirs + shift + noise}  # fmt: skip
    found = paired(scores, "wine", claim.ACCURACY, claim.METRIC)
    (row,) = judge_quantities({ROW: found}, {ROW: predict(SMALL)[ROW]})
    assert row.verdict == verdict


def test_an_identical_pair_differs_by_nothing_and_is_not_decided():
    scores = {f"wine/{arm}/{claim.ACCURACY}": np.full(5, 0.9) for arm in ("self", "metric")}
    found = paired(scores, "wine", claim.ACCURACY, claim.METRIC)
    (row,) = judge_quantities({ROW: found}, {ROW: predict(SMALL)[ROW]})
    assert row.measured == 0 and row.verdict == "inconclusive"


@pytest.mark.parametrize(
    "bad",
    [{"arms": ("self",)}, {"arms": ("self", "metric", "best")}, {"tasks": ("iris",)}, {"tasks": ()},
     {"n_seeds": 2}, {"graph": "g.npz", "arms": ("self", "metric", "sinkhorn")}],
)  # fmt: skip
def test_bad_parameters_are_refused(bad):
    with pytest.raises(InputError):
        claim.Parameters(**bad)

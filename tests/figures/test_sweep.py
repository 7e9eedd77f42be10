"""The figure of a sweep shows every interval of its table, and says what it leaves out."""

from __future__ import annotations

import numpy as np
import pytest

from figures import sweep
from simulations.store.files import sealed, write_json
from simulations.sweeps.table import write_table
from theory.setting.checks import InputError


def rows_of(n_quantities=2):
    return [
        {
            "claim": "markov", "n_tokens": n, "temperature": t, "seed": s, "quantity": f"q{q}",
            "value": n * t + s + q, "low": n * t + s + q - 1, "high": n * t + s + q + 2, "basis": "b",
            "predicted": n * t if q == 0 else None, "verdict": "supported", "seconds": 1.0, "run": "r",
        }
        for n in (100, 1000) for t in (0.1, 0.2, 0.4) for s in (1, 2) for q in range(n_quantities)
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    lists = {"n_tokens": [100, 1000], "temperature": [0.1, 0.2, 0.4], "seed": [1, 2]}
    record = {
        "claim": "markov",
        "varied": list(lists),
        "lists": lists,
        "measured": 12,
        "failed": [],
    }
    write_json(tmp_path / "sweep.json", sealed(record))
    write_table(rows_of(), tmp_path)
    return tmp_path


def bars_of(ax):
    return [segment for c in ax.containers for segment in c.lines[2][0].get_segments()]


@pytest.mark.parametrize("x", [None, "temperature", "seed"])
def test_every_interval_is_drawn(folder, x):
    figure = sweep.draw(*sweep.read(folder), x=x)
    for q, ax in enumerate(figure.axes[:2]):
        drawn = sorted((low, high) for (_, low), (_, high) in bars_of(ax))
        table = sorted((r["low"], r["high"]) for r in rows_of() if r["quantity"] == f"q{q}")
        assert np.allclose(drawn, table)
        places = [segment[0][0] for segment in bars_of(ax)]
        assert len(set(np.round(places, 6))) == 12  # none hides another


def test_what_is_left_out_is_said(tmp_path, folder):
    write_table(rows_of(8), folder)
    figure = sweep.draw(*sweep.read(folder))
    assert "2 more quantities" in figure.get_suptitle()
    one = sweep.draw(*sweep.read(folder), quantities=("q7",))
    assert one.axes[0].get_title() == "q7"


def test_what_is_not_there_is_refused(tmp_path, folder):
    with pytest.raises(InputError, match=r"sweep.json: not there"):
        sweep.read(tmp_path / "none")
    with pytest.raises(InputError, match="quantity: got 'q9', expected one of q0, q1"):
        sweep.draw(*sweep.read(folder), quantities=("q9",))
    with pytest.raises(InputError, match="x: got 'depth'"):
        sweep.draw(*sweep.read(folder), x="depth")

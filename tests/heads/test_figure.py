"""The figure of all heads: drawn from any record, it shows the verdicts that stand there."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from figures.heads import heads
from theory.setting.checks import InputError

NULLS = ("random weights", "shuffled tokens")


def record():
    rng = np.random.default_rng(0)

    def share():
        value = rng.uniform(-2, 1)
        return [value, value - 0.1, value + 0.05]

    def row(layer, head):
        null = {
            "spread": rng.uniform(0.3, 5),
            "local": share(),
            "trained": {"local": str(rng.choice(heads.ORDER))},
        }
        return {
            "layer": layer,
            "head": head,
            "matrix": {"symmetry_score": rng.uniform(-1, 1)},
            "spread": rng.uniform(0.5, 9),
            "shares": {"local": share(), "transport": share()},
            "verdicts": {
                "local": "supported" if head < 2 else "refuted",
                "transport": "inconclusive",
            },
            "nulls": dict.fromkeys(NULLS, null),
        }

    rows = [row(layer, head) for layer in range(3) for head in range(4)]
    return {"model": "a model", "texts": 9, "tokens": [4, 5.5, 7], "rows": rows}


def test_the_maps_show_the_heads_that_hold():
    figure = heads.draw(record())
    titles = [ax.get_title() for ax in figure.axes]
    assert "local form holds (○): 6 heads" in titles
    assert "transport form holds (○): 0 heads" in titles
    assert figure.get_size_inches()[0] == 7.0
    plt.close(figure)


def test_a_cell_is_its_own_head():
    rows = record()["rows"]
    values = heads.grid(rows, lambda row: row["spread"])
    assert values.shape == (3, 4)
    assert values[2, 1] == next(r["spread"] for r in rows if (r["layer"], r["head"]) == (2, 1))


def test_a_missing_or_damaged_record_is_named(tmp_path):
    with pytest.raises(InputError, match="make heads"):
        heads.read(tmp_path / "heads.json")
    (tmp_path / "heads.json").write_text("{")
    with pytest.raises(InputError, match=r"heads\.json"):
        heads.read(tmp_path / "heads.json")

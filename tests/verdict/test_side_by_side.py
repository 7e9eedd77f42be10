"""Claims side by side: all of them, each as alone, and nothing left running by one that fails."""

from __future__ import annotations

import multiprocessing

import pytest

from simulations.verdict import side_by_side
from theory.setting.checks import InputError


def test_every_claim_is_judged_as_alone(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(side_by_side.os, "cpu_count", lambda: 2)
    names = ["linear_attention", "self_attention"]
    both = {j.claim: j for j in side_by_side.references(names, tmp_path / "both")}
    # where no bar is seen the start is told
    told = "2 claims, 2 at a time: measuring what is missing\n"
    assert capfd.readouterr().err == told
    assert sorted(both) == names
    for name in names:
        alone = side_by_side.reference(name, tmp_path / "alone", quiet=True)
        # a sum may be cut otherwise by another number of threads: rounding, not samples
        for one, other in zip(both[name].rows, alone.rows, strict=True):
            assert one.measured == pytest.approx(other.measured, rel=1e-9, abs=1e-12)
            assert one.verdict == other.verdict == "supported"


def test_one_that_fails_ends_all(tmp_path):
    with pytest.raises(InputError, match="no_claim"):
        list(side_by_side.references(["no_claim", "linear_attention"], tmp_path, quiet=True))
    for child in multiprocessing.active_children():
        child.join(10)
    assert multiprocessing.active_children() == []

"""Rows of attention layers: both sides close to themselves in float64, and memory that is seen."""

from __future__ import annotations

import pytest

from simulations.bench import layer_peers
from simulations.bench.layer_peers import METRIC, PEER, Size

SIZE = Size(2, 24, 16, 2)


@pytest.mark.parametrize("backward", [False, True])
def test_a_row_has_both_errors_and_memories(backward):
    pytest.importorskip("torch", reason="a peer of make bench (requirements-bench.txt)")
    row = layer_peers.layer_row(SIZE, backward, repeats=2)
    assert "note" not in row and str(SIZE) in row["problem"]
    for error in (row["our_error"], row["peer_error"]):
        assert 0 < error < 1e-5
    assert row["ratio_low"] <= row["ratio"] <= row["ratio_high"]


@pytest.mark.parametrize("who", [METRIC, PEER])
def test_a_layer_that_is_wrong_has_an_error(who):
    pytest.importorskip("torch", reason="a peer of make bench (requirements-bench.txt)")
    truth = {who: layer_peers.call(who, SIZE, False, double=True)()}
    wrong = 1.01 * layer_peers.call(who, SIZE, False)()
    assert layer_peers.relative((who, wrong), truth) == pytest.approx(0.01, rel=1e-2)


def test_the_peak_of_a_process_holds_what_must_be_stored():
    """Outputs, and queries, keys and values of 2 x 4096 tokens of width 256 in float32: 8 MB each,
    and not the pairs of tokens, which would be 1 GB."""
    pytest.importorskip("torch", reason="a peer of make bench (requirements-bench.txt)")
    if not layer_peers.STATUS.exists():
        pytest.skip("needs Linux's /proc")
    found = layer_peers.peak(METRIC, Size(2, 4096, 256, 8), False)
    assert 16 < found < 300

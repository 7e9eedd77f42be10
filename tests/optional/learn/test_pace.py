"""Seconds in turn, on a clock of the test's own: steps are counted, never timed."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from simulations.bench import timing  # noqa: E402
from simulations.learn.pace import step_ratios  # noqa: E402
from theory.setting.checks import InputError  # noqa: E402


class Clock:
    """A second passes at each call of the quick network's loss, three at the slow one's."""

    def __init__(self, monkeypatch):
        self.now, self.calls = 0.0, []
        monkeypatch.setattr(timing.time, "perf_counter", lambda: self.now)

    def loss(self, network):
        self.now += float(network.weight.shape[1])
        self.calls.append(network.weight.shape[1])
        return network(torch.ones(1, network.weight.shape[1])).square().sum()


def test_ratios_are_those_of_the_clock_in_turns_that_alternate(monkeypatch):
    clock = Clock(monkeypatch)
    slow, quick = torch.nn.Linear(3, 1), torch.nn.Linear(1, 1)
    before = slow.weight.clone()
    found = step_ratios(slow, quick, [clock.loss], steps=2, turns=3)
    np.testing.assert_allclose(found, 3.0)
    # one step each that does not count, then who begins alternates
    assert clock.calls == [3, 1, 3, 3, 1, 1, 1, 1, 3, 3, 3, 3, 1, 1]
    assert not torch.equal(slow.weight, before)


@pytest.mark.parametrize("bad", [{"steps": 0, "turns": 3}, {"steps": 2, "turns": 0.5}])
def test_bad_counts_are_refused(bad):
    layer = torch.nn.Linear(1, 1)
    with pytest.raises(InputError):
        step_ratios(layer, layer, [], **bad)

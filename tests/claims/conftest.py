"""Small runs of all claims, each measured and judged once for all tests."""

from __future__ import annotations

import pytest

from simulations.store.results import execute
from simulations.verdict.join import judge
from theory import claims as claims_


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    root, done = tmp_path_factory.mktemp("results"), {}

    def get(claim):
        if claim not in done:
            module = claims_.load(claim)
            parameters = module.Parameters(**module.SMALL)
            done[claim] = judge(execute(claim, parameters, root=root, quiet=True))
        return done[claim]

    return get

"""Which points train, choose and test: the test split is the seed's, the others a run's."""

from __future__ import annotations

import numpy as np

from theory.claims.metric_attention import TEST_SHARE, VALIDATION_SHARE


def parts(n: int, seed: int, run: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the points of n for training, validation and test.

    The test split is the same for all runs of a seed; what is left is split anew for each.
    """
    order = np.random.default_rng(seed).permutation(n)
    n_test = max(1, round(TEST_SHARE * n))
    rest = np.random.default_rng([seed, run]).permutation(order[n_test:])
    n_validation = max(1, round(VALIDATION_SHARE * len(rest)))
    return rest[n_validation:], rest[:n_validation], order[:n_test]

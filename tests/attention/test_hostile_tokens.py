"""Hostile tokens: an average stays between its features, or one line says what cannot be used."""

from __future__ import annotations

import warnings

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulations.attention import AttentionOperator
from theory.setting.checks import MOST_MESSAGE, InputError
from theory.setting.pseudo_metrics import dot_product, squared_distance

# duplicates, lines, far clusters, huge norms, denormal numbers, and what is no number
COORDINATES = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 1e-320, 1e-160, 1e150, -1e300, np.nan, np.inf]),
    st.floats(-10, 10),
)
TOKENS = st.tuples(st.integers(1, 12), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=COORDINATES)
)
ENGINES = ("naive", "dense", "truncated", "nufft", "auto")
SCORES = (squared_distance(), dot_product())


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    TOKENS,
    st.sampled_from([1e-300, 1e-3, 1.0, 1e10, 0.0, -1.0, np.nan]),
    st.sampled_from(ENGINES),
    st.sampled_from(SCORES),
)
def test_an_average_lies_between_its_features_or_is_refused_in_a_line(tokens, eps, engine, score):
    features = np.linspace(-1, 2, len(tokens))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            operator = AttentionOperator(tokens, score, eps, engine=engine)
            means, ones = operator @ features, operator @ np.ones(len(tokens))
    except InputError as refused:
        assert "\n" not in str(refused) and len(str(refused)) <= MOST_MESSAGE
        return
    assert np.isfinite(tokens).all() and eps > 0
    tolerance = 1e-12 if operator.engine in ("naive", "dense") else 10 * operator.tolerance
    assert np.abs(ones - 1).max() <= tolerance
    assert means.min() >= -1 - tolerance and means.max() <= 2 + tolerance


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(arrays(np.float64, (9, 2), elements=st.floats(-3, 3)), st.sampled_from(ENGINES))
def test_engines_agree_with_the_definition_on_any_tokens(tokens, engine):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        operator = AttentionOperator(tokens, squared_distance(), 0.3, engine=engine)
        features = np.cos(np.arange(9.0))
        scores = ((tokens[:, None] - tokens[None]) ** 2).sum(axis=-1) / 4 / 0.3
        weights = np.exp(-scores)
        expected = weights @ features / weights.sum(axis=1)
        assert np.abs(operator @ features - expected).max() < 1e-8

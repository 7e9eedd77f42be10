"""The exact law of attention to a sample, and mistakes that `central_limit` refutes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulations.attention import AttentionOperator
from simulations.experiments.central_limit import few_neighbours, one_query, standardised
from simulations.store.results import Run
from simulations.tokens import Tokens
from simulations.tokens.samples import samples
from simulations.verdict.join import judge_quantities
from theory import exact_law
from theory.claims import central_limit as claim
from theory.predictions import central_limit as predictions
from theory.setting.checks import InputError

SMALL = claim.Parameters(**claim.SMALL)


def verdicts(study, values, d) -> dict[str, str]:
    measured, predicted = study(SMALL, Run(None, quiet=True), d).quantities, values(SMALL, d)
    return {row.quantity: row.verdict for row in judge_quantities(measured, predicted)}


def of_query():
    return verdicts(one_query.law_at_a_query, predictions.query_values, 1)


def of_few():
    return verdicts(few_neighbours.law_at_few_neighbours, predictions.few_values, 1)


def test_nothing_is_refuted_without_a_mistake():
    assert "refuted" not in (of_query() | of_few()).values()


def test_keys_that_are_not_independent_are_refuted(monkeypatch):
    def twice(p, n, repeats, rng):
        for drawn in samples(p, n // 2, repeats, rng):
            both = (np.concatenate([a, a]) for a in (drawn.coordinates, drawn.points))
            yield Tokens(p.manifold, *both)

    monkeypatch.setattr(one_query, "samples", twice)
    found = of_query()
    assert found[claim.coverage(1, 0.95)] == found[claim.variance(1)] == "refuted"


def test_a_warmer_operator_is_refuted_by_mean_and_variance(monkeypatch):
    def warmer(tokens, pseudo_metric, temperature, **options):
        return AttentionOperator(tokens, pseudo_metric, 1.2 * temperature, **options)

    for module in (one_query, standardised):
        monkeypatch.setattr(module, "AttentionOperator", warmer)
    found = of_query()
    assert "refuted" in (found[claim.mean(1)], found[claim.variance(1)])


def test_a_noise_that_is_half_a_standard_deviation_off_is_refuted(monkeypatch):
    right = standardised.limit_and_noise

    def wrong(*arguments):
        limit, noise = right(*arguments)
        return limit + 0.2 * np.sqrt(noise / SMALL.n_tokens), noise

    monkeypatch.setattr(one_query, "limit_and_noise", wrong)
    assert of_query()[claim.below(1)] == "refuted"


def test_fewer_neighbours_than_declared_are_refuted(monkeypatch):
    monkeypatch.setattr(
        few_neighbours, "samples", lambda p, n, *rest: samples(p, (3 * n) // 4, *rest)
    )
    found = of_few()
    assert found[claim.few_coverage(1, 2)] == "refuted"


def a_law() -> exact_law.KeyLaw:
    rng = np.random.default_rng(1)
    mass = rng.random(6)
    return exact_law.KeyLaw(rng.random(6) + 0.1, rng.normal(size=6), mass / mass.sum())


def test_moments_of_five_discrete_keys_are_those_of_all_their_samples():
    law = a_law()
    places = np.stack(np.meshgrid(*5 * [np.arange(6)], indexing="ij"), axis=-1).reshape(-1, 5)
    kernel, mass = law.kernel[places], law.mass[places].prod(axis=1)
    ratio = (kernel * law.values[places]).sum(axis=1) / kernel.sum(axis=1)
    mean = mass @ ratio
    variance, third, fourth = (mass @ (ratio - mean) ** k for k in (2, 3, 4))
    found = exact_law.moments(law, 5)
    assert found.shift == pytest.approx(mean - law.limit, abs=1e-12)
    assert found.variance == pytest.approx(variance, rel=1e-10)
    assert found.skewness == pytest.approx(third / variance**1.5, rel=1e-9)
    assert found.kurtosis == pytest.approx(fourth / variance**2, rel=1e-9)


def test_the_distribution_is_that_of_samples():
    # keys in flat space, a Gaussian kernel: nothing of the operator, the sampler or the sphere
    rng, n = np.random.default_rng(2), 40
    y = rng.normal(size=(200_000, n))
    kernel = np.exp(-((y - 0.5) ** 2))
    ratio = (kernel * y).sum(axis=1) / kernel.sum(axis=1)
    x, w = np.polynomial.hermite_e.hermegauss(200)
    law = exact_law.KeyLaw(np.exp(-((x - 0.5) ** 2)), x, w / w.sum())
    found = exact_law.moments(law, n)
    assert found.variance == pytest.approx(ratio.var(), rel=0.02)
    assert found.skewness == pytest.approx(stats.skew(ratio), abs=0.03)
    for c in (0.1, 0.3, 0.5):
        assert exact_law.share_below(law, n, c) == pytest.approx((ratio <= c).mean(), abs=0.005)


@pytest.mark.parametrize("d", [1, 2])
def test_the_skewness_of_many_neighbours_tends_to_its_closed_form(d):
    parameters = claim.Parameters()
    law = predictions.few_law(parameters, d, 4, claim.TOP)
    s_over_n = 4 / parameters.n_few_tokens
    constant = exact_law.skewness_law(law) * np.sqrt(s_over_n)
    assert constant == pytest.approx(exact_law.flat_skewness_law(d), rel=1e-3)
    # exactly at a hundred times as many keys
    n = 100 * parameters.n_few_tokens
    skewness = exact_law.moments(law, n).skewness * np.sqrt(s_over_n * n)
    assert skewness == pytest.approx(exact_law.flat_skewness_law(d), rel=0.02)


def test_shape_of_a_known_sample():
    values = np.random.default_rng(3).exponential(size=(2000, 50))
    skewness, kurtosis = standardised.shape_intervals(values)
    assert skewness.contains(2.0) and kurtosis.contains(9.0)
    assert standardised.shape([np.mean(values**k) for k in (1, 2, 3, 4)]) == pytest.approx(
        [stats.skew(values.ravel()), stats.kurtosis(values.ravel(), fisher=False)]
    )


def test_the_interval_of_a_share_is_binomial():
    interval = one_query.share(np.arange(1000) < 990)
    low = stats.beta.ppf(0.0005, 990, 11)
    assert interval.value == 0.99 and interval.low == pytest.approx(low)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"n_samples": 10}, "n_samples: got 10, expected a whole number >= 1000"),
        ({"temperature": 1.0}, "temperature: got 1, expected a number from"),
        ({"n_few_tokens": 5}, "n_few_tokens: got 5"),
        ({"seed": -1}, "seed: got -1"),
    ],
)
def test_bad_parameters_are_refused(bad, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**bad)

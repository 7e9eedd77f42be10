"""Claim `markov`: attention is a Markov operator, reversible for symmetric scores, with a known consensus value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.convergence import limit_order, order_table, romberg
from simulations.evolve import evolve_features
from simulations.experiments import option
from simulations.experiments.settings import (
    GAUSSIAN,
    MOST_NODES,
    check_levels,
    nodes_for,
    probe_features,
    reference_density,
    require_closed,
)
from simulations.results import Outcome
from simulations.sampling import iid_tokens, quadrature_tokens
from simulations.verdict import check, check_against_measurement, mean_interval, rounding_interval
from theory.checks import positive, whole
from theory.claims import Claim
from theory.limits import consensus_variance, squared_density_mean
from theory.pseudo_metrics import (
    cosine,
    dot_product,
    mahalanobis,
    squared_distance,
    transformed_distance,
    user_function,
)

CLAIM = Claim(
    name="markov",
    rank=1,
    title="Attention is a Markov operator",
    statement=(
        "Softmax attention is row-stochastic for every pseudo-metric; for a symmetric one it is reversible with "
        r"stationary law $\pi_i \propto \deg_i$, and repeated attention reaches the consensus value "
        r"$\sum_i \pi_i H_i$, which tends to the $p^2$-weighted mean of $H$."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Attention is a Markov operator' and 'Consensus'",
    hypotheses="any pseudo-metric for the maximum principle; a symmetric one for reversibility; i.i.d. tokens for the limit",
    predicted=r"identities to rounding; consensus $\to \int H p^2 dV / \int p^2 dV$",
    order=r"1 in $\tau$, for the bias of the consensus",
)

ROUNDING = 1e-12


@dataclass(frozen=True)
class Parameters:
    manifold: str = option("sphere", "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the project's choice.")
    n_tokens: int = option(2000, "Tokens of a sample.")
    temperature: float = option(0.05, "Temperature eps of the samples, and largest of the bias study.")
    n_levels: int = option(5, "Temperatures of the bias study, each half the one before.")
    n_seeds: int = option(1000, "Samples.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        whole("n_tokens", self.n_tokens, 100)
        positive("temperature", self.temperature)
        check_levels("n_levels", self.n_levels)
        whole("n_seeds", self.n_seeds, 20)
        whole("seed", self.seed, 0)


SMALL = {"n_tokens": 600, "n_levels": 4, "n_seeds": 300}
LONG = {"n_levels": 7, "n_seeds": 4000}


def run(parameters: Parameters, run) -> Outcome:
    """Measure the identities on one sample and the consensus value over many; see `Parameters`."""
    p = reference_density(parameters.manifold, parameters.density)
    require_closed(p.manifold, "markov")
    temperatures = parameters.temperature / 2.0 ** np.arange(parameters.n_levels)
    nodes_for(p.manifold, temperatures[-1], MOST_NODES)  # refuses what would take hours before anything is computed
    rng = np.random.default_rng([parameters.seed, 0])
    tokens = iid_tokens(p, parameters.n_tokens, rng)
    exact = identities(tokens, parameters.temperature, rng)
    formula = p.manifold.embedding[0]
    limit = run.remember("limit", lambda: consensus_limit(p, formula, temperatures))
    sample = run.remember("sample", lambda: consensus_samples(p, formula, parameters, run))
    checks = consensus_checks(p, formula, temperatures, limit, sample) + exact
    table = "bias of the consensus value on quadrature nodes\n" + order_table(temperatures, temperatures, limit["errors"], "eps")
    trajectory = consensus_trajectory(tokens, p.manifold.function(formula), parameters.temperature)
    return Outcome(tuple(checks), {"temperatures": temperatures, **limit, **sample, **trajectory}, (table,))


# --- exact identities ---


def pseudo_metrics(ambient_dim: int, rng) -> dict:
    """One pseudo-metric of every kind, asymmetric ones included."""
    matrix = rng.standard_normal((ambient_dim, ambient_dim)) / np.sqrt(ambient_dim)

    def skewed(x, y):
        return (x[0] - y[1]) ** 2 + 0.3 * x[1] * y[0]

    return {
        "squared distance": squared_distance(0.25),
        "distance": transformed_distance("r"),
        "Mahalanobis": mahalanobis(matrix),
        "dot product x^T A y": dot_product(matrix),
        "cosine": cosine(),
        "user function": user_function(skewed),
    }


def identities(tokens, temperature, rng) -> list:
    """What holds to rounding: row sums, maximum principle, reversibility, conservation, consensus."""
    n = len(tokens.points)
    h = rng.uniform(-1, 1, (n, 3))
    rows, wrong_rows, excess, wrong_excess = [], [], [], []
    for f in pseudo_metrics(tokens.points.shape[1], rng).values():
        operator = AttentionOperator(tokens, f, temperature)
        # the control: the same weights normalised by columns, "diffusion" that averages nothing
        columns = np.maximum(operator.rmatmat(np.ones((n, 1))), 1e-9)
        rows.append(np.abs(operator @ np.ones(n) - 1).max())
        wrong_rows.append(np.abs(operator @ (1 / columns) - 1).max())
        ranged = np.column_stack([h, np.ones(n)])
        excess.append(_excess(operator @ ranged, ranged))
        wrong_excess.append(_excess(operator @ (ranged / columns), ranged))
    operator = AttentionOperator(tokens, GAUSSIAN, temperature)
    skew = AttentionOperator(tokens, pseudo_metrics(tokens.points.shape[1], rng)["dot product x^T A y"], temperature)
    pi = operator.stationary_law
    return [
        _identity("largest |row sum - 1|, six pseudo-metrics", max(rows), "normalised by columns", min(wrong_rows)),
        _identity("excess over the maximum principle, six pseudo-metrics", max(excess), "normalised by columns", max(wrong_excess)),
        _identity("detailed balance |<G, A H>_pi - <A G, H>_pi|", _imbalance(operator, h, pi), "asymmetric score", _imbalance(skew, h, pi)),
        _identity("drift of sum_i pi_i H_i in one step", _drift(operator, h, pi), "plain sum", _drift(operator, h, np.full(n, 1 / n))),
        _consensus_identity(operator, h[:, 0], pi),
    ]


def _identity(quantity, deviation, control, control_deviation, truncation=0.0):
    bound = ROUNDING + truncation
    return check_against_measurement(
        quantity, 0.0, rounding_interval(deviation, bound), control, rounding_interval(control_deviation, bound), kind="identity"
    )


def _excess(after, before):
    return max((after.max(axis=0) - before.max(axis=0)).max(), (before.min(axis=0) - after.min(axis=0)).max(), 0.0)


def _imbalance(operator, h, pi):
    after = operator @ h[:, :2]
    return abs(pi @ (h[:, 0] * after[:, 1]) - pi @ (after[:, 0] * h[:, 1]))


def _drift(operator, h, law):
    return np.abs(law @ (operator @ h) - law @ h).max()


def _consensus_identity(operator, h, pi):
    """A^t H for t so large that the spread is rounding, against sum_i pi_i H_i."""
    after, steps = h, 0
    while np.ptp(after) > 1e-14 and steps < 5000:
        after, steps = operator @ after, steps + 1
    deviation, wrong = np.abs(after - pi @ h).max(), np.abs(after - h.mean()).max()
    # the limit lies between the extremes of A^t H, so their gap bounds what the steps not taken would change
    return _identity("consensus |A^t H - sum_i pi_i H_i|, t -> infinity", deviation, "plain mean of H", wrong, np.ptp(after))


def consensus_trajectory(tokens, function, temperature, n_steps: int = 60) -> dict:
    """A few tokens' features on their way to consensus, for the figure."""
    operator = AttentionOperator(tokens, GAUSSIAN, temperature)
    h = function(tokens.coordinates)
    picked = np.argsort(h)[np.linspace(0, len(h) - 1, 40).astype(int)]
    path = evolve_features(operator, h, list(range(0, n_steps + 1, 2)))[:, picked]
    return {"path": path, "path_steps": np.arange(0, n_steps + 1, 2), "path_consensus": operator.stationary_law @ h, "path_mean": h.mean()}


# --- the consensus value of random tokens ---


def population_consensus(p, formula, eps, n_tokens) -> dict:
    """Expectation of the consensus value of N i.i.d. tokens, and N times its variance (delta method), on quadrature nodes.

    Consensus is a ratio of two statistics of pairs. Their N diagonal pairs draw it by s = 1/((N-1) int p K p)
    towards the plain mean of H.
    """
    tokens = quadrature_tokens(p, nodes_for(p.manifold, eps, MOST_NODES))
    h, w = p.manifold.function(formula)(tokens.coordinates), tokens.weights
    operator = AttentionOperator(tokens, GAUSSIAN, eps)
    pi = operator.stationary_law
    value, plain = float(pi @ h), float(w @ h)
    s = 1 / ((n_tokens - 1) * (w @ np.exp(operator.log_partition)))
    influence = pi / w * ((h - value) + (operator @ h - value))
    return {"value": (value + s * plain) / (1 + s), "plain": plain, "variance": w @ influence**2}


def consensus_limit(p, formula, temperatures) -> dict:
    """Bias of the consensus value against int H p^2/int p^2 for random features; N times its variance at each temperature."""
    basis = probe_features(p.manifold)
    mix = np.random.default_rng(0).standard_normal((24, len(basis)))
    functions = [p.manifold.function(b) for b in basis]
    limits = np.array([squared_density_mean(p, b) for b in basis])
    errors, controls, variances = [], [], []
    for eps in temperatures:
        tokens = quadrature_tokens(p, nodes_for(p.manifold, eps, MOST_NODES))
        h = np.stack([f(tokens.coordinates) for f in functions], axis=1)
        consensus = AttentionOperator(tokens, GAUSSIAN, eps).stationary_law @ h
        errors.append(np.abs(mix @ (consensus - limits)))
        controls.append(np.abs(mix @ (consensus - tokens.weights @ h)))
        variances.append(population_consensus(p, formula, eps, 2)["variance"])
    return {"errors": np.array(errors).T, "controls": np.array(controls).T, "variances": np.array(variances)}


def consensus_samples(p, formula, parameters, run) -> dict:
    """The consensus value of i.i.d. tokens, one a seed, with what is expected of it at the same temperature."""
    function, values = p.manifold.function(formula), []
    for s in run.progress(range(parameters.n_seeds), label="markov: consensus of samples"):
        tokens = iid_tokens(p, parameters.n_tokens, np.random.default_rng([parameters.seed, 1, s]))
        operator = AttentionOperator(tokens, GAUSSIAN, parameters.temperature)
        values.append(operator.stationary_law @ function(tokens.coordinates))
    expected = population_consensus(p, formula, parameters.temperature, parameters.n_tokens)
    return {"values": np.array(values), "n_tokens": np.array(parameters.n_tokens)} | {f"expected_{key}": np.array(value) for key, value in expected.items()}


def consensus_checks(p, formula, temperatures, limit, sample) -> list:
    """Mean, variance and limit of the consensus value."""
    values = sample["values"]
    # one variance a batch of ten samples: batches are what the interval is made of
    batches = values[: len(values) // 10 * 10].reshape(-1, 10).var(axis=1, ddof=1)
    ratio = mean_interval(batches * sample["n_tokens"] / sample["expected_variance"])
    constant = romberg(limit["variances"] / consensus_variance(p, formula))
    order, stalled = limit_order(temperatures, limit["errors"]), limit_order(temperatures, limit["controls"])
    return [
        check("consensus value of i.i.d. tokens", float(sample["expected_value"]), mean_interval(values), {"plain mean of H": float(sample["expected_plain"])}),
        check_against_measurement("order in tau of the consensus -> int H p^2/int p^2", 1.0, order, "limit int H p stalls", stalled),
        check("variance of the consensus over expected", 1.0, ratio, {"weights known, not learnt: a quarter": 0.25}),
        check("variance constant 4 at eps -> 0, over 4", 1.0, constant, {"constant off by 10 %": 1.1}),
    ]

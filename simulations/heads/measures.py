"""What is measured of a head on one text: how it attends, and how it moves the tokens."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from simulations.heads.head import Context
from simulations.heads.triangles import metric_fit, sampled_triples
from simulations.observables.entropy import mean_asymmetry, stationary_measure
from theory.setting.checks import InputError

TRIPLES = 2000  # of tokens, looked at in each text
REAL = 1e-9  # imaginary part up to which an eigenvalue of A counts as real


@dataclass(frozen=True)
class TextMeasures:
    """Of a head on one text; means are over its queries, spreads in units of the temperature.

    n_tokens; effective_keys: 1/sum_j a_ij^2; score_spread: rms standard deviation of f/eps over the
    keys; norm_spread: standard deviation of y^T S y/(2 eps), S the symmetric part of M, which a key
    bias would have to mend; entropy_production: nats a step, infinite under a causal mask, whose
    steps have no way back; second_modulus: of the eigenvalues of A; complex_share: of them;
    largest_imaginary; received_least, received_most: column sums of A; triangle_violations,
    diagonal_spread, asymmetry: of c + f as a metric, the last two over eps.
    """

    n_tokens: float
    effective_keys: float
    score_spread: float
    norm_spread: float
    entropy_production: float
    second_modulus: float
    complex_share: float
    largest_imaginary: float
    received_least: float
    received_most: float
    triangle_violations: float
    diagonal_spread: float
    asymmetry: float


NAMES = tuple(f.name for f in fields(TextMeasures))


def text_measures(context: Context, symmetric, rng) -> TextMeasures:
    """Of a head on one text; symmetric: S (D, D). A text of two tokens has no triangles: nan."""
    a, f, eps = context.attention, context.pseudo_metric, context.temperature
    n, x = len(a), context.tokens
    values = np.linalg.eigvals(a)
    received = a.sum(axis=0)
    fit = metric_fit(f, sampled_triples(n, TRIPLES, rng)) if n > 2 else None
    return TextMeasures(
        n_tokens=n,
        effective_keys=float((1 / (a**2).sum(axis=1)).mean()),
        score_spread=float(np.sqrt(variances(f, context.allowed).mean()) / eps),
        norm_spread=float(((x @ symmetric) * x).sum(axis=1).std() / (2 * eps)),
        entropy_production=produced(context),
        second_modulus=float(np.sort(np.abs(values))[-2]),
        complex_share=float((np.abs(values.imag) > REAL).mean()),
        largest_imaginary=float(np.abs(values.imag).max()),
        received_least=float(received.min()),
        received_most=float(received.max()),
        triangle_violations=fit.violations if fit else np.nan,
        diagonal_spread=fit.diagonal_spread / eps if fit else np.nan,
        asymmetry=fit.asymmetry / eps if fit else np.nan,
    )


def variances(f, allowed) -> np.ndarray:
    """The variance of f over the allowed keys of each query, (n,)."""
    counts = allowed.sum(axis=1)
    centred = np.where(allowed, f - ((allowed * f).sum(axis=1) / counts)[:, None], 0.0)
    return (centred**2).sum(axis=1) / counts


def produced(context: Context) -> float:
    """Entropy production of the chain, in nats a step; nan where its law is not determined."""
    if (context.allowed != context.allowed.T).any():
        return float("inf")
    try:
        law = stationary_measure(context.attention)
    except InputError:
        return float("nan")
    # by the scores: weights that underflow would look like steps without a way back
    return mean_asymmetry(context.attention, law, context.pseudo_metric, context.temperature)


def displacement(context: Context) -> np.ndarray:
    """A X - X (n, D): what the head does to the tokens, before values and residual."""
    return context.attention @ context.tokens - context.tokens


def diffusion(context: Context) -> np.ndarray:
    """sum_j a_ij |x_j - (A X)_i|^2 (n,): the trace of A(X X^T) - (A X)(A X)^T at each query."""
    a, x = context.attention, context.tokens
    # about the mean of all tokens, so that little cancels
    centred = x - x.mean(axis=0)
    return np.maximum(a @ (centred**2).sum(axis=1) - ((a @ centred) ** 2).sum(axis=1), 0.0)

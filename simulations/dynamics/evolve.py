"""Iterate attention: on features (A^k H), on measures (pi A^k) and on the tokens themselves (X <- A X)."""

from __future__ import annotations

import warnings

import numpy as np

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.tokens.sampling import Tokens
from theory.setting.checks import InputError, finite_array, positive, whole, within
from theory.setting.pseudo_metrics import PseudoMetric


def evolve_features(operator, features, steps, progress=None) -> np.ndarray:
    """A^k H for each k in `steps`, an increasing list of whole numbers.

    features: (n,) or (n, c). Returns (len(steps), n) or (len(steps), n, c). `progress`, where given,
    is called once after each application.
    """
    features = np.asarray(features, dtype=np.float64)
    return _iterate(lambda current: operator @ current, features, steps, progress)


def evolve_at(operator, points, features, steps, progress=None) -> np.ndarray:
    """A^k H at points that are no tokens, for each k in `steps`, whole numbers of at least 1.

    operator: self-attention of n tokens; points: (m, D); features: H at the tokens, (n,) or (n, c).
    k - 1 steps are taken on the tokens, and the last with the points as queries, so A^k H is one
    function on the manifold ("Evolution"). Returns (len(steps), m) or (len(steps), m, c).
    """
    if not operator.self_attention:
        raise InputError("evolve_at: the operator has separate keys, expected self-attention")
    steps = [whole("steps", k, 1) for k in steps]
    # keys of weight 0 keep it; elsewhere key_bias holds the logarithm of the weights already
    some = operator.weights > 0
    last = AttentionOperator(
        points,
        operator.pseudo_metric,
        operator.temperature,
        keys=operator.keys,
        weights=some.astype(np.float64),
        key_bias=np.where(some, operator.key_bias, 0.0),
        window=operator.window,
        tolerance=operator.tolerance,
    )
    before = evolve_features(operator, features, [k - 1 for k in steps], progress)
    return np.array([last @ values for values in before])


def evolve_measure(operator, measure, steps, progress=None) -> np.ndarray:
    """The law of the Markov chain after k steps, pi A^k, for each k in `steps`; shapes as in
    `evolve_features`."""
    return evolve_features(operator.T, measure, steps, progress)


def evolve_tokens(
    tokens,
    pseudo_metric: PseudoMetric,
    temperature: float,
    steps,
    *,
    weights=None,
    period: float | None = None,
    share: float = 1.0,
    normalised: bool = False,
    progress=None,
) -> np.ndarray:
    """The tokens after k steps of X <- A X, for each k in `steps`: queries and keys both move
    ("Moving tokens").

    tokens: X (n, D), n >= 2, or `Tokens`, whose weights they keep; weights: (n,), by default equal.
    share: h in the residual step X <- X + h (A X - X), 0 < h <= 1, whose clock is h tau. normalised:
    every step ends on the unit sphere, X <- X/|X|, as behind a layer normalisation.
    period: tokens (n, 1) on a flat circle of that length, given on its universal cover, the line:
    each attends to every copy of the others, and their copies move along. Returns
    (len(steps), n, D), not wrapped. Raises InputError on unusable input, where half a turn of the
    circle is within reach of the kernel, and where a normalised token reaches the origin.
    """
    if isinstance(tokens, Tokens):
        tokens, weights = tokens.points, tokens.weights if weights is None else weights
    points = finite_array("tokens", tokens, (None, None))
    if len(points) < 2:
        raise InputError(f"tokens: got {len(points)}, expected at least 2")
    weights = np.ones(len(points)) if weights is None else weights
    weights = finite_array("weights", weights, (len(points),))
    share = within("share", positive("share", share), 0.0, 1.0)
    if period is not None:
        _check_period(points, pseudo_metric, temperature, period)
        if normalised:
            raise InputError("normalised: got True with a period, expected tokens of R^D")

    def step(x):
        after = _attended(x, pseudo_metric, temperature, weights, period)
        moved = (1 - share) * x + share * after
        return _unit(moved) if normalised else moved

    return _iterate(step, points, steps, progress)


def _attended(x, pseudo_metric, temperature, weights, period):
    """A X: of tokens that attend to themselves, or to all copies round a flat circle."""
    if period is None:
        with warnings.catch_warnings():
            # tokens that have gathered attend to nothing else, as they should
            warnings.simplefilter("ignore", LonelyTokensWarning)
            return AttentionOperator(x, pseudo_metric, temperature, weights=weights) @ x
    keys, mass = _copies(x, weights, period)
    return AttentionOperator(x, pseudo_metric, temperature, keys=keys, weights=mass) @ keys


def _unit(x):
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    if not (norm > 0).all():
        raise InputError(
            f"tokens: token {int(np.argmin(norm))} has reached the origin, which has no direction; "
            f"expected tokens off it"
        )
    return x / norm


def _iterate(step, current, steps, progress):
    """What `step` makes of `current`, after each number of steps."""
    steps = [whole("steps", k, 0) for k in steps]
    if steps != sorted(set(steps)):
        raise InputError(f"steps: got {steps}, expected increasing numbers")
    done, out = 0, []
    for target in steps:
        while done < target:
            current, done = step(current), done + 1
            if progress:
                progress()
        out.append(current)
    return np.array(out)


_NEGLIGIBLE = 40.0  # weights below exp(-40), 4e-18, are lost in rounding


def _check_period(points, pseudo_metric, temperature, period):
    """Raise InputError unless the tokens lie on a line and half a period is out of reach of the kernel."""
    half = positive("period", period) / 2
    if points.shape[1] != 1:
        raise InputError(
            f"period: got tokens in R^{points.shape[1]}, expected tokens on the line, shape (n, 1)"
        )
    if np.ptp(points) > period:
        raise InputError(
            f"period: got tokens {np.ptp(points):g} apart, expected at most a period, {period:g}"
        )
    near, far = pseudo_metric([[0.0]], [[0.0], [half]])[0] / positive("temperature", temperature)
    if far - near < _NEGLIGIBLE:
        raise InputError(
            f"temperature: got {temperature:g}, at which half a period of {period:g} has the weight "
            f"{np.exp(near - far):.3g}, expected less than {np.exp(-_NEGLIGIBLE):.1g}"
        )


def _copies(x, weights, period):
    """The tokens and those of their copies that are nearer than half a period to some token."""
    copies = np.concatenate([x - period, x, x + period])
    near = (copies[:, 0] >= x.min() - period / 2) & (copies[:, 0] <= x.max() + period / 2)
    return copies[near], np.tile(weights, 3)[near]

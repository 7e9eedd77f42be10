"""What one token sees after k layers: its row of A^k, as weight per unit of volume.

A row is a measure on the tokens. A token of vanishing weight at y would have a share of it, and N
times that share times p(y) is the weight per unit of volume at any y, a token or not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.intervals import mean_interval
from simulations.tokens import Tokens, iid_tokens
from theory.claims import generator as claim
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.watched import watched

KINDS = SOFTMAX, DOUBLY = "softmax", "doubly normalised"
STREAM = 98  # of random numbers, apart from those of the coefficients
TOLERANCE = 1e-6  # of a step in linear time: the noise of a sample is a thousand times as large


def row_of_one_token(parameters: claim.Parameters, manifold: str, index: int, run) -> dict:
    """The row's profile on a line through the token, over samples, and one sample as a cloud.

    Of softmax and of doubly normalised attention: arrays `profile`, (3, n), the mean with its
    interval, and `cloud`, (c,), at the tokens with chart coordinates `cloud`, (c, 2).
    """
    p = parameters.tokens_density(manifold)
    place = watched(p, claim.ROW_LINE)

    def drawn(s):
        rng = np.random.default_rng([parameters.seed, index, STREAM, s])
        return with_token(iid_tokens(p, claim.ROW_TOKENS * parameters.n_tokens, rng), place)

    def sample(s):
        tokens = drawn(s)
        return np.array([weight_at(p, tokens, place.line, kind) for kind in KINDS])

    def study():
        values = run.over_seeds(sample, claim.ROW_SAMPLES, f"generator, {manifold}: rows")
        tokens, shown = drawn(0), slice(1, claim.ROW_CLOUD + 1)
        cloud = np.array([weights_of_row(p, tokens, kind)[shown] for kind in KINDS])
        return {"values": values, "cloud": cloud, "coordinates": tokens.coordinates[shown]}

    found = run.remember(f"{manifold} rows", study)
    arrays = {f"{manifold} cloud": found["coordinates"].astype(np.float32)}
    for k, kind in enumerate(KINDS):
        intervals = [mean_interval(column) for column in found["values"][:, k].T]
        arrays[f"{manifold} {kind} profile"] = np.array(
            [[i.value, i.low, i.high] for i in intervals]
        ).T
        arrays[f"{manifold} {kind} cloud"] = found["cloud"][k].astype(np.float32)
    return arrays


def with_token(tokens: Tokens, place) -> Tokens:
    """The tokens with the one that is watched in front."""
    u = np.concatenate([place.point, tokens.coordinates])
    return replace(tokens, coordinates=u, points=tokens.manifold.embed(u))


def attention(tokens: Tokens, kind: str) -> AttentionOperator:
    """Self-attention of one kind at the temperature of a step."""
    temperature = claim.ROW_TIME / claim.ROW_STEPS
    options = {"tolerance": TOLERANCE, "applications": claim.ROW_STEPS}
    softmax = AttentionOperator(tokens, GAUSSIAN, temperature, **options)
    if kind == SOFTMAX:
        return softmax
    # the kernel is symmetric: column sums are row sums
    columns = softmax.log_partition
    return AttentionOperator(tokens, GAUSSIAN, temperature, key_bias=-columns, **options)


def row_of(operator, steps: int) -> np.ndarray:
    """The first row of A^k, (n,): where a walk from the first token is after k steps."""
    row = np.zeros(operator.shape[0])
    row[0] = 1.0
    for _ in range(steps):
        row = operator.T @ row
    # an engine errs by a tolerance, on either side of 0
    return np.maximum(row, 0.0)


def weights_of_row(p, tokens: Tokens, kind: str) -> np.ndarray:
    """The first token's row of A^k as weight per unit of volume, (n,)."""
    row = row_of(attention(tokens, kind), claim.ROW_STEPS)
    return len(tokens) * row * p(tokens.coordinates)


def weight_at(p, tokens: Tokens, u, kind: str) -> np.ndarray:
    """The same at chart points u (n, 2) that are no tokens, (n,).

    The share of y is sum_m row_m K(x_m, y) b(y)/Z_m, with the row of k - 1 steps, the partitions Z
    and the key factor b of its normalisation: 1, or one over the column sum of y.
    """
    operator = attention(tokens, kind)
    row = row_of(operator, claim.ROW_STEPS - 1)
    partitions = np.exp(operator.log_partition)
    points = tokens.manifold.embed(u)
    received = AttentionOperator(
        points, GAUSSIAN, operator.temperature, keys=tokens.points, weights=row / partitions
    ).log_partition
    if kind == DOUBLY:
        sums = AttentionOperator(points, GAUSSIAN, operator.temperature, keys=tokens.points)
        received = received - sums.log_partition
    return len(tokens) * np.exp(received) * p(u)

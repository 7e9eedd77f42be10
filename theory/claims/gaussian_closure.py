"""Claim `gaussian_closure`: attention moves Gaussian tokens by an affine map, so they stay Gaussian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import count, whole, within
from theory.setting.hypotheses import check_levels

CLAIM = Claim(
    name="gaussian_closure",
    rank=10.2,
    title="Gaussian tokens stay Gaussian, and blow up under the dot product",
    statement=(
        r"Keys $N(m, S)$ and the score $x^T A y$ give $A x = m + S A^T x$, exactly: tokens moved by "
        r"$X \leftarrow X + h\,A X$ stay Gaussian, $S \to (1 + h S A^T)\,S\,(1 + h S A^T)^T$, and in "
        r"continuous time on the line with $A = 1$ their variance blows up at $1/(2 S_0)$. With "
        r"$f = |x-y|^2/4$ it shrinks: $S \to B S B^T$, $B = S (S + 2\varepsilon)^{-1}$."
    ),
    source=(
        "Castin, Ablin, Carrillo and Peyre (arXiv 2501.18322); docs/theory.md, 'Gaussian tokens'"
    ),
    hypotheses="Gaussian tokens; the dot product at temperature 1",
    predicted=r"blow-up at $1/(2 S_0)$; the covariance after any number of steps, exactly",
    order="none: exact at every step and size of step",
    paper=Paper(
        NEW,
        "The paper moves features by the limit of attention; this is an exact motion of tokens.",
    ),
)

# --- the design ---

VARIANCES = (0.5, 0.25, 0.125)  # S_0 on the line
FOLLOWED = 0.25  # time over 1/S_0 for which they are followed, far from where nodes fail
TIMES, FIRST_STEPS = 4, 8  # at which 1/S is read; steps of the coarsest level
LINE_NODES, FEWER_LINE_NODES = 100, 80  # of Gauss and Hermite; the second tells their error

# tokens N(m, S) of the plane and of space, and a score that is not symmetric; in the plane so weak
# that the weights of a sample have a finite variance (docs/theory.md, "Gaussian tokens")
MEANS = {2: (0.3, -0.2), 3: (0.2, -0.1, 0.3)}
COVARIANCES = {
    2: ((0.6, 0.25), (0.25, 0.4)),
    3: ((0.5, 0.2, -0.1), (0.2, 0.4, 0.15), (-0.1, 0.15, 0.3)),
}
SCORES = {
    2: ((0.35, 0.4), (-0.28, 0.22)),
    3: ((0.6, 0.8, -0.3), (-0.5, 0.4, 0.6), (0.2, -0.4, 0.5)),
}
NODES = {2: 40, 3: 20}  # per axis; those of two fewer tell the error of the nodes
SHARE = 0.25  # h in X <- X + h A X
STEPS = {"dot product": 3, "f = r^2/4": 2}
REACH = 2.0  # queries of one step, in standard deviations about the mean
N_QUERIES = 30
SPACES = {2: "plane", 3: "space"}
DIMENSIONS = tuple(SPACES)
AXES = "xyz"

# --- the names ---


def blow_up(variance: float) -> str:
    return f"line, S_0 = {variance:g}: time of the blow-up, h -> 0"


def offset(d: int) -> str:
    return f"{SPACES[d]}, dot product: coefficient of m in A x"


def turned(d: int) -> str:
    return f"{SPACES[d]}, dot product: coefficient of S A^T x in A x"


def transposed(d: int) -> str:
    return f"{SPACES[d]}, dot product: coefficient of S A x in A x"


def bent(d: int) -> str:
    return f"{SPACES[d]}, dot product: distance of A x from an affine map"


def entry(d: int, score: str, i: int, j: int, sampled: bool = False) -> str:
    seen = "i.i.d. tokens scaled to S" if sampled else "on nodes"
    return f"{SPACES[d]}, {score}: S_{AXES[i]}{AXES[j]} after {STEPS[score]} steps, {seen}"


def misshape(d: int, score: str) -> str:
    return f"{SPACES[d]}, {score}: distance from a Gaussian after {STEPS[score]} steps"


def entries(d: int) -> list[tuple[int, int]]:
    """Places of a symmetric matrix, the upper half."""
    return [(i, j) for i in range(d) for j in range(i, d)]


def tokens_of(d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean (d,), covariance (d, d) and matrix of the score (d, d)."""
    return np.array(MEANS[d]), np.array(COVARIANCES[d]), np.array(SCORES[d])


@dataclass(frozen=True)
class Parameters:
    temperature: float = option(0.5, "Temperature eps of f = r^2/4.")
    n_levels: int = option(5, "Steps h on the line, each half the one before.")
    n_tokens: int = option(1500, "Tokens of a sample.", least=200, bytes=TOKEN_BYTES)
    n_seeds: int = option(60, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20250131, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        # below, the nodes do not resolve the kernel; above, two steps leave one point
        within("temperature", self.temperature, 0.2, 5.0)
        check_levels("n_levels", self.n_levels)
        count("n_tokens", self.n_tokens, 200, 50_000)
        whole("seed", self.seed, 0)


SMALL = {"n_levels": 4, "n_tokens": 800, "n_seeds": 40}
LONG = {"n_tokens": 6000, "n_seeds": 200}

"""Claim `markov`: attention is a Markov operator with a known consensus value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from theory.claims import (
    AS_THE_PAPER_SAYS,
    SAMPLE_BYTES,
    TOKEN_BYTES,
    Claim,
    Paper,
    check_counts,
    option,
)
from theory.setting.checks import positive, whole
from theory.setting.densities import Density
from theory.setting.hypotheses import check_levels, require_closed, require_resolved
from theory.setting.nodes import MOST_NODES, as_typed, nodes_for
from theory.setting.references import reference_density

CLAIM = Claim(
    name="markov",
    rank=1,
    title="Attention is a Markov operator",
    statement=(
        "Softmax attention is row-stochastic for every pseudo-metric; for a symmetric one it is "
        r"reversible with stationary law $\pi_i \propto \deg_i$, and repeated attention reaches "
        r"the consensus value $\sum_i \pi_i H_i$, which tends to the $p^2$-weighted mean of $H$."
    ),
    source=(
        "Ruan and Zhang (arXiv 2412.18288); "
        "docs/theory.md, 'Attention is a Markov operator' and 'Consensus'"
    ),
    hypotheses=(
        "any pseudo-metric for the maximum principle; a symmetric one for reversibility; "
        "i.i.d. tokens for the limit"
    ),
    predicted=r"identities to rounding; consensus $\to \int H p^2 dV / \int p^2 dV$",
    order=r"1 in $\tau$, for the bias of the consensus",
    paper=Paper(
        AS_THE_PAPER_SAYS,
        "The abstract splits attention into a pseudo-metric and the propagation of "
        "information by similarity: this is its exact part. The limit of the consensus and "
        "its variance are derived here.",
    ),
)

CONSENSUS = "consensus value of i.i.d. tokens"
BIAS = "consensus -> int H p^2/int p^2: order in tau"
VARIANCE = "N times the variance of the consensus of i.i.d. tokens"
LIMIT_VARIANCE = "N times the variance of the consensus, eps -> 0"
ROWS = "largest |row sum - 1|, six pseudo-metrics"
EXCESS = "excess over the maximum principle, six pseudo-metrics"
BALANCE = "detailed balance |<G, A H>_pi - <A G, H>_pi|"
CONSERVED = "change of sum_i pi_i H_i in one step"
REACHED = "consensus |A^t H - sum_i pi_i H_i|, t -> infinity"
IDENTITIES = (ROWS, EXCESS, BALANCE, CONSERVED, REACHED)


@dataclass(frozen=True)
class Parameters:
    manifold: str = option("sphere", "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    n_tokens: int = option(1000, "Tokens of a sample.", least=100, bytes=TOKEN_BYTES)
    temperature: float = option(0.2, "Temperature eps of the samples, largest of the levels.")
    n_levels: int = option(6, "Temperatures on quadrature nodes, each half the one before.")
    n_seeds: int = option(20_000, "Samples.", least=20, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        positive("temperature", self.temperature)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        # refuses what would take hours before anything is computed
        with as_typed("temperature", self.temperature, "n_levels", self.n_levels) as ask:
            p = self.tokens_density()
            ask(self.temperatures(), partial(nodes_for, p.manifold, limit=MOST_NODES))
        require_resolved(p, self.temperatures()[-1])

    def tokens_density(self) -> Density:
        p = reference_density(self.manifold, self.density)
        require_closed(p.manifold, "markov")
        return p

    def temperatures(self) -> list[float]:
        """Temperatures of the levels."""
        return [self.temperature / 2**k for k in range(self.n_levels)]

    def feature(self):
        """The feature whose consensus is followed: the first coordinate."""
        return self.tokens_density().manifold.embedding[0]


SMALL = {"n_tokens": 300, "n_levels": 5, "n_seeds": 2000}
LONG = {"n_levels": 8, "n_seeds": 100_000}

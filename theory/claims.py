"""The claims that the suite tests, as data. Each name is also an experiment, a figure, a test and a row of the README."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """One claim: what is said, by whom, under which hypotheses, what is predicted and of which order."""

    name: str
    title: str
    statement: str
    source: str
    hypotheses: str
    predicted: str
    order: str


CLAIMS = {
    claim.name: claim
    for claim in (
        Claim(
            name="markov",
            title="Attention is a Markov operator",
            statement=(
                "Softmax attention is row-stochastic for every pseudo-metric; for a symmetric one it is reversible with "
                "stationary law proportional to the degrees, and repeated attention reaches the consensus value "
                "sum_i pi_i H_i, which tends to the p^2-weighted mean of H."
            ),
            source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Attention is a Markov operator' and 'Consensus'",
            hypotheses="any pseudo-metric for the maximum principle; a symmetric one for reversibility; i.i.d. tokens for the limit",
            predicted="identities to rounding; consensus -> int H p^2 dV/int p^2 dV",
            order="bias of the consensus: 1 in tau",
        ),
        Claim(
            name="generator",
            title="The generator is Laplacian plus twice the drift up log p",
            statement=(
                "For a transformation of a metric, (A - I)/tau tends to L H = Laplacian_g H + 2 <grad log p, grad H>_g, "
                "with a bias of order 1 in tau and a sampling noise of known variance."
            ),
            source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Drift-diffusion limit' and 'Sampling noise'",
            hypotheses="closed manifold, smooth positive density, f ~ c r^a at small distance",
            predicted="drift coefficient 2, clock tau, bias order 1, noise eps |grad H|^2 (8 pi eps)^(-d/2)/(N p)",
            order="1 in tau",
        ),
        Claim(
            name="evolution",
            title="Iterated attention solves the drift-diffusion equation",
            statement=(
                "A^k H tends to the solution of dH/dt = p^-2 div(p^2 grad H) at time k tau, on a curve, a torus of "
                "revolution and a sphere, with an error that falls at least as fast as N^(-2/(d+6)) at eps ~ N^(-2/(d+6))."
            ),
            source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Evolution'",
            hypotheses="i.i.d. tokens of a smooth positive density, temperature tied to N by a law declared beforehand",
            predicted="drift coefficient 2 and clock ratio 1 of the evolved features; order at least 2/(d+6) in N",
            order="at least 2/(d+6) in N",
        ),
    )
}

"""Features of forty tokens on their way to the consensus value that the degrees predict."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "markov"


def draw(result):
    """Features against steps, with the predicted consensus and the plain mean (control)."""
    a = result.arrays
    figure, ax = plt.subplots(figsize=(4.6, 3.1))
    ax.plot(a["path_steps"], a["path"], color=style.MEASURED[0], lw=0.5, alpha=0.6)
    ax.plot([], [], color=style.MEASURED[0], label="measured: $(A^t H)(x_i)$ of 40 tokens")
    ax.axhline(a["path_consensus"], color=style.PREDICTED, label=r"predicted: $\sum_i \pi_i H_i$")
    ax.axhline(a["path_mean"], color=style.CONTROL, ls="--", label="control: plain mean of $H$")
    ax.set(xlabel="steps $t$", ylabel="features $A^t H$", title="Attention reaches the consensus of its stationary law")
    ax.legend(loc="upper right")
    return figure

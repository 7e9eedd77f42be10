"""A plateau lasts as long as its closest pair would alone; the masses of the pair count."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "clusters"


def draw(result):
    """Measured length of the plateaus of random data against the predicted one; with equal masses in grey."""
    rows = result.arrays["random_plateaus"]
    rows = rows[(rows[:, 1] >= 20) & (rows[:, 3] > 0)]
    alone = rows[:, 3] >= 10
    figure, ax = plt.subplots(figsize=(4.4, 3.6))
    ends = np.array([15, 1.5 * rows[:, :2].max()])
    ax.loglog(ends, ends, color=style.PREDICTED, label="predicted: the closest pair alone")
    ax.loglog(rows[:, 2], rows[:, 0], "s", ms=3, mfc="none", color=style.CONTROL, label="control: masses taken as equal")
    ax.loglog(rows[~alone, 1], rows[~alone, 0], "o", ms=4, mfc="none", color=style.MEASURED[0], label="measured, another pair is near too")
    ax.loglog(rows[alone, 1], rows[alone, 0], "o", ms=4, color=style.MEASURED[0], label="measured, one close pair")
    ax.set(xlabel="predicted steps", ylabel="length of the plateau, steps", title="Plateaus of random data", xlim=ends, ylim=ends)
    ax.legend(fontsize=7)
    return figure

"""Every claim at small size: measured, judged, drawn."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from matplotlib.text import Text

import figures
from figures import style
from theory.claims import claims
from theory.setting.checks import InputError

FILM = "evolution_film"  # of the torus, which small runs leave out; tests/figures draws it


@pytest.mark.parametrize("claim", claims())
def test_no_claim_is_refuted_at_small_size(claim, small):
    assert [r for r in small(claim).rows if r.verdict == "refuted"] == []


@pytest.mark.parametrize("claim", claims())
def test_most_rows_say_something_at_small_size(claim, small):
    rows = small(claim).rows
    assert sum(r.verdict == "supported" for r in rows) >= len(rows) / 2


def unlabelled(figure):
    """Panels that say nowhere what their x axis is; one label serves all that share the axis."""
    shown = [
        ax for ax in figure.axes if ax.axison and ax.name != "3d" and not hasattr(ax, "_colorbar")
    ]
    return [
        ax
        for ax in shown
        if not any(other.get_xlabel() for other in ax.get_shared_x_axes().get_siblings(ax))
    ]


@pytest.mark.parametrize("name", figures.names())
def test_every_figure_draws(name, small):
    claim = figures.claim_of(name)
    if name == FILM:
        with pytest.raises(InputError, match="expected one of the torus"):
            figures.draw(name, small(claim))
        return
    figure = figures.draw(name, small(claim))
    assert unlabelled(figure) == []
    assert figure.get_figwidth() in (style.NARROW, style.WIDE)
    written = [text for text in figure.findobj(Text) if text.get_text().strip()]
    assert min(text.get_fontsize() for text in written) >= style.SMALL
    assert any(text.get_text().startswith(f"claim {claim}: ") for text in figure.texts)
    plt.close(figure)


@pytest.mark.parametrize("share", [False, True])
def test_a_panel_without_a_label_is_seen(share):
    figure, (top, bottom) = plt.subplots(2, 1, sharex=share)
    bottom.set_xlabel("$k$")
    assert unlabelled(figure) == ([] if share else [top])
    plt.close(figure)

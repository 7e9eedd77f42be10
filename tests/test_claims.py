"""Every claim at small size: the run that the reference makes, its verdict, its controls and its figures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

import figures
from simulations import results
from simulations.experiments import claims, load


@pytest.fixture(scope="session")
def small_results(tmp_path_factory):
    root, done = tmp_path_factory.mktemp("results"), {}

    def get(claim):
        if claim not in done:
            module = load(claim)
            done[claim] = results.execute(claim, module, module.Parameters(**module.SMALL), root=root, quiet=True)
        return done[claim]

    return get


@pytest.mark.parametrize("claim", claims())
def test_no_claim_is_refuted_at_small_size(claim, small_results):
    checks = small_results(claim).checks
    assert {c.quantity: c for c in checks if c.verdict == "refuted"} == {}


@pytest.mark.parametrize("claim", claims())
def test_controls_are_rejected_at_small_size(claim, small_results):
    checks = small_results(claim).checks
    assert [c.quantity for c in checks if not c.control_rejected] == []


def unlabelled(figure):
    """The panels that say nowhere what their x axis is; one label serves all panels that share the axis."""
    shown = [ax for ax in figure.axes if ax.axison and ax.name != "3d" and not hasattr(ax, "_colorbar")]
    return [ax for ax in shown if not any(other.get_xlabel() for other in ax.get_shared_x_axes().get_siblings(ax))]


@pytest.mark.parametrize("name", figures.names())
def test_every_figure_draws(name, small_results):
    figure = figures.load(name).draw(small_results(figures.claim_of(name)))
    assert unlabelled(figure) == []
    plt.close(figure)


@pytest.mark.parametrize("share", [False, True])
def test_a_panel_without_a_label_is_seen(share):
    figure, (top, bottom) = plt.subplots(2, 1, sharex=share)
    bottom.set_xlabel("$k$")
    assert unlabelled(figure) == ([] if share else [top])
    plt.close(figure)


def test_figures_are_written_whole(tmp_path, small_results):
    from figures import style

    paths = style.save(figures.load("markov").draw(small_results("markov")), tmp_path / "markov")
    assert [p.suffix for p in paths] == [".png", ".pdf"]
    assert paths[0].read_bytes()[:4] == b"\x89PNG" and paths[1].read_bytes()[:4] == b"%PDF"
    assert len(list(tmp_path.iterdir())) == 2

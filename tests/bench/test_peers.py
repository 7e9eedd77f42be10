"""Every kind of peer gives a row with the errors of both sides, at a tiny size."""

import numpy as np
import pytest

from simulations.bench import fastsum_peer, samples, spectrum_peers, wide_peers
from simulations.bench.rows import compared


def test_a_row_that_leaves_out_set_ups_tells_both():
    row = compared({}, lambda: [1.0], lambda: lambda: [1.5], lambda: np.ones(1), 1, setup=0.5)
    assert (row["our_error"], row["peer_error"], row["setup"]) == (0.0, 0.5, 0.5)
    assert row["peer_setup"] >= 0 and row["ratio with set-up"] >= 0


def test_evenly_spread_tokens_have_the_eigenvalues_of_the_sphere():
    x = samples.spiral_points(2000)
    assert np.allclose(np.linalg.norm(x, axis=1), 1)
    values = spectrum_peers.large_pairs(x)[0]
    assert np.abs(values - samples.sphere_spectrum(2 * spectrum_peers.EPS, 10)).max() < 2e-4


@pytest.mark.parametrize("tolerance", fastsum_peer.SETTINGS)
def test_fast_gauss_summation_reaches_its_tolerance(tolerance):
    pytest.importorskip("pyNFFT3", reason="a peer of make bench (requirements-bench.txt)")
    x = samples.sphere_points(6000)
    truth = samples.exact(x, x[:, :1], fastsum_peer.TEMPERATURE)
    row = fastsum_peer.fastsum_row(x, x[:, :1].copy(), truth, tolerance)
    assert row["our_error"] < tolerance
    assert row["peer_error"] < 3 * tolerance
    three = fastsum_peer.fastsum_attention(x, fastsum_peer.TEMPERATURE, tolerance)(x)
    assert np.abs(three[:64] - samples.exact(x, x, fastsum_peer.TEMPERATURE)).max() < 20 * tolerance


@pytest.mark.parametrize(
    ("engine", "peer", "library"),
    [("single", wide_peers.torch_sdpa, "torch"), ("single", wide_peers.onnx_attention, "onnx")],
)
@pytest.mark.parametrize("own", [True, False])
def test_peers_in_many_dimensions(engine, peer, library, own):
    for name in (library, library.replace("onnx", "onnxruntime")):
        pytest.importorskip(name, reason="a peer of make bench (requirements-bench.txt)")
    x, other = (samples.sphere_points(150, 64, seed) for seed in (0, 2))
    keys = None if own else other
    h = np.random.default_rng(1).standard_normal(x.shape)
    truth = samples.exact(x, h, wide_peers.TEMPERATURE, keys)
    row = wide_peers.wide_row("N = 150", engine, library, peer, x, keys, h, truth)
    assert "note" not in row
    assert row["our_error"] < 1e-5 and row["peer_error"] < 1e-5


@pytest.mark.parametrize(
    ("what", "peer", "library", "allowed"),
    [
        ("10 eigenvalues", spectrum_peers.fastsum_call, "pyNFFT3", 2e-4),
        ("8 eigenfunctions", spectrum_peers.embedding_call, "sklearn", 0.2),
        ("8 eigenfunctions", spectrum_peers._diffusion_call, "pydiffmap", 0.2),
    ],
)
def test_spectra_at_scale(what, peer, library, allowed):
    pytest.importorskip(library, reason="a peer of make bench (requirements-bench.txt)")
    row = spectrum_peers.large_row(what, samples.spiral_points(2000), library, peer, 1)
    assert "note" not in row
    assert row["our_error"] < 1e-2 and row["peer_error"] < allowed

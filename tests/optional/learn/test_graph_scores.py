"""Graph attention: torch_geometric's layers, the operator, and isolated or far-off nodes."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from simulations.attention import AttentionOperator  # noqa: E402
from simulations.learn.graph_scores import GRAPH_SCORES, GraphAttention  # noqa: E402
from theory.setting.checks import InputError  # noqa: E402
from theory.setting.pseudo_metrics import mahalanobis  # noqa: E402

E, HEADS, N = 6, 2, 9
RNG = np.random.default_rng(7)
X = torch.from_numpy(RNG.standard_normal((N, E)))
# a node sees itself and some others, one way
EDGES = torch.from_numpy(np.array(np.nonzero((RNG.random((N, N)) < 0.3) | np.eye(N, dtype=bool))))


def layer(score, **options):
    torch.manual_seed(1)
    made = GraphAttention(E, HEADS, score, dtype=torch.float64, **options)
    torch.nn.init.normal_(made.bias)
    return made


def test_gat_is_that_of_torch_geometric():
    nn = pytest.importorskip("torch_geometric.nn")
    made, right = layer("gat"), nn.GATConv(E, E // HEADS, HEADS, add_self_loops=False).double()
    right.load_state_dict({
        "lin.weight": made.key_map, "att_src": made.attention[None],
        "att_dst": made.query_attention[None], "bias": made.bias,
    })  # fmt: skip
    torch.testing.assert_close(made(X, EDGES), right(X, EDGES), rtol=0, atol=1e-12)


def test_gatv2_is_that_of_torch_geometric():
    nn = pytest.importorskip("torch_geometric.nn")
    right = nn.GATv2Conv(E, E // HEADS, HEADS, add_self_loops=False).double()
    made = layer("gatv2")
    right.load_state_dict({
        "lin_l.weight": made.key_map, "lin_r.weight": made.query_map,
        "lin_l.bias": torch.zeros(E), "lin_r.bias": torch.zeros(E),
        "att": made.attention[None], "bias": made.bias,
    })  # fmt: skip
    torch.testing.assert_close(made(X, EDGES), right(X, EDGES), rtol=0, atol=1e-12)


def test_the_metric_on_a_complete_graph_is_the_operator():
    made = layer("gat_metric", temperature=0.7)
    everyone = torch.cartesian_prod(torch.arange(N), torch.arange(N)).T
    maps = made.key_map.detach().numpy().reshape(HEADS, -1, E)
    right = [
        AttentionOperator(X.numpy(), mahalanobis(w, 1.0), 0.7) @ (X.numpy() @ w.T) for w in maps
    ]
    found = (made(X, everyone) - made.bias).detach().numpy()
    np.testing.assert_allclose(found, np.concatenate(right, axis=1), rtol=0, atol=1e-12)


@pytest.mark.parametrize("score", GRAPH_SCORES)
def test_gradients_far_tokens_and_nodes_that_see_nothing(score):
    made = layer(score)
    names, parameters = zip(*made.named_parameters(), strict=True)

    def output(x, *values):
        return torch.func.functional_call(made, dict(zip(names, values, strict=True)), (x, EDGES))

    assert torch.autograd.gradcheck(output, (X.clone().requires_grad_(), *parameters))
    far = made(1e4 * X, EDGES)
    far.sum().backward()
    assert torch.isfinite(far).all() and torch.isfinite(made.key_map.grad).all()
    lonely = EDGES[:, EDGES[1] != 3]
    torch.testing.assert_close(made(X, lonely)[3], made.bias)


def test_parameters_of_the_three_and_bad_ones():
    sizes = {s: sum(p.numel() for p in layer(s).parameters()) - E for s in GRAPH_SCORES}
    assert sizes == {"gat": E * E + 2 * E, "gatv2": 2 * E * E + E, "gat_metric": E * E}
    for arguments, word in (
        ((6, 4), "num_heads"), ((6, 2, "best"), "score"), ((0, 1), "embed_dim"), ((6, 0), "num_heads")
    ):  # fmt: skip
        with pytest.raises(InputError, match=word):
            GraphAttention(*arguments)
    for bad in (0.0, float("nan"), "warm"):
        with pytest.raises(InputError, match="temperature"):
            layer("gat_metric", temperature=bad)
    with pytest.raises(InputError, match="tokens"):
        layer("gat")(X[:, :2], EDGES)

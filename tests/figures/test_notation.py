"""Plain names are set as people write formulas, in three ways of writing."""

from __future__ import annotations

import re

import pytest

from figures.report.notation import html, latex, number, number_latex, plain, prose
from simulations.verdict.reference import shipped
from theory.claims import claims


@pytest.mark.parametrize(
    ("name", "unicode"),
    [
        ("circle: drift coefficient, i.i.d. tokens, eps -> 0", "circle: drift coefficient, i.i.d. tokens, ε → 0"),
        ("A^k H -> e^(TL) H, N = infinity", "Aᵏ H → eᵀᴸ H, N = ∞"),
        ("phi = r**1.5: order in sqrt(tau)", "φ = r^1.5: order in √τ"),
        ("|<G, A H>_pi - <A G, H>_pi|", "|⟨G, A H⟩_π − ⟨A G, H⟩_π|"),
        ("coefficient of tr(F^-1 d2H)/2", "coefficient of tr(F⁻¹ d²H)/2"),
        ("flat_torus(dim=3): W_Q != W_K", "flat torus T³: W_Q ≠ W_K"),
        ("sum_i pi_i H_i and Cov(f(x, .), H)", "∑ᵢ πᵢ Hᵢ and Cov(f(x, ·), H)"),
        ("best as N^(-2/(d+6))", "best as N^(−2/(d+6))"),
        ("A^t H, t -> infinity, to 1e-06", "Aᵗ H, t → ∞, to 10⁻⁶"),
        ("a token is infinitely far, two-fold", "a token is infinitely far, two-fold"),
    ],
)  # fmt: skip
def test_names_in_unicode(name, unicode):
    assert plain(name) == unicode


def test_names_as_html_and_latex():
    name = "A sum of p_theta < 2, eps k^2"
    assert str(html(name)) == (
        "A sum of <i>p</i><sub><i>θ</i></sub> &lt; 2, <i>ε</i> <i>k</i><sup>2</sup>"
    )
    assert latex(name) == r"A sum of $p_{\theta } <$ 2, $\varepsilon k^{2}$"
    assert latex("10 % of x_1 & more") == r"10 \% of $x_{1}$ \& more"
    assert str(html("|<G, H>_pi| >= 1e-6")) == (
        "|⟨<i>G</i>, <i>H</i>⟩<sub><i>π</i></sub>|\u00a0≥\u00a010<sup>−6</sup>"
    )
    assert prose("the $p^2$-weighted mean").endswith("</math>-weighted mean")
    assert "<math" in prose(r"of $\tau$, eps") and "<i>ε</i>" in prose(r"of $\tau$, eps")


def test_numbers():
    assert number("2 ± 1.3×10⁻⁷") == "2 ±\u00a01.3×10<sup>−7</sup>"
    assert number("-4.000 [-4.032, -3.967]") == "−4.000 [−4.032,\u00a0−3.967]"
    assert number_latex("-1 ± 1.5×10⁻⁷") == r"$-$1 $\pm $ 1.5$\times $10$^{-7}$"
    assert number_latex("|x| ≤ 10⁻¹¹") == r"$|x| \le $ 10$^{-11}$"


def test_letters_of_formulas_need_no_math_font():
    """Browsers take an italic letter from a math font, unless it is said to be set otherwise."""
    for claim in claims().values():
        for letters in re.findall(r"<mi>([^<]*)</mi>", prose(claim.statement)):
            assert len(letters) > 1 or letters in "∇Δ∞Γ∂∝→·" or not letters.isalpha(), letters
    assert '<mi class="variable">ε</mi>' in prose(r"$\varepsilon$")


@pytest.mark.parametrize("claim", claims())
def test_every_name_is_set_in_every_way(claim):
    """Nothing typed is left, and nothing that LaTeX or HTML would trip over."""
    result = shipped(claim)
    for name in [*result.quantities, *result.record["numbers"]]:
        seen = plain(name)
        assert not re.search(r"->|>=|\*\*|\beps\b|\btau\b|\binfinity\b|\bsqrt\b|\w_\(", seen), seen
        written = latex(name)
        assert written.count("$") % 2 == 0
        outside = re.sub(r"\$[^$]*\$", "", written)
        assert not re.search(r"(?<!\\)[%#_^&<>|]", outside), written
        tags = re.findall(r"<(/?)(\w+)", html(name))
        opened = [tag for close, tag in tags if not close]
        assert "&lt;i" not in html(name)
        assert sorted(opened) == sorted(tag for close, tag in tags if close)

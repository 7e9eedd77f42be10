"""The report: one page that needs no network, the rows as CSV and LaTeX, rivals against claims."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import figures
from figures import report, style
from simulations.verdict.join import judge
from simulations.verdict.reference import shipped
from theory.claims import claims

CLAIM = "markov"


@pytest.fixture(scope="module")
def judgements():
    return {CLAIM: judge(shipped(CLAIM))}


@pytest.fixture(scope="module")
def page(judgements, tmp_path_factory):
    pictures = tmp_path_factory.mktemp("pictures")
    for name in (n for n in figures.names() if figures.claim_of(n) == CLAIM):
        (pictures / f"{name}.png").write_bytes(b"\x89PNG")
    return report.html(judgements, pictures)


def test_the_page_needs_no_network(page):
    assert re.findall(r"""(?:src|href)=["'](?!data:|#)[^"']*""", page) == []
    assert "<script" not in page


def test_the_page_has_every_row_with_its_basis_and_resolution(page, judgements):
    text = re.sub(r"<[^>]+>", " ", page)
    for row in judgements[CLAIM].rows:
        shown = row.quantity.replace("<", "&lt;").replace(">", "&gt;")
        assert shown in text and row.basis in text
    assert "$" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)


def test_rivals_stand_against_the_claims_that_reject_them(judgements):
    lines = {line["rival"]: line["cells"] for line in report.rival_matrix(judgements)}
    known = {name for row in judgements[CLAIM].rows for name in row.rivals}
    assert set(lines) == known
    near = [row.rivals["10 % more"] for row in judgements[CLAIM].rows if "10 % more" in row.rivals]
    assert near and all(rival.rejected for rival in near)
    assert lines["10 % more"][CLAIM] == [len(near), 0]


def test_the_csv_has_a_line_a_row_with_full_precision(judgements):
    lines = list(csv.DictReader(io.StringIO(report.as_csv(judgements))))
    rows = judgements[CLAIM].rows
    assert [line["quantity"] for line in lines] == [row.quantity for row in rows]
    assert [float(line["measured"]) for line in lines] == [row.measured for row in rows]


def test_the_latex_table_escapes_what_latex_would_read(judgements):
    text = report.as_latex(judgements)
    assert text.count(r"\\") == 2 and r"\%" in text
    assert not re.search(r"(?<!\\)[%&_#](?!.*\\\\)", text.splitlines()[-2])


def test_every_manifold_has_one_colour():
    assert style.colour("circle(radius=2)") == style.colour("circle") != style.colour("sphere")
    assert style.colour("(cos(u), sin(u), 0.4*sin(2*u))") == style.colour("space curve")
    assert len(set(style.COLOUR.values())) >= len(style.COLOUR) - 1  # flat_torus has two names


def test_shades_of_a_colour_go_from_dark_to_light():
    base = np.array(to_rgb(style.colour("sphere")))
    dark, middle, light = (np.array(shade) for shade in style.shades(style.colour("sphere"), 3))
    assert np.all(dark <= middle) and np.all(middle <= light) and np.all((0 <= dark) & (light <= 1))
    assert np.all(dark <= base) and np.all(base <= light)


def test_every_figure_has_a_caption():
    for name in figures.names():
        assert len(figures.caption(name).split()) >= 5, name
    assert {figures.claim_of(n) for n in figures.names()} == set(claims())

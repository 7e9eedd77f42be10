"""The report: one page that needs no network, its pictures and its surface, the rows as CSV and LaTeX."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

import figures
from figures import report, style
from figures.report import page as page_
from figures.report import pictures as pictures_
from figures.report.surface import surface
from figures.report.tables import as_csv, as_latex, rival_matrix
from simulations.verdict.join import Judged, judge
from simulations.verdict.reference import shipped
from theory.claims import RELATIONS, Paper, claims
from theory.claims import evolution as evolution_claim
from theory.setting.checks import InputError

CLAIM, OTHER = "markov", "linear_attention"
LARGEST = 4_000_000  # bytes of the whole page


@pytest.fixture(scope="module")
def judgements():
    return {name: judge(shipped(name)) for name in (CLAIM, OTHER)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("pictures")
    for name in (n for n in figures.names() if figures.claim_of(n) in (CLAIM, OTHER)):
        Image.new("RGB", (1400, 600), "white").save(found / f"{name}.png")
    return found


@pytest.fixture(scope="module")
def page(judgements, folder):
    return report.html(judgements, folder)


@pytest.fixture(scope="module")
def evolved():
    """An evolution with made-up numbers on the turning surface: a step of 0.1 too many, or 0.2."""
    result = shipped("evolution")
    places = evolution_claim.surface_places(result.parameters.tokens_density("torus"))
    shape = (len(evolution_claim.SURFACE_STEPS), len(places))
    equation = np.linspace(-1, 1, shape[0] * shape[1]).reshape(shape)
    m = result.parameters.tokens_density("torus").manifold
    arrays = {
        "surface_points": m.embed(places).astype(np.float32),
        "surface_attention": equation + 0.1,
        "surface_doubly_normalised": equation - 0.2,
    }
    judged = Judged(replace(result, arrays=arrays), ())
    judged.__dict__["curves"] = {"surface_equation": equation}
    return judged


def text_of(page: str) -> str:
    """What a reader sees: no tags, scripts, styles or commands."""
    page = re.sub(r"<(script|style|pre|code)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", page)


def test_the_page_asks_for_nothing(page):
    loaded = re.findall(r"""\bsrc=["'](?!data:)[^"']+|url\((?!data:)|@import|<link[^>]*>""", page)
    assert loaded == ['<link rel="icon" href="data:,">']
    assert "default-src 'none'" in page
    links = re.findall(r"""<a href=["']([^"'#]*)""", page)
    assert {link for link in links if link.startswith("http")} == {
        "https://arxiv.org/abs/2412.18288"
    }


def test_the_page_has_every_row_typeset_with_its_basis(page, judgements):
    for judgement in judgements.values():
        for row in judgement.rows:
            assert str(report.notation.html(row.quantity)) in page
            assert str(report.notation.html(row.basis)) in page
    seen = text_of(page)
    assert "$" not in seen and "eps" not in seen.replace("steps", "") and "->" not in seen
    # no picture of a formula, and no name as it is typed in an alternative text
    assert not re.search(r'alt="[^"]*(?:eps|->|\btau\b|\^)', page)


def test_the_page_begins_with_the_claim_of_the_paper(page):
    places = [page.index(mark) for mark in ("<math xmlns", "claims supported", 'id="verdicts"')]
    assert places == sorted(places)
    assert "2 of 2 claims supported" in page


def test_openers_that_are_drawn_come_first_and_others_are_skipped(judgements, folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    first = "markov_order"
    assert page_.drawn("schematic", tmp_path) is None
    assert page_.drawn("order", tmp_path) == first
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_, "OPENERS", ("schematic", "order"))
        page = report.html(judgements, tmp_path)
    assert page.index(f'id="figure-{first}"') < page.index('id="verdicts"')
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and f'href="#figure-{first}"' in page


def test_an_opener_of_no_claim_has_the_caption_of_its_file(tmp_path):
    Image.new("RGB", (1400, 300), "white").save(tmp_path / "schematic.png")
    assert page_.drawn("schematic", tmp_path) == "schematic"
    shown = pictures_.pictures(["schematic"], tmp_path)["schematic"].caption
    assert shown == figures.caption("schematic") and "interval" in shown


def test_every_claim_says_how_it_stands_to_the_paper(page):
    for claim in claims().values():
        assert claim.paper.relation in RELATIONS and claim.paper.note
    with pytest.raises(InputError, match="relation"):
        Paper("true", "because")
    relations = [claim.paper.relation for claim in claims().values()]
    assert relations[-1] == "tool" and relations.count("tool") == 1
    assert claims()[CLAIM].paper.relation in text_of(page)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One $a. B$ of i.i.d. tokens, $x$. $Y$ is more.", "One $a. B$ of i.i.d. tokens, $x$."),
        ("Only this: $f(x, .)$ and no more.", "Only this: $f(x, .)$ and no more."),
        ("First. Second. Third.", "First."),
    ],
)
def test_the_first_sentence_ends_outside_formulas(text, first):
    assert page_.first_sentence(text) == first


def test_pictures_are_made_smaller_until_the_page_holds_them(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (60, 1600, 3), dtype=np.uint8)
    for name in ("markov", "markov_order"):
        Image.fromarray(noise).save(tmp_path / f"{name}.png")
    names = ("markov", "markov_order", "generator")
    free = pictures_.pictures(names, tmp_path)
    assert list(free) == ["markov", "markov_order"]
    assert free["markov"].width == 1400 and free["markov"].inches == 8.0
    budget = sum(len(p.uri) for p in free.values()) // 2
    monkeypatch.setattr(pictures_, "BUDGET", budget)
    tight = pictures_.pictures(names, tmp_path)
    assert sum(len(p.uri) for p in tight.values()) <= budget
    with Image.open(io.BytesIO(base64.b64decode(tight["markov"].uri.split(",")[1]))) as image:
        assert image.format == "WEBP" and image.width == tight["markov"].width


@pytest.mark.parametrize("place", range(len(pictures_.LADDER)))
def test_the_largest_pictures_that_fit_are_taken(tmp_path, monkeypatch, place):
    """Of sizes that fall from step to step; the last step is taken even where it does not fit."""
    names = ("markov", "markov_order", "generator")
    sizes = dict(zip(pictures_.LADDER, (500, 400, 300, 200, 100), strict=True))
    for name in names:
        (tmp_path / f"{name}.png").touch()

    def picture(name, path, *step):
        return pictures_.Picture(name, "", "x" * sizes[step], step[2], 1, 1.0)

    monkeypatch.setattr(pictures_, "_picture", picture)
    expected = pictures_.LADDER[place]
    for budget in (3 * sizes[expected], 3 * sizes[expected] + 299):
        monkeypatch.setattr(pictures_, "BUDGET", budget)
        found = pictures_.pictures(names, tmp_path)
        assert list(found) == list(names)
        assert {len(p.uri) for p in found.values()} == {sizes[expected]}
    monkeypatch.setattr(pictures_, "BUDGET", 3)
    assert {len(p.uri) for p in pictures_.pictures(names, tmp_path).values()} == {100}


def test_the_page_of_all_figures_is_small(judgements):
    """All shipped figures at once, with room for a surface of 3,000 places."""
    shown = pictures_.pictures(figures.names(), report.PICTURES)
    page = len(report.html(judgements, report.PICTURES)) - sum(
        len(p.uri) for n, p in shown.items() if figures.claim_of(n) in judgements
    )
    assert page + sum(len(p.uri) for p in shown.values()) + 500_000 < LARGEST


def test_the_surface_is_what_was_measured(evolved):
    found = surface(evolved)
    size = len(json.dumps(found))
    assert size < 500_000
    places, steps = found["places"], len(found["steps"])

    def decoded(text, kind, shape):
        return np.frombuffer(base64.b64decode(text), dtype=kind).reshape(shape)

    points = evolved.arrays["surface_points"]
    shown = decoded(found["points"], "<i2", (places, 3)) / 32767 * np.abs(points).max()
    np.testing.assert_allclose(shown, points, atol=1e-4)
    normals = decoded(found["normals"], "i1", (places, 3)) / 127
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=0.02)
    # the outward normal of a torus of revolution points away from the circle inside it
    flat = np.hypot(points[:, 0], points[:, 1])
    radius = (flat.max() + flat.min()) / 2
    outward = points - np.c_[points[:, :2] * (radius / flat)[:, None], np.zeros(places)]
    assert (np.sum(outward * normals, axis=1) > 0).all()
    # each field in its scale, to half a shade
    for scale, fields in (
        ("features", {"attention": 0.1, "equation": 0.0, "without": -0.2}),
        ("differences", {"difference": None, "missed": None}),
    ):
        low, high = found["scales"][scale]["ends"]
        for name, shift in fields.items():
            values = decoded(found["fields"][name], "u1", (steps, places)) / 255
            values = low + values * (high - low)
            truth = (
                evolved.curves["surface_equation"] + shift
                if shift is not None
                else np.full(values.shape, {"difference": 0.1, "missed": -0.2}[name])
            )
            np.testing.assert_allclose(values, truth, atol=0.51 * (high - low) / 255 + 0.003)
    assert found["root_mean_squares"] == {"difference": [0.1] * steps, "missed": [0.2] * steps}


def test_without_a_measured_surface_there_is_none(page, judgements):
    assert surface(judge(shipped("linear_attention"))) is None
    assert "surface-data" not in page


def test_readers_without_scripts_see_a_still_picture(judgements, folder, evolved, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    Image.new("RGB", (1400, 600), "white").save(tmp_path / "evolution_side_by_side.png")
    judged = replace(judge(shipped("evolution")), result=evolved.result)
    judged.__dict__["curves"] = evolved.curves
    page = report.html(judgements | {"evolution": judged}, tmp_path)
    still = re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)
    assert still and "data:image/webp" in still[1]
    assert '<div class="stage" hidden>' in page


def test_rivals_that_claims_share_stand_against_them(judgements):
    lines = {line["rival"]: line["cells"] for line in rival_matrix(judgements)}
    known = [{n for row in j.rows for n in row.rivals} for j in judgements.values()]
    assert set(lines) == set.intersection(*known) != set()
    assert {line["rival"] for line in rival_matrix(judgements, 1)} == set.union(*known)
    rows = judgements[CLAIM].rows
    near = [row.rivals["10 % more"] for row in rows if "10 % more" in row.rivals]
    assert near and all(rival.rejected for rival in near)
    assert lines["10 % more"][CLAIM] == [len(near), 0]


def test_the_csv_has_a_line_a_row_with_full_precision(judgements):
    lines = list(csv.DictReader(io.StringIO(as_csv({CLAIM: judgements[CLAIM]}))))
    rows = judgements[CLAIM].rows
    assert [line["quantity"] for line in lines] == [row.quantity for row in rows]
    assert [float(line["measured"]) for line in lines] == [row.measured for row in rows]


def test_the_latex_table_has_five_cells_a_line_and_closes_its_formulas(judgements):
    lines = [t for t in as_latex(judgements).splitlines() if t.endswith(r"\\")]
    assert len(lines) == 1 + len(judgements)
    for line in lines:
        assert len(re.split(r"(?<!\\)&", line)) == 5
        assert line.count("$") % 2 == 0 and line.count("{") == line.count("}")
        outside = re.sub(r"\$[^$]*\$", "", line)
        assert not re.search(r"(?<!\\)[%#_^]", outside) and outside.isascii()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
def test_the_latex_table_compiles_and_fits_the_page(judgements, tmp_path):
    (tmp_path / "verdicts.tex").write_text(as_latex(judgements))
    paper = r"\documentclass{article}\begin{document}\noindent\input{verdicts}\end{document}"
    (tmp_path / "paper.tex").write_text(paper)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout


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

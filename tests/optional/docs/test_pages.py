"""The pages: all that is stored is on them, their links hold, and nothing is asked of a network."""

from __future__ import annotations

import re

import api_pages
import claim_pages
import generated
import inside_links
import mathml
import pytest
import theory_sections
from docutils import nodes
from docutils.core import publish_doctree
from plain_docstrings import as_rst
from sphinx.cmd.build import build_main
from sphinx.errors import ExtensionError

import figures
from figures.report.notation import plain
from simulations.store.sources import ROOT
from simulations.verdict import display
from simulations.verdict.rows import row_from_dict
from theory.claims import claims, optional_claims

DOCS = ROOT / "docs"
NAMES = [*claims(), *optional_claims()]
THEORY = (DOCS / "theory.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The pages, built as `make docs` builds them."""
    out = tmp_path_factory.mktemp("html")
    options = ["-W", "--keep-going", "-q", "-E", "-a", "-b", "html"]
    assert build_main([*options, "-d", str(out / "trees"), str(DOCS), str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def pages():
    return claim_pages.pages()


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_a_claim_has_its_rows_figures_command_and_derivation(pages, name):
    page, claim = pages[name], (claims() | optional_claims())[name]
    record = claim_pages.records().get(name)
    assert f"make {name if claim.needs else f'result-{name}'} " in page
    for row in map(row_from_dict, record["checks"] if record else []):
        line = next(
            x
            for x in page.splitlines()
            if x.startswith(f"| {claim_pages.cell(plain(row.quantity))}<br>")
        )
        for shown in (display.prediction(row), display.measurement(row), row.verdict, row.basis):
            assert claim_pages.cell(shown) in line
    known = figures.names() | figures.optional_names()
    for figure in (n for n in known if figures.claim_of(n) == name):
        drawn = any((DOCS / folder / f"{figure}.png").is_file() for folder in ("figures", "."))
        assert drawn == (f"/{figure}.png)" in page), figure
    derivation = page.partition("\n## Derivation\n")[2]
    assert "\n### " in derivation and len(derivation) > 400


def test_the_core_claims_have_stored_verdicts_on_their_pages(pages):
    stored = claim_pages.records()
    for name in set(claims()) & set(stored):
        assert "No verdict" not in pages[name] and "\n## Figures\n" in pages[name]
    assert len(set(claims()) & set(stored)) > 20


def test_a_changed_record_changes_the_page():
    record = claim_pages.records()["markov"]
    known = theory_sections.sections(THEORY)
    before = claim_pages.page("markov", record, known)
    record["checks"][0] |= {"measured": 0.3333, "verdict": "refuted", "reason": "planted | here"}
    after = claim_pages.page("markov", record, known)
    assert "0.3333" in after and "0.3333" not in before
    assert r"refuted: planted \| here" in after


def test_a_claim_without_a_record_says_what_measures_it():
    page = claim_pages.page("markov", None, theory_sections.sections(THEORY))
    assert "No verdict of this claim is stored: `make markov`" not in page
    assert "No verdict of this claim is stored: `make result-markov`" in page


def test_sections_end_where_the_next_begins():
    text = "# T\n\n## A\n\none\n\n### B\n\n![b](figures/b.png)\n\n*Said.*\n\ntwo\n\n## C\n\nthree\n"
    known = theory_sections.sections(text)
    assert list(known) == ["A", "B", "C"]
    assert known["A"].text.endswith("two\n") and "three" not in known["A"].text
    assert known["B"].pictures == ("b",) and known["C"].text == "three\n"
    assert theory_sections.PICTURE.sub("", known["B"].text).strip() == "two"
    linked = theory_sections.with_links('see "C" and "D"', known, "t.md")
    assert linked == 'see "[C](t.md#c)" and "D"'


def test_every_section_that_a_claim_names_is_on_its_page(pages):
    known = theory_sections.sections(THEORY)
    for name, claim in claims().items():
        for title in re.findall(r"'([^']+)'", claim.source.partition("docs/theory.md")[2]):
            assert title in known, (name, title)
            body = known[title].text.split("\n\n")[0][:40]
            assert f"## {title}\n" in pages[name] or body in pages[name], (name, title)


def test_pages_of_an_earlier_build_go(tmp_path):
    generated.write_pages(tmp_path, {"a": "1", "b": "2"})
    generated.write_pages(tmp_path, {"b": "3"})
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"b.md": "3"}


@pytest.mark.parametrize(
    "docstring",
    [
        "A* of |x - y|_A^2 and x_, y_ *not* **bold** `a_b`s; exp(-f/eps) ``code``",
        "One line:\n\n    trefoil = closed(*args)\n\nand `more`: sum_j a_ij |H_j|.",
        "A list:\n\n- one * two\n- three_ |four|\n",
        "Args with indents:\n  n: (n,)\n    deeper *",
        r"\log \frac and a\b",
    ],
)
def test_a_docstring_reads_the_same_and_is_no_markup(docstring):
    tree = publish_doctree(
        "\n".join(as_rst(docstring.split("\n"))), settings_overrides={"report_level": 1, "halt_level": 1}
    )  # fmt: skip
    marks = (
        nodes.emphasis,
        nodes.strong,
        nodes.reference,
        nodes.substitution_reference,
        nodes.problematic,
    )
    assert not any(True for kind in marks for _ in tree.findall(kind))
    words = re.sub(r"`+|^- ", "", docstring, flags=re.MULTILINE).split()
    assert tree.astext().split() == words


def test_a_formula_that_cannot_be_read_is_named():
    with pytest.raises(ExtensionError, match="frac"):
        mathml.converted(r"\frac{", mathml.in_a_line)
    assert "<mfrac>" in mathml.converted(r"\frac{a}{b}", mathml.in_a_line)


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<a href="b.html">x</a>', "b.html, which is not there"),
        ('<a href="#there">x</a>', "no such place"),
        ('<img src="no.png">', "no.png, which is not there"),
        ('<script src="https://cdn.example/x.js"></script>', "loads https://cdn.example/x.js"),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', "loads //fonts.example/x.css"),
    ],
)
def test_a_broken_link_and_a_network_are_seen(tmp_path, html, fault):
    page = tmp_path / "a.html"
    page.write_text(
        f'<p id="here"></p><a href="#here">1</a><a href="https://x.example">2</a>{html}'
    )
    (found,) = inside_links.faults(tmp_path)
    assert fault in found
    page.write_text('<p id="here"></p><a href="#here">1</a><a href="https://x.example">2</a>')
    assert inside_links.faults(tmp_path) == []


def test_the_pages_are_built_without_a_warning_and_their_links_hold(built):
    assert inside_links.faults(built) == []
    made = {p.relative_to(built).as_posix() for p in built.rglob("*.html")}
    assert {f"claims/{name}.html" for name in NAMES} <= made
    assert {f"api/{package}.html" for package in api_pages.PACKAGES} <= made
    assert {"index.html", "questions.html", "theory.html"} <= made


def test_formulas_are_mathml_and_none_is_left_as_it_was_typed(built):
    html = (built / "theory.html").read_text(encoding="utf-8")
    assert html.count("<math") > 1500
    shown = re.sub(r"<(math|pre|code|script)\b.*?</\1>", "", html, flags=re.DOTALL)
    assert "$" not in text_of(shown) and "\\frac" not in shown


@pytest.mark.parametrize(
    ("package", "names"),
    [
        ("simulations.attention", ("AttentionOperator", "doubly_normalised", "ShardedAttention")),
        ("simulations.statistics", ("Interval", "romberg_within", "convergence_test")),
        ("simulations.tokens", ("iid_tokens", "quadrature_tokens")),
        ("simulations.verdict", ("judge", "shipped")),
        ("theory.setting", ("closed_curve", "density", "mahalanobis")),
        ("theory.pde", ("evolve",)),
    ],
)
def test_the_public_interfaces_are_there_with_their_docstrings(built, package, names):
    html = (built / "api" / f"{package}.html").read_text(encoding="utf-8")
    for name in names:
        assert re.search(rf'id="[\w.]+\.{name}"', html), name

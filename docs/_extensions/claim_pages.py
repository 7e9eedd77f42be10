"""docs/claims: a page a claim, from theory/claims, the stored verdicts, the figures and theory.md."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import jinja2
import theory_sections
from generated import write_pages

import figures
from figures import readme
from figures.report.notation import plain
from simulations.store.sources import ROOT
from simulations.verdict import display
from simulations.verdict.rows import row_from_dict
from theory import claims as claims_
from theory.claims import claims, optional_claims

DOCS = ROOT / "docs"
# where the picture of a figure lies: those of optional claims beside the others' folder
FOLDERS = ("figures", ".")
KINDS = ("png", "gif")


def records() -> dict[str, dict]:
    """The stored verdicts by the names of their claims."""
    return {
        r["claim"]: r for r in [*readme.read_verdicts(readme.VERDICTS), *readme.optional_records()]
    }


def prose(text: str) -> str:
    """Text with formulas between dollars as Markdown: what is no formula is no markup either."""
    pieces = re.split(r"(\$[^$]+\$)", text)
    return "".join(p if p.startswith("$") and len(p) > 1 else _plain_text(p) for p in pieces)


def _plain_text(text: str) -> str:
    return re.sub(r"([\\*_<>|`\[\]$])", r"\\\1", text)


def cell(text: str) -> str:
    """A plain name or number in the cell of a table."""
    return _plain_text(text)


def pictures(name: str) -> list[dict]:
    """The figures of a claim that were drawn, each with its caption and its files."""
    known = figures.names() | figures.optional_names()
    found = []
    for figure in (n for n in known if figures.claim_of(n) == name):
        paths = [f"{folder}/{figure}.{kind}" for folder in FOLDERS for kind in KINDS]
        if files := [path for path in paths if (DOCS / path).is_file()]:
            found.append({"name": figure, "caption": figures.caption(figure), "files": files})
    return found


def options(name: str, record: dict | None) -> list[tuple[str, str, str]]:
    """What can be changed: the option, the value of the reference run, and its words."""
    parameters = claims_.load(name).Parameters
    values = record["parameters"] if record else {}
    return [
        (
            f"--{claims_.option_name(f).lower()}",
            _value(values.get(f.name, f.default)),
            f.metadata.get("help", ""),
        )
        for f in fields(parameters)
    ]


def _value(value) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def page(name: str, record: dict | None, known: dict) -> str:
    """The page of a claim as MyST; `known`: the sections of docs/theory.md."""
    claim = (claims() | optional_claims())[name]
    shown = pictures(name)
    derived = theory_sections.derivation(claim, known, [p["name"] for p in shown])
    return _template("claim.md.jinja").render(
        claim=claim,
        record=record,
        rows=[row_from_dict(row) for row in record["checks"]] if record else [],
        pictures=shown,
        sections=[(s.title, theory_sections.slug(s.title), _moved(s, known)) for s in derived],
        options=options(name, record),
    )


def _moved(section, known) -> str:
    """A section as part of the page of a claim: without pictures, headings one level down, and its
    files a folder up."""
    text = theory_sections.PICTURE.sub("", section.text)
    text = re.sub(r"\]\((\w+\.md)", r"](../\1", text)
    text = re.sub(r"^#(#+) ", r"##\1 ", text, flags=re.MULTILINE)
    return theory_sections.with_links(text, known, "../theory.md")


def contents(found: dict[str, dict | None]) -> str:
    """The page that lists the claims with their headlines."""
    listed = claims() | optional_claims()
    rows = [
        (listed[name], record, row_from_dict(record["checks"][0]) if record else None)
        for name, record in found.items()
    ]
    return _template("claims.md.jinja").render(rows=rows)


def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"prose": prose, "cell": cell, "plain": plain}
    environment.globals |= {"display": display}
    return environment.get_template(name)


def pages() -> dict[str, str]:
    """Every page of the folder by its name."""
    stored = records()
    found = {name: stored.get(name) for name in [*claims(), *optional_claims()]}
    known = theory_sections.sections((DOCS / "theory.md").read_text(encoding="utf-8"))
    own = {name: page(name, record, known) for name, record in found.items()}
    return {"index": contents(found), **own}


def setup(app):
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir) / "claims", pages()))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

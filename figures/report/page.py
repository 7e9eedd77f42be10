"""The page: the paper's claim, the verdicts, a surface that turns, and every claim with its figures."""

from __future__ import annotations

import base64
import json
import os
import platform
import re
from pathlib import Path

import jinja2

import figures
from figures.report import learning, notation
from figures.report.pictures import pictures
from figures.report.surface import CLAIM as SURFACE_CLAIM
from figures.report.surface import surface
from figures.report.tables import as_csv, as_latex, rival_matrix
from simulations.verdict import display
from simulations.verdict.join import Judged
from simulations.verdict.rows import INCONCLUSIVE, REFUTED, SUPPORTED
from theory.claims import AS_THE_PAPER_SAYS, CORRECTED, NEW, TOOL, claims

# the pictures that open the page, where they are drawn; each by its name, or by its file's
OPENERS = ("schematic", "all_checks", "regime")
STILL = "evolution_side_by_side"  # what the turning surface shows, for readers without scripts
EQUATIONS = (
    r"A^k H \;\to\; e^{TL} H, \qquad k\,\tau(\varepsilon) = T,",
    r"L H = \Delta_g H + 2\,\langle \nabla \log p, \nabla H \rangle_g .",
)
GROUPS = {
    "The paper's claims": (AS_THE_PAPER_SAYS, CORRECTED),
    "What follows, and what is new": (NEW,),
    "Tools": (TOOL,),
}
# to a full stop outside formulas, where a capital or a formula begins the next sentence
SENTENCE = re.compile(r"(?:[^$]|\$[^$]*\$)*?\.(?= [A-Z$])")
PROVENANCE = ("tables", "command", "seconds", "versions", "parameters", "commit", "sources")


def html(
    judgements: dict[str, Judged], folder: Path, learned: dict[str, Judged] | None = None
) -> str:
    """The page, with every figure of the folder inside: it needs no network.

    learned: the optional claims of the chapter on what learns, those that were run.
    """
    learned = learned or {}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"notation": notation, "display": display}
    openers = [name for opener in OPENERS if (name := drawn(opener, folder))]
    own = [n for n in figures.names() if figures.claim_of(n) in judgements]
    return environment.get_template("page.html.jinja").render(
        equations=[notation.displayed(formula) for formula in EQUATIONS],
        openers=openers,
        pictures=pictures([*openers, *own, *learning.own_figures(learned)], folder),
        known=figures.names() | figures.optional_names(),
        still=STILL,
        groups=grouped(judgements, openers),
        counts=counts(judgements),
        surface=packed_surface(judgements),
        matrix=rival_matrix(judgements),
        names=list(judgements),
        run=of_the_run(judgements),
        learning=learning.chapter(learned),
        downloads={
            "verdicts.csv": data_uri("text/csv", as_csv(judgements)),
            "verdicts.tex": data_uri("text/x-tex", as_latex(judgements)),
        },
    )


def drawn(opener: str, folder: Path) -> str | None:
    """The name of an opening picture that is in the folder: its own, or with that of its claim."""
    of_claims = (n for n in figures.names() if n.endswith(f"_{opener}"))
    return next((n for n in (opener, *of_claims) if (folder / f"{n}.png").exists()), None)


def grouped(judgements: dict[str, Judged], openers=()) -> dict[str, list[dict]]:
    """The claims in groups by how they stand to the paper, each as the page shows it; what opens
    the page is not shown again."""
    known = claims()
    found = {
        group: [
            _claim(n, j, openers)
            for n, j in judgements.items()
            if known[n].paper.relation in relations
        ]
        for group, relations in GROUPS.items()
    }
    return {group: shown for group, shown in found.items() if shown}


def _claim(name: str, judgement: Judged, openers) -> dict:
    claim, record = claims()[name], judgement.result.record
    rivals = [r for row in judgement.rows for r in row.rivals.values()]
    own = [n for n in figures.names() if figures.claim_of(n) == name]
    return {
        "claim": claim,
        "sentence": first_sentence(claim.statement),
        "head": judgement.rows[0],
        "rows": judgement.rows,
        "verdict": judgement.verdict,
        "supported": sum(row.verdict == SUPPORTED for row in judgement.rows),
        "rejected": sum(r.rejected for r in rivals),
        "rivals": len(rivals),
        "figures": [n for n in own if n not in openers],
        "above": [n for n in own if n in openers],
        **{key: record[key] for key in PROVENANCE},
    }


def first_sentence(text: str) -> str:
    """The first sentence of a statement with formulas between dollars."""
    found = SENTENCE.match(text)
    return found[0] if found else text


def counts(judgements: dict[str, Judged]) -> dict[str, int]:
    """Claims, rows and rivals in all, and how many of each verdict."""
    verdicts = [j.verdict for j in judgements.values()]
    rows = [row for j in judgements.values() for row in j.rows]
    rivals = [r for row in rows for r in row.rivals.values()]
    return {
        "claims": len(verdicts),
        **{verdict: verdicts.count(verdict) for verdict in (SUPPORTED, REFUTED, INCONCLUSIVE)},
        "rows": len(rows),
        "rows_supported": sum(row.verdict == SUPPORTED for row in rows),
        "rivals": len(rivals),
        "rejected": sum(r.rejected for r in rivals),
    }


def of_the_run(judgements: dict[str, Judged]) -> dict:
    """When, from which commits, with which versions, for how long, and on what kind of machine."""
    records = [j.result.record for j in judgements.values()]
    finished = sorted(record["finished"] for record in records)
    versions = {f"{k} {v}": None for record in records for k, v in record["versions"].items()}
    return {
        "first": finished[0][:16].replace("T", " "),
        "last": finished[-1][:16].replace("T", " "),
        "commits": ", ".join(sorted({record["commit"] for record in records})),
        "minutes": round(sum(record["seconds"] for record in records) / 60, 1),
        "versions": ", ".join(versions),
        "machine": f"{platform.system()} on {platform.machine()}, {os.cpu_count()} CPUs",
    }


def packed_surface(judgements: dict[str, Judged]) -> str | None:
    """The turning surface as JSON, or None where it was not measured."""
    judged = judgements.get(SURFACE_CLAIM)
    found = surface(judged) if judged else None
    return json.dumps(found, separators=(",", ":")) if found else None


def data_uri(kind: str, text: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode('ascii')}"

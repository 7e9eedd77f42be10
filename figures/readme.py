"""README's tables, docs/verdicts.json, the stored measurements, the pictures and their gallery, all
from the runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from figures import (
    bench,
    caption,
    claim_of,
    moves,
    names,
    openers,
    optional_names,
    side_studies,
    style,
)
from figures.learned_table import learned_details, learned_table, runs_as_csv
from simulations.store import costs, provenance
from simulations.store.files import read_json, reading, sealed, unsealed, write_json, write_text
from simulations.store.sources import ROOT
from simulations.verdict import display
from simulations.verdict.join import judge
from simulations.verdict.reference import FOLDER, ship, shipped
from simulations.verdict.rows import row_from_dict
from simulations.verdict.verdicts import read_verdicts, verdict_record
from theory.claims import claims, optional_claims, regime
from theory.claims.classical import METHODS
from theory.setting.checks import InputError

README, DOCS = ROOT / "README.md", ROOT / "docs"
VERDICTS, BENCH, PICTURES = DOCS / "verdicts.json", DOCS / "bench.json", DOCS / "figures"
SABOTAGE, GALLERY = DOCS / "sabotage.json", PICTURES / "README.md"
CLASSICAL_HEAD = (
    "method", "pseudo-metric f", "temperature ε", "normalisation", "values", "checked against",
    "largest difference", "control's difference",
)  # fmt: skip
VERDICT_HEAD = (
    "claim", "headline quantity", "predicted", "measured [99.9 % interval]", "resolves", "verdict",
    "nearest rival, rejected?", "figure",
)  # fmt: skip


def update(judgements: dict, root: Path, pictures: Path) -> None:
    """Write docs/ and the README's tables from the verdicts of the reference runs."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in [*openers(), *names()]:
        for kind in kinds(name):
            picture = pictures / f"{name}.{kind}"
            if not picture.exists():
                raise InputError(
                    f"figure {picture}: not there, expected it drawn first (make figures)"
                )
            shutil.copyfile(picture, PICTURES / picture.name)
    shutil.copyfile(root / "verdicts.json", VERDICTS)
    ship(judgements.values())
    if (root / "bench.json").exists():
        shutil.copyfile(root / "bench.json", BENCH)
    style.save(bench.draw(bench.read(BENCH)), pictures / "bench")
    shutil.copyfile(pictures / "bench.png", PICTURES / "bench.png")
    costs.ship(root, DOCS)
    # the long studies, where they were run
    for name in ("sabotage.json", "tweaks.md", "tweaks.json", "coverage.md", "coverage.json"):
        if (root / name).exists():
            shutil.copyfile(root / name, DOCS / name)
    write_text(README, with_tables(README.read_text(encoding="utf-8"), records()))
    write_text(GALLERY, gallery(records()["verdicts"]))


def kinds(name: str) -> tuple[str, ...]:
    """The files of a figure that docs/ shows: its picture, and its film where it has one."""
    return ("png", "gif") if moves(name) else ("png",)


def update_optional(judgement, pictures: Path) -> None:
    """Write docs/NAME.json of an optional claim, its pictures, and the README's tables of such."""
    claim = judgement.claim
    record = verdict_record(judgement)
    record |= {"libraries": provenance.versions_of(optional_claims()[claim].needs)}
    record |= OPTIONAL_DETAILS.get(claim, lambda judged: {})(judgement)
    write_json(DOCS / f"{claim}.json", sealed(record))
    if claim == "metric_attention":
        write_text(DOCS / f"{claim}_runs.csv", runs_as_csv(judgement))
    if claim in IN_THE_REPORT:
        ship([judgement])
    for name in optional_names():
        if claim_of(name) == claim:
            shutil.copyfile(pictures / f"{name}.png", DOCS / f"{name}.png")
    readme = README.read_text(encoding="utf-8")
    for name, write in OPTIONAL_TABLES.items():
        readme = with_table(readme, name, write(read_optional(name)))
    write_text(README, readme)


def update_side_studies(studies, pictures: Path) -> None:
    """Write the record, the picture and the README's tables of studies beside the reference."""
    records = [side_studies.record_of(judged) for judged in studies]
    write_json(DOCS / f"{side_studies.NAME}.json", sealed({"studies": records}))
    readme = README.read_text(encoding="utf-8")
    for name, write in (
        (side_studies.GRAPHS, side_studies.graph_table),
        (side_studies.STARTS, side_studies.start_table),
    ):
        readme = with_table(readme, name, write(records))
    write_text(README, readme)
    of_graphs = [judged for judged in studies if judged.parameters.graphs]
    if of_graphs:
        style.save(side_studies.draw(of_graphs), pictures / side_studies.GRAPHS)
        shutil.copyfile(
            pictures / f"{side_studies.GRAPHS}.png", DOCS / f"{side_studies.GRAPHS}.png"
        )


def read_optional(claim: str) -> dict:
    """docs/NAME.json of an optional claim; raises DamagedError where it is not what was written."""
    path = DOCS / f"{claim}.json"
    content = read_json(path)
    with reading(path):
        return unsealed(content)


def optional_records() -> list[dict]:
    """The records of all optional claims that have one."""
    known = [name for name in optional_claims() if (DOCS / f"{name}.json").exists()]
    return [read_optional(name) for name in known]


def records() -> dict:
    """docs/verdicts.json, bench.json, sabotage.json, optional claims and the tokens needed, by name;
    DamagedError names the one that cannot be read."""
    others = {"bench": BENCH, "sabotage": SABOTAGE}
    found = {name: read_optional(name) for name in OPTIONAL_TABLES}
    found |= {"verdicts": read_verdicts(VERDICTS), "tokens": tokens_record()}
    return found | {n: read_json(p) for n, p in others.items()}


def tokens_record() -> list[dict]:
    """Tokens that each error needs, by dimension, from the shipped measurement of `regime`: the
    predicted number, its temperature, and the judged row where there is one. Empty where it does
    not ship yet."""
    if not (FOLDER / f"{regime.CLAIM.name}.json").exists():
        return []
    judged = judge(shipped(regime.CLAIM.name))
    rows = {row.quantity: row for row in judged.rows}
    return [
        {
            "dimension": d, "error": error, "tokens": float(n), "temperature": float(eps),
            "row": rows.get(regime.needed(d, error)),
        }
        for d in regime.DIMENSIONS
        for error, (n, eps) in zip(regime.ROUND, judged.curves[f"needed_{d}"], strict=True)
    ]  # fmt: skip


def with_tables(readme: str, records: dict) -> str:
    """The README with its tables replaced by those of the given records."""
    writers = {
        "verdicts": table, "tokens": tokens_table, "bench": bench_table, "sabotage": sabotage_table,
    }  # fmt: skip
    for name, write in (writers | OPTIONAL_TABLES).items():
        readme = with_table(readme, name, write(records[name]))
    return readme


def with_table(readme: str, name: str, text: str) -> str:
    """The README with one table replaced."""
    block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    if not block.search(readme):
        raise InputError(f"README.md: the markers of the table of {name} are not there")
    return block.sub(lambda m: m[1] + text + m[2], readme)


def gallery(records: list[dict]) -> str:
    """Every figure with its caption, under the title and verdict of its claim, as Markdown."""
    verdicts = {record["claim"]: record["verdict"] for record in records}
    lines = [
        "# Figures",
        "",
        "Of the reference runs, written by `make readme`; the verdicts are in the",
        "[README](../../README.md#verdicts), the mathematics in [theory.md](../theory.md).",
        "`make figure-NAME` draws one. What is predicted is a line, what is measured are points,",
        "with the interval that was judged; rivals are dashed or dotted, and mostly grey. A",
        "manifold has one colour in all figures. The last line of each says the verdict and the",
        "parameters of its claim.",
    ]
    for name in openers():
        lines += _picture(name, caption(name))
    for name, claim in claims().items():
        verdict = verdicts.get(name, "not judged")
        lines += ["", f"## {name}: {claim.title}", "", f"Verdict: **{verdict}**."]
        for figure in (n for n in names() if claim_of(n) == name):
            lines += _picture(figure, caption(figure), kinds(figure))
    lines += ["", "## Speed"]
    lines += _picture("bench", " ".join(bench.__doc__.split("\n\n")[0].split()))
    return "\n".join(lines) + "\n"


def _picture(name, text, files=("png",)):
    """Pictures with their caption; stars and bars of formulas are no markup."""
    text = re.sub(r"([*_<>|])", r"\\\1", text)
    shown = [line for kind in files for line in ("", f"![{name}]({name}.{kind})")]
    return ["", f"### {name}", "", text, *shown]


def table(records: list[dict]) -> str:
    """The verdicts as a Markdown table, one row a claim with its headline."""
    lines = [_row(VERDICT_HEAD), "|" + "---|" * len(VERDICT_HEAD)]
    for record in records:
        rows = [row_from_dict(c) for c in record["checks"]]
        head, supported = rows[0], sum(row.verdict == "supported" for row in rows)
        name = record["claim"]
        title = claims()[name].title if name in claims() else name
        cells = (
            f"**{name}**: {title}",
            head.quantity,
            display.prediction(head),
            display.measurement(head),
            display.resolution(head),
            f"**{record['verdict']}** ({supported} of {len(rows)} rows)",
            display.nearest_rival(head),
            f"[figure](docs/figures/{name}.png)",
        )
        lines.append(_row(cells))
    return "\n".join(lines) + "\n"


def tokens_table(needed: list[dict]) -> str:
    """Tokens needed as a Markdown table: a row a dimension, a column an error."""
    if not needed:
        return "No measurement of `regime` is stored for this version: run `make readme`.\n"
    errors = list(dict.fromkeys(entry["error"] for entry in needed))
    lines = [_row(("d", *(f"{100 * e:g} %" for e in errors))), "|" + "---|" * (1 + len(errors))]
    for d in dict.fromkeys(entry["dimension"] for entry in needed):
        cells = [_tokens(entry) for entry in needed if entry["dimension"] == d]
        lines.append(_row((str(d), *cells)))
    return "\n".join(lines) + "\n"


def _tokens(entry):
    """A cell: predicted, at which temperature, and what was measured."""
    text = f"**{_three_digits(entry['tokens'])}** at eps = {entry['temperature']:.2g}"
    if row := entry["row"]:
        numbers = (row.measured, row.ci_low, row.ci_high)
        value, low, high = (_three_digits(number) for number in numbers)
        text += f"; measured {value} [{low}, {high}]"
    return text


def _three_digits(number):
    return f"{float(f'{number:.3g}'):,.0f}"


def sabotage_table(outcomes: list[dict]) -> str:
    """The planted mistakes as a Markdown table, and those that nobody refutes."""
    if not outcomes:
        return "No outcomes are stored for this version: run `make sabotage`.\n"
    lines = ["| planted mistake | refuted by | first row that does |", "|---|---|---|"]
    for o in outcomes:
        seen = ", ".join(o["refuted_by"]) or "**nobody**"
        lines.append(_row((o["mistake"], seen, o["first_row"] or "")))
    missed = [o["mistake"] for o in outcomes if not o["refuted_by"]]
    undetected = f"Not detected: {', '.join(missed)}." if missed else "All are refuted."
    return "\n".join([*lines, "", undetected]) + "\n"


def classical_table(record: dict) -> str:
    """The classical methods as a Markdown table: conventions, and the differences of the record."""
    rows = {row.quantity: row for row in map(row_from_dict, record["checks"])}
    lines = [_row(CLASSICAL_HEAD), "|" + "---|" * len(CLASSICAL_HEAD)]
    for m in METHODS:
        row = rows[m.name]
        difference = f"{row.measured:.0e}" if row.measured else "none"
        control = f"{m.control}: {row.rivals[m.control].value:.2g}"
        conventions = (m.pseudo_metric, m.temperature, m.normalisation, m.values)
        lines.append(_row((m.name, *conventions, m.checked_against, difference, control)))
    versions = ", ".join(f"{name} {version}" for name, version in record["libraries"].items())
    supported = sum(row.verdict == "supported" for row in rows.values())
    verdict = f"**{record['verdict']}** ({supported} of {len(rows)} rows)"
    return "\n".join([*lines, "", f"Verdict: {verdict}. Libraries: {versions}."]) + "\n"


# of the optional claims that have one
OPTIONAL_TABLES = {"classical": classical_table, "metric_attention": learned_table}
IN_THE_REPORT = ("metric_attention", "learned_scores")  # a chapter shows them where nobody ran them
# what their records tell beside the verdict
OPTIONAL_DETAILS = {"metric_attention": learned_details}


def bench_table(record: dict) -> str:
    """The record of `make bench` as a Markdown table: every ratio, its range and both errors, then
    scaling and cold start."""
    lines = ["| what | this project | peer | peer over ours [range] |", "|---|---|---|---|"]
    # records of before they were measured have no classical methods and no layers
    rows = record["steps"] + record["spectra"] + record.get("large", [])
    rows += record.get("classical", []) + record.get("layers", [])
    for row in (r for r in rows if "peer" in r):
        ratio = f"{row['ratio']:.3g} [{row['ratio_low']:.3g}, {row['ratio_high']:.3g}]"
        if row["ratio"] < 1:
            ratio += ": **the peer is faster**"
        ratio += _day(row)
        if "setup" in row:
            once = f"{row['ratio with set-up']:.3g} if one step pays for the set-up"
            ratio += f"; {once} of {row['setup']:.2g} s"
            if "peer_setup" in row:
                ratio += f", the peer's {row['peer_setup']:.2g} s"
        kept = [
            f", {row[key]:.0f} MB" if key in row else "" for key in ("our_memory", "peer_memory")
        ]
        ours = f"{row['ours']:.2g} s (error {row['our_error']:.0e}{kept[0]})"
        peer = f"{row['peer_name']} {row['peer']:.2g} s (error {row['peer_error']:.0e}{kept[1]})"
        lines.append(_row((f"{row['engine']}, {row['problem']}", ours, peer, ratio)))
    ours, *others = record["pde"]
    for row in (r for r in others if r["solver"] != ours["solver"] and "seconds" in r):
        what = f"drift-diffusion to t = 0.5, {row['cells']}"
        own = f"{ours['seconds']:.2g} s (error {ours['error']:.0e})"
        peer = f"{row['solver']} {row['seconds']:.2g} s (error {row['error']:.0e})"
        ratio = f"{row['ratio to ours']:.3g}"
        if "ratio_low" in row:
            ratio += f" [{row['ratio_low']:.3g}, {row['ratio_high']:.3g}]"
        lines.append(_row((what, own, peer, ratio + _day(row))))
    for row in record["scaling"]:
        largest = f"{row['seconds'][-1]:.2g} s at {row['sizes'][-1]:,}"
        exponent = f"exponent {row['exponent']:.2f}, expected {row['expected']:g}"
        lines.append(_row((f"scaling of {row['name']}", largest, "", exponent)))
    for row in record.get("applications", []):
        what = f"{row['problem']}: {row['method']}, {row['setting']}"
        counted = f"{row['applications']:,} applications (error {row['error']:.0e})"
        lines.append(_row((what, counted, "", "")))
    for row in record["cold"]:
        what = f"cold start of {row['engine']}, {row['state']}"
        took = f"import {row['import']:.2g} s, first call {row['first call']:.2g} s"
        lines.append(_row((what, took, "", "")))
    return "\n".join(lines) + "\n"


def _day(row):
    """Of a row that was not measured with the others."""
    return f"; on {row['finished'].partition('T')[0]}" if "finished" in row else ""


def _row(cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

"""Command line: python -m simulations.bench. All rows in one table and in results/bench.json."""

from __future__ import annotations

from simulations import starting

if __name__ == "__main__":
    starting.quietly()

import os
import platform
import sys
import time
from contextlib import nullcontext

import click
import numba

from simulations.__main__ import guarded
from simulations.bench.application_rows import application_rows
from simulations.bench.attention_peers import step_rows
from simulations.bench.classical_peers import classical_rows
from simulations.bench.fastsum_peer import fastsum_rows
from simulations.bench.history import HISTORY, append
from simulations.bench.large_peers import STUDIES, check_study, large_rows, merged
from simulations.bench.layer_peers import layer_rows
from simulations.bench.pde_peers import rows as pde_rows
from simulations.bench.scaling import cold_rows, scaling_rows
from simulations.bench.spectrum_peers import spectrum_rows
from simulations.bench.wide_peers import wide_rows
from simulations.options import Folder
from simulations.store.costs import WHOLE, recorded
from simulations.store.files import read_json, write_json
from simulations.store.folders import check_writable
from simulations.store.sources import ROOT
from simulations.verdict.long_commands import line
from theory.setting.checks import InputError

SHIPPED = ROOT / "docs" / "bench.json"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Small sizes: a look at whether all of it works.")
@click.option(
    "--large",
    is_flag=False,
    flag_value="all",
    metavar="[NAME]",
    help="Only rows whose peers take ten seconds a call and more, into the record that is there: "
    f"all (about twenty minutes) or one of {', '.join(STUDIES)}. Each is kept once it is measured.",
)
@click.option("--history", is_flag=True, help="Add the run to docs/bench-history.jsonl.")
@click.option("--results", "root", type=Folder(), default="results", help="Folder of the results.")
def bench(quick, large, history, root):
    """Speed of this project beside its peers, each ratio measured in one run with the error of both
    sides.
    """
    check_writable("results folder", root)
    if large is not None and quick:
        raise InputError("--large: got --quick as well, expected one of them")
    if large is not None:
        check_study(large)
        return _measure_large(large, history, root)
    if not quick:
        click.echo(line("bench"))
    with recorded("bench", root, part=WHOLE) if not quick else nullcontext():
        _measure(quick, history, root)


def _measure(quick, history, root):
    path = root / ("bench-quick.json" if quick else "bench.json")
    # of another day, each with its date
    kept = {} if quick else _kept(root)
    record = _circumstances(quick)
    steps = (step_rows, wide_rows, fastsum_rows)
    record["steps"] = _shown([row for rows in steps for row in rows(quick)], _peer_line)
    record["spectra"] = _shown(spectrum_rows(quick), _peer_line)
    record["large"] = kept.get("large", [])
    record["classical"] = _shown(classical_rows(quick), _peer_line)
    record["layers"] = _shown(layer_rows(quick), _peer_line)
    record["pde"] = _shown(pde_rows(64 if quick else 256), _pde_line)
    record["scaling"] = _shown(scaling_rows(quick), _scaling_line)
    record["applications"] = _shown(application_rows(quick), _application_line)
    record["cold"] = _shown(cold_rows(), _cold_line)
    record["finished"] = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    write_json(path, record)
    click.echo(f"\nwritten: {path}")
    _add_to_history(record, history)


def _measure_large(name, history, root):
    kept, run = _kept(root), _circumstances(False) | {"spectra": []}
    if not kept:
        raise InputError(f"{root / 'bench.json'}: not there, expected a run of `make bench` first")
    for rows in large_rows(name):
        _shown(rows, _peer_line)
        run["spectra"] += rows
        kept["large"] = merged(kept.get("large", []), rows)
        write_json(root / "bench.json", kept)
        click.echo(f"written: {root / 'bench.json'}")
    run["finished"] = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    _add_to_history(run, history)


def _kept(root):
    """The record of the last run, or the one that is shipped."""
    for path in (root / "bench.json", SHIPPED):
        if path.exists():
            return read_json(path)
    return {}


def _circumstances(quick):
    load = os.getloadavg()[0]
    click.echo(
        f"{os.cpu_count()} processors, Numba threads {numba.get_num_threads()}, load {load:.2f}"
    )
    return {
        "finished": None,
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "load": load,
        "quick": quick,
    }


def _add_to_history(record, history):
    if history:
        append(record)
        click.echo(f"added to: {HISTORY}")


def _shown(rows, line):
    click.echo()
    for row in rows:
        click.echo(line(row))
    return rows


def _peer_line(row):
    start = f"{row['engine']:<6} {row['problem']:<40} {row['peer_name']:<28}"
    if "note" in row:
        return f"{start} {row['note']}"
    sides = (
        f"{who} {row[key]:8.4f} s (error {row[error]:.0e})"
        for who, key, error in (("ours", "ours", "our_error"), ("peer", "peer", "peer_error"))
    )
    ratio = f"ratio {row['ratio']:.3g} [{row['ratio_low']:.3g}, {row['ratio_high']:.3g}]"
    text = f"{start} {', '.join(sides)}, {ratio}"
    if "our_memory" in row:
        text = f"{text}, memory {row['our_memory']:.0f} MB, peer {row['peer_memory']:.0f} MB"
    if "ratio with set-up" not in row:
        return text
    return f"{text}, set-up {row['setup']:.2f} s, ratio with it {row['ratio with set-up']:.3g}"


def _pde_line(row):
    start = f"{row['solver']:<14} {row.get('cells', ''):<10} {row['setting']:<58}"
    if "seconds" not in row:
        return start
    ratio = f"ratio {row['ratio to ours']:.3g}"
    if "ratio_low" in row:
        ratio += f" [{row['ratio_low']:.3g}, {row['ratio_high']:.3g}]"
    return f"{start} {row['seconds']:8.4f} s, error {row['error']:.1e}, {ratio}"


def _application_line(row):
    start = f"{row['problem']:<36} {row['method']:<24} {row['setting']:<46}"
    return f"{start} {row['applications']:6} applications, error {row['error']:.1e}"


def _scaling_line(row):
    pairs = zip(row["sizes"], row["seconds"], strict=True)
    text = ", ".join(f"{n:g}: {s:.3g} s" for n, s in pairs)
    exponent = f"exponent {row['exponent']:.2f} (expected {row['expected']:g})"
    return f"{row['name']:<44} {exponent}; {text}"


def _cold_line(row):
    calls = f"first call {row['first call']:.2f} s, second {row['second call']:.4f} s"
    return f"{row['engine']:<6} {row['state']:<13} import {row['import']:.2f} s, {calls}"


if __name__ == "__main__":
    sys.exit(guarded(bench, sys.argv[1:], "python -m simulations.bench"))

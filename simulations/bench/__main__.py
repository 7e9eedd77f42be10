"""Command line: python -m simulations.bench. All rows in one table and in results/bench.json."""

from __future__ import annotations

from simulations import starting

if __name__ == "__main__":
    starting.quietly()

import os
import platform
import sys
import time

import click
import numba

from simulations.__main__ import guarded
from simulations.bench.application_rows import application_rows
from simulations.bench.attention_peers import step_rows
from simulations.bench.classical_peers import classical_rows
from simulations.bench.fastsum_peer import fastsum_rows
from simulations.bench.history import HISTORY, append
from simulations.bench.layer_peers import layer_rows
from simulations.bench.pde_peers import rows as pde_rows
from simulations.bench.scaling import cold_rows, scaling_rows
from simulations.bench.spectrum_peers import large_rows, spectrum_rows
from simulations.bench.wide_peers import wide_rows
from simulations.options import Folder
from simulations.store.files import write_json
from simulations.store.folders import check_writable


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Small sizes: a look at whether all of it works.")
@click.option("--history", is_flag=True, help="Add the run to docs/bench-history.jsonl.")
@click.option("--results", "root", type=Folder(), default="results", help="Folder of the results.")
def bench(quick, history, root):
    """Speed of this project beside its peers, each ratio measured in one run with the error of both
    sides.
    """
    check_writable("results folder", root)
    click.echo(
        f"{os.cpu_count()} processors, Numba threads {numba.get_num_threads()}, load "
        f"{os.getloadavg()[0]:.2f}"
    )
    record = {
        "finished": None,
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "load": os.getloadavg()[0],
        "quick": quick,
    }
    steps = (step_rows, wide_rows, fastsum_rows)
    record["steps"] = _shown([row for rows in steps for row in rows(quick)], _peer_line)
    spectra = (spectrum_rows, large_rows)
    record["spectra"] = _shown([row for rows in spectra for row in rows(quick)], _peer_line)
    record["classical"] = _shown(classical_rows(quick), _peer_line)
    record["layers"] = _shown(layer_rows(quick), _peer_line)
    record["pde"] = _shown(pde_rows(64 if quick else 256), _pde_line)
    record["scaling"] = _shown(scaling_rows(quick), _scaling_line)
    record["applications"] = _shown(application_rows(quick), _application_line)
    record["cold"] = _shown(cold_rows(), _cold_line)
    record["finished"] = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    path = root / ("bench-quick.json" if quick else "bench.json")
    write_json(path, record)
    click.echo(f"\nwritten: {path}")
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

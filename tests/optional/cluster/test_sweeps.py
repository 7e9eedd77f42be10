"""A sweep over a cluster measures what the pool measures, whatever becomes of a worker."""

from __future__ import annotations

import socket

import pandas
import pytest

from simulations.machines.cluster import connected
from simulations.machines.local import local_cluster
from simulations.store.results import read
from simulations.sweeps.plan import plan
from simulations.sweeps.point import folder_of, stored
from simulations.sweeps.run import run
from simulations.verdict.sweep import tabulate
from theory.setting.checks import InputError

CLAIM = "linear_attention"
ASKED = {"n_levels": "4", "n_tokens": "200,250,300,350,400,450"}


def asked():
    return plan(CLAIM, ASKED)


def test_a_worker_killed_in_the_middle_loses_no_point(tmp_path):
    told = []
    with local_cluster(2) as own:
        workers = list(own.workers.values())

        def report(point, outcome, done, total):
            told.append(outcome)
            if len(told) == 1:
                own.sync(workers[0].kill)

        failed = run(asked(), tmp_path, scheduler=own.scheduler_address, report=report)
        assert failed == {} and told == ["measured"] * 6
        told.clear()
        # what is there is not measured again, also not by a pool
        assert run(asked(), tmp_path, workers=1, report=report) == {}
        assert told == ["there"] * 6
    pool = tmp_path / "pool"
    one = plan(CLAIM, {"n_levels": "4", "n_tokens": "300"})
    assert run(one, pool, workers=1) == {}
    (there,), (here,) = (
        [read(folder_of(p, root)) for p in one.points] for root in (tmp_path, pool)
    )
    assert there.record["numbers"] == here.record["numbers"]
    assert there.record["digests"] == here.record["digests"]


def test_pandas_opens_both_tables(cluster, tmp_path):
    two = plan(CLAIM, {"n_levels": "4", "n_tokens": "200,250"})
    assert run(two, tmp_path, scheduler=cluster.scheduler_address) == {}
    for judging in (True, False):
        tabulate(two, {}, tmp_path, judging=judging)
        text = pandas.read_csv(tmp_path / CLAIM / "table.csv")
        binary = pandas.read_parquet(tmp_path / CLAIM / "table.parquet")
        assert list(text.columns) == list(binary.columns)
        for name in ("n_tokens", "value", "low", "high", "seconds"):
            assert text[name].tolist() == binary[name].tolist()
        assert text["quantity"].tolist() == binary["quantity"].tolist()
        assert binary["verdict"].isna().all() != judging
        assert sorted(set(text["n_tokens"])) == [200, 250]
    assert all(stored(p, tmp_path) for p in two.points)


def test_an_address_where_nobody_answers_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("simulations.machines.cluster.PATIENCE", 2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", "nonsense", "x://y", ""):
        with pytest.raises(InputError, match="scheduler: got"):
            run(asked(), tmp_path, scheduler=address)


def test_a_cluster_without_workers_is_refused(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr("simulations.machines.cluster.PATIENCE", 2)
    with LocalCluster(n_workers=0, dashboard_address=None) as empty:
        with pytest.raises(InputError, match="has no workers"):
            with connected(empty.scheduler_address):
                pass

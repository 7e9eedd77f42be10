"""Work on the shards of Dask arrays where they are, and sums that travel once a worker, however many
shards it has.

Each worker goes through its own shards one after the other and adds them up; then the workers' sums
are added in pairs. A reduction over a tree of shards would send a sum for every shard that two
workers do not share. What makes a shard (reading a file, say) runs inside the task that uses it: as
a task of its own it could be done on another worker, from where the shard itself would travel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from theory.setting.checks import InputError


class Recipe:
    """How a shard is made: a graph, which of its keys is the shard, and the keys of what the cluster
    holds of it already, whose values come as arguments of the task."""

    def __init__(self, graph: dict, key, held: list):
        self.graph, self.key, self.held = graph, key, held

    def made(self, values):
        from dask import get

        return get(self.graph | dict(zip(self.held, values, strict=True)), self.key)


def blocks(array) -> list:
    """The shards of a Dask array, all columns in one, as Delayed with what each needs, no more."""
    from dask.core import flatten
    from dask.delayed import Delayed
    from dask.optimization import cull

    if array.ndim == 2:
        array = array.rechunk({1: -1})
    # not optimized: keys would be the same for graphs that differ, and be taken for one
    graph = dict(array.__dask_graph__())
    return [Delayed(key, cull(graph, [key])[0]) for key in flatten(array.__dask_keys__())]


def owners(client, array) -> list[str]:
    """The address of a worker for every shard of an array: who holds it, else evenly in order."""
    workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
    if not workers:
        raise InputError("scheduler: has no workers, expected at least one")
    shards = blocks(array)
    held = [next(iter(_held(block)), None) for block in shards]
    found = [workers[k * len(workers) // len(shards)] for k in range(len(shards))]
    if any(held):
        where = client.who_has([future for future in held if future is not None])
        for k, future in enumerate(held):
            if future is not None and (places := where.get(future.key)):
                found[k] = min(places)
    return found


def fold(client, places: Sequence[str], shards: Sequence[tuple], step: Callable, add: Callable):
    """step(sum or None, *shard) over the shards of each worker, then add(sum, sum) over workers.

    shards: tuples of Delayed or plain values, one a shard, at work at its place. Returns a Delayed
    whose value is on the cluster. A place whose worker is lost is taken over by another one.
    """
    from dask import delayed

    sums = []
    for worker, own in by_worker(places).items():
        total = None
        for k in own:
            total = _task(step, total, shards[k])
        sums += _persisted(client, [total], worker)
    while len(sums) > 1:
        pairs = [sums[k : k + 2] for k in range(0, len(sums), 2)]
        sums = [delayed(add, pure=False)(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return _persisted(client, sums)[0]


def each(client, places: Sequence[str], shards: Sequence[tuple], make: Callable) -> list:
    """make(*shard) of every shard, held where it belongs: Delayed, in the order of the shards."""
    made: list = [None] * len(shards)
    for worker, own in by_worker(places).items():
        before, tasks = None, []
        for k in own:
            # one after the other: of several that are ready an idle worker would take some
            before = _task(_Then(make), before, shards[k])
            tasks.append(before)
        for k, task in zip(own, _persisted(client, tasks, worker), strict=True):
            made[k] = task
    return made


def by_worker(places: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of the shards of every worker."""
    found: dict[str, list[int]] = {}
    for k, worker in enumerate(places):
        found.setdefault(worker, []).append(k)
    return found


def _task(step, total, shard):
    """step(total, *shard) as one task, which makes the parts of the shard by itself."""
    from dask import delayed

    parts, arguments = [], []
    for part in shard:
        if hasattr(part, "__dask_graph__"):
            held = {future.key: future for future in _held(part)}
            graph = {k: v for k, v in dict(part.__dask_graph__()).items() if k not in held}
            part = Recipe(graph, part.key, list(held))
            arguments += map(_delayed, held.values())
        parts.append(part)
    return delayed(_Task(step, parts), pure=False, traverse=False)(total, *arguments)


class _Task:
    """A step over a shard: called with the sum so far, and with what the cluster holds of it."""

    def __init__(self, step, parts):
        self.step, self.parts = step, parts
        self.__name__ = step.__name__.strip("_")

    def __call__(self, total, *values):
        values, made = iter(values), []
        for part in self.parts:
            if isinstance(part, Recipe):
                part = part.made([next(values) for _ in part.held])
            made.append(part)
        return self.step(total, *made)


class _Then:
    """make(*shard), whatever came before."""

    def __init__(self, make):
        self.make, self.__name__ = make, make.__name__

    def __call__(self, _before, *shard):
        return self.make(*shard)


def _held(collection):
    """What the cluster holds of a collection, as futures."""
    from distributed import futures_of

    return futures_of(collection)


def _delayed(future):
    """A Delayed of a value that the cluster holds."""
    from dask.delayed import Delayed

    return Delayed(future.key, {future.key: future})


def _persisted(client, collections: list, worker: str | None = None) -> list:
    """The collections at work on the cluster, at a worker if it is there."""
    where = {} if worker is None else {"workers": [worker], "allow_other_workers": True}
    return list(client.persist(collections, optimize_graph=False, **where))

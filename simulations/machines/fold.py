"""Sums over the shards of Dask arrays that travel once a worker, however many shards it has.

Each worker goes through its own shards one after the other and adds them up where they are; then
the workers' sums are added in pairs. A reduction over a tree of shards would send a sum for every
shard that two workers do not share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from theory.setting.checks import InputError


def owners(client, array) -> list[str]:
    """The address of a worker for every shard of an array: who holds it, else evenly in order."""
    from distributed import futures_of

    workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
    if not workers:
        raise InputError("scheduler: has no workers, expected at least one")
    count = array.numblocks[0]
    found = [workers[k * len(workers) // count] for k in range(count)]
    held = {f.key: f for f in futures_of(array)}
    if held:
        where = client.who_has(list(held.values()))
        for k, key in enumerate(block.key for block in array.to_delayed().reshape(count, -1)[:, 0]):
            if places := where.get(key):
                found[k] = sorted(places)[0]
    return found


def fold(
    client,
    places: Sequence[str],
    shards: Sequence[tuple],
    step: Callable,
    add: Callable,
):
    """step(sum or None, *shard) over the shards of each worker, then add(sum, sum) over workers.

    shards: tuples of Delayed or plain values, one a shard, at work at its place. Returns a Delayed
    whose value is on the cluster. A place whose worker is lost is taken over by another one.
    """
    from dask import delayed

    sums = []
    for worker in dict.fromkeys(places):
        total = None
        for place, shard in zip(places, shards, strict=True):
            if place == worker:
                total = delayed(step, pure=False)(total, *shard)
        sums.append(persisted(client, total, worker))
    while len(sums) > 1:
        pairs = [sums[k : k + 2] for k in range(0, len(sums), 2)]
        sums = [delayed(add, pure=False)(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return persisted(client, sums[0])


def persisted(client, collection, worker: str | None = None):
    """The collection at work on the cluster, at a worker if it is there."""
    if worker is None:
        return client.persist(collection, optimize_graph=False)
    return client.persist(
        collection, workers=[worker], allow_other_workers=True, optimize_graph=False
    )

"""Work on many machines: a Dask cluster, or processes that MPI has started.

`cluster` connects, `dask_attention` and `mpi_attention` are two transports of one step of
`simulations.attention.sharded`, `eigenpairs` iterates over either. Dask and mpi4py are optional
(requirements-cluster.txt): they are imported where they are used, and the core never asks for them.
"""

"""Sweeps: one claim measured at every combination of values of its parameters.

`plan` says which points there are, `point` measures one, `run` does all of them on a pool of
processes or on a cluster, `table` writes what was measured. Nothing predicted is near: the verdict
column comes from simulations/verdict/sweep.py, once every point is on disk.

results/sweeps/CLAIM/RUN/      a measured point, as any run (simulations/store/results.py)
results/sweeps/CLAIM/sweep.json   what the last sweep asked for, and which of its points failed
results/sweeps/CLAIM/table.csv    its points, a row a quantity; table.parquet where pyarrow is there
"""

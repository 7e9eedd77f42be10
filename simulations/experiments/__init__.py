"""Measurements: one folder a claim, `measure(parameters, run) -> Measurement`.

Of theory/ an experiment imports theory.setting and theory.claims, nothing else: a measurement is
finished, with its interval, before anything predicted is near it. `run.remember(key, compute)`
keeps finished pieces on disk, `run.progress(iterable, label=...)` shows how far it is.
"""

"""Iterated attention: on features, on measures, on the tokens themselves; clusters."""

"""Prediction: the setting and the limits that attention must converge to. Deterministic, no sampling."""

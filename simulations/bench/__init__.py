"""Measurements of speed, each beside the accuracy reached."""

"""Tokens from a file, of unknown manifold and density: what can be measured of them, and how far."""

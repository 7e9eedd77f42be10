"""Measurement: tokens, the attention operator, its iteration and what is observed of it."""

"""Planted mistakes: a suite is worth what it catches."""

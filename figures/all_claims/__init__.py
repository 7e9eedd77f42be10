"""Figures of all claims at once, which open the README and the report: `draw(judgements)`."""

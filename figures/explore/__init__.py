"""A page to play with: `make explore`.

choice.py is what its controls say, checked at the door. measured.py measures, and imports nothing
that predicts; predicted.py predicts, and imports nothing that measures; joined.py puts a finished
measurement beside its prediction; pictures.py draws both. page.py lays them out and alone needs
marimo; serve.py starts it.
"""

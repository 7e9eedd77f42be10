"""The only join: reads measured quantities from disk, asks for the predictions, judges.

Nothing here measures, and nothing that measures imports it.
"""

"""Chaos: faults by a seed, in the clusters and in the app's own process, while people look. `python -m bench chaos`."""

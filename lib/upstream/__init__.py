"""Where presets were borrowed from: upstream's panels, jupyterhub/grafana-dashboards, and how our answers differ.

`python -m lib.upstream` has the commands. Of upstream the project keeps names and hashes only, in `docs/upstream/`.
"""

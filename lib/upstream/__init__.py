"""Where presets were borrowed from: upstream's panels, jupyterhub/grafana-dashboards, and how our answers differ.

`python -m lib.upstream` has the commands. `docs/upstream/` keeps their names and hashes; the
texts are test data, `tests/upstream/queries.toml`.
"""

"""The built-in sample: a made-up year of JupyterHubs behind a made-up Grafana, answered without a socket."""

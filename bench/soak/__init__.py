"""Soak: people come and go for a long time, and nothing may grow. `python -m bench soak`."""

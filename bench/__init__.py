"""What is fast, against whom, as ratios measured in one run: `make bench`, or `python -m bench run P1 P8`.

To add a figure, write a function under `@figure("P6", "what is measured", against="whom")` in a module of this
folder that yields one `Measured` per size; `bench.timing.alternating` times both sides in turn. The command finds it.
"""

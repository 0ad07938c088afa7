"""Load: how many visitors two cores hold, beside the same page as plain Streamlit. `python -m bench load`."""

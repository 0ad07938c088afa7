"""Foreign text on its way into a figure. Everything that is not a constant of ours passes `plain`."""

from __future__ import annotations

# Plotly reads `<b>` and `<a href>` as markup, `%{...}` as a template and `$...$` as mathematics; Streamlit swaps
# `#000001` for a colour anywhere in a figure. Written as references they are characters again, and shown as such.
_REFERENCES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "%": "&#37;", "$": "&#36;", "#": "&#35;"})


def plain(text: str) -> str:
    """The text as a figure shows it exactly, on one line: white space folded, special characters as references."""
    return " ".join(text.split()).translate(_REFERENCES)

"""Who is asking: a person has one running question, and one line where others wait."""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx


def asking() -> str:
    """What stands for the person who looks at the page: their visit, since nobody has signed in."""
    context = get_script_run_ctx()
    return f"visit {context.session_id}" if context else ""

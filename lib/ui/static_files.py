"""Where Streamlit serves the files of `static/`, under addresses that change with their content."""

from __future__ import annotations

import functools
from hashlib import sha256
from pathlib import Path

import streamlit as st


def address(path: Path) -> str:
    """The address of a file in `static/`, from the root of the host."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{f'/{base}' if base else ''}/app/static/{path.name}?v={_version(path)}"


@functools.cache
def _version(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]

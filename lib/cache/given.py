"""What is configured, read once: the environment, `.env`, `.streamlit/secrets.toml`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from dotenv import dotenv_values
from streamlit.errors import StreamlitSecretNotFoundError

from lib.core.settings import Settings, load_settings, refreshed


def settings() -> Settings:
    """What is configured in the environment, in `.env` and in `.streamlit/secrets.toml`. Raises ConfigError.

    Read once, but for the tokens that are in files of their own: those are what the files hold now.
    """
    return refreshed(read_once())


@st.cache_resource(show_spinner=False)
def read_once() -> Settings:
    """The settings as they were when this process began; only tokens in files may be others by now."""
    return load_settings(os.environ, dotenv_values(Path(".env")), _secrets())


def _secrets() -> Mapping[str, Any]:
    try:
        return st.secrets.to_dict()
    except StreamlitSecretNotFoundError:
        return {}

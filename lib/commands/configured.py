"""What is configured, for commands: the same settings, presets and data sources as in the app."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from lib.core.errors import ConfigError
from lib.core.own_presets import read_own
from lib.core.preset_files import FOLDER, in_order
from lib.core.presets import Preset
from lib.core.settings import Settings, load_settings

_SECRETS = Path(".streamlit/secrets.toml")


def settings() -> Settings:
    """From the environment, `.env` and `.streamlit/secrets.toml` of the current folder. Raises ConfigError."""
    return load_settings(os.environ, dotenv_values(Path(".env")), _secrets())


def presets(given: Settings) -> dict[str, Preset]:
    """All presets by id: those that ship, then one's own. What is wrong in a file is left out, as in the app."""
    shipped = read_own(FOLDER).presets
    return in_order(shipped) | read_own(given.presets, shipped).presets


def _secrets() -> dict[str, Any]:
    try:
        return tomllib.loads(_SECRETS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise ConfigError(f"{_SECRETS} cannot be read.", "It is a TOML file in UTF-8.") from None

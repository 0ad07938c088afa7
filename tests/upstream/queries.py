"""The queries of upstream's panels, word for word, by upstream's id; `queries.toml` holds them and their licence."""

import tomllib
from pathlib import Path

from lib.upstream.panels import UpstreamQuery

_ENTRIES = tomllib.loads(Path(__file__).with_name("queries.toml").read_text(encoding="utf-8"))["query"]
UPSTREAM = {entry["id"]: UpstreamQuery(**entry) for entry in _ENTRIES}

"""`python telling.py FILE run ...`: Streamlit, which writes every option as it has it into FILE once it serves."""

from __future__ import annotations

import json
import runpy
import sys
import threading
import time


def _tell(path: str) -> None:
    from streamlit import config  # noqa: PLC0415  not before Streamlit has read its own arguments
    from streamlit.runtime import Runtime  # noqa: PLC0415

    while not Runtime.exists():
        time.sleep(0.05)
    options = {name: config.get_option(name) for name in config.get_config_options()}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(options, file, default=str)


if __name__ == "__main__":
    threading.Thread(target=_tell, args=(sys.argv.pop(1),), daemon=True).start()
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)

"""What the app says about itself while it runs: lines of log, and numbers for a Prometheus."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import streamlit as st
from streamlit import config
from streamlit.logger import get_logger, update_formatter

from lib.cache.given import settings
from lib.core.log_lines import Redaction, record_maker
from lib.core.settings import Settings
from lib.sources.numbers import ADDRESS, Numbers

_LOGGER = "hubscope"


@st.cache_resource(show_spinner=False)
def watch() -> Numbers:
    """Who looks on in this process while clusters are asked. The first call sets up what is logged and served.

    Raises ConfigError, as `settings` does.
    """
    given = settings()
    logging.setLogRecordFactory(record_maker(logging.LogRecord, Redaction(_secrets(given)), as_json=given.log_json))
    if given.log_json:  # else Streamlit puts the time in front of what is to be an object
        config.set_option("logger.messageFormat", "%(message)s")
        update_formatter()
    log = get_logger(_LOGGER)
    log.setLevel(logging.INFO if given.log_json else logging.WARNING)
    numbers = Numbers(log)
    if given.metrics_port:
        _serve(numbers, given.metrics_port, log)
    return numbers


def _serve(numbers: Numbers, port: int, log: logging.Logger) -> None:
    """Serves the numbers; the app goes on without where that cannot be."""
    try:
        numbers.serve(port)
    except OSError:
        log.warning("numbers are not served: port %(port)d of %(address)s is taken", {"port": port, "address": ADDRESS})


def _secrets(given: Settings) -> Iterator[str]:
    for grafana in given.grafanas:
        yield grafana.token.reveal()
    for server in given.prometheuses:
        yield server.password.reveal()

"""The source kind `sample`: the built-in made-up Grafana, asked like any other, over an adapter instead of a socket."""

from __future__ import annotations

import math

from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.sample.adapter import SampleAdapter
from lib.sample.api import SAMPLE_TOKEN, SAMPLE_URL
from lib.sources.base import Discovery, source_kind
from lib.sources.gate import Gate
from lib.sources.grafana import discover
from lib.sources.transport import Transport

NAME = "sample"
_GRAFANA = GrafanaSettings(NAME, SAMPLE_URL, Secret(SAMPLE_TOKEN))


@source_kind("sample")
def sample_sources(settings: Settings, transport: Transport) -> Discovery:
    """The clusters of the sample when nothing else is configured. `transport` is left alone: nothing leaves here."""
    if not settings.sample:
        return Discovery()
    gate = Gate(settings.places, settings.cluster_places, in_a_row=math.inf)  # what is always down there may stay so
    inside = Transport(settings, [SAMPLE_URL], gate=gate, adapter=SampleAdapter(), sleep=lambda seconds: None)
    return discover(_GRAFANA, inside, settings.timeout, kind=NAME)

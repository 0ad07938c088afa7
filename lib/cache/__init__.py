"""Every function that Streamlit caches, and nothing else: settings, data sources, the catalogue and answers.

A key holds what changes the answer, who asks included: the source's id and origin, a random label of the credential,
and the frozen query. Tokens, frames and clocks are never part of one. Failures, and answers with warnings, are not
kept. What a visitor's own token brought is in caches of that visit, and in no other.
"""

from lib.cache.answers import ANSWER_SECONDS, ask, start
from lib.cache.configured import (
    catalogue,
    discovery,
    own_presets,
    periods,
    preset_problems,
    pseudonym_key,
    signed_out,
)
from lib.cache.emptiness import reasons
from lib.cache.forgetting import forget_token
from lib.cache.given import settings
from lib.cache.grafanas import dashboard, dashboards, tokens_known
from lib.cache.metadata import label_names, label_values, metric_catalogue, metric_names
from lib.cache.own_sources import (
    forget_sources,
    give_token,
    own_tokens,
    visitor_discovery,
    visitor_grafanas,
)
from lib.cache.watching import watch

__all__ = [
    "ANSWER_SECONDS",
    "ask",
    "catalogue",
    "dashboard",
    "dashboards",
    "discovery",
    "forget_sources",
    "forget_token",
    "give_token",
    "label_names",
    "label_values",
    "metric_catalogue",
    "metric_names",
    "own_presets",
    "own_tokens",
    "periods",
    "preset_problems",
    "pseudonym_key",
    "reasons",
    "settings",
    "signed_out",
    "start",
    "tokens_known",
    "visitor_discovery",
    "visitor_grafanas",
    "watch",
]

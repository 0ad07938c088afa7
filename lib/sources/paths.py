"""The only paths that are asked for, each a read: whatever else is refused before it is sent.

In Grafana: the list of data sources, the dashboards, what it tells of the token, and Prometheus behind its proxy; in
Prometheus: the queries and the lists of labels and metrics. A new path is a line here.
"""

from __future__ import annotations

import re

UID = r"[A-Za-z0-9_-]{1,40}"  # Grafana's own rule (pkg/util/shortid_generator.go)
_PROMETHEUS = rf"(/api/datasources/proxy/uid/{UID})?/api/v1"
_READS = {
    "GET": (
        "/api/datasources",
        "/api/search",
        f"/api/dashboards/uid/{UID}",
        "/api/access-control/user/permissions",
        "/api/user",
        "/api/serviceaccounts/[0-9]{1,18}/tokens",
        f"{_PROMETHEUS}/(query|query_range|labels|metadata|label/[A-Za-z_][A-Za-z0-9_]*/values)",
    ),
    "POST": (f"{_PROMETHEUS}/(query|query_range)",),
}
# What an address may have before the paths of its server, as `lib.core.addresses` lets it through.
_PREFIX = r"(/(?!\.{1,2}/)[A-Za-z0-9._~-]+)*"
_LISTED = {method: re.compile(f"{_PREFIX}({'|'.join(paths)})") for method, paths in _READS.items()}


def is_read(method: str, path: str) -> bool:
    """Whether a request of this method to this path is one of those that only read."""
    listed = _LISTED.get(method)
    return bool(listed and listed.fullmatch(path))

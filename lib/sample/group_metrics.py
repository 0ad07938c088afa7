"""What jupyterhub-groups-exporter says: who is in which groups of a hub."""

from collections.abc import Iterator

import numpy as np

from lib.sample.groups import MULTIPLE, NONE, groups_of
from lib.sample.history import ClusterHistory, HubHistory
from lib.sample.names import escaped_name, safe_name, user_name
from lib.sample.noise import seed
from lib.sample.series import Metric, Span, Stretch, constant

_REFRESHED = 3600  # seconds from one look at the hub's groups to the next
_EVERY = 300  # seconds between two scrapes


def _info(history: ClusterHistory, span: Span) -> Iterator[Stretch]:
    for hub in history.hubs:
        people = hub.people
        for index in np.flatnonzero((people.joined <= span.last) & (people.deleted > span.first)).tolist():
            yield from _of_person(history.cluster.name, hub, index)


def _of_person(cluster: str, hub: HubHistory, index: int) -> Iterator[Stretch]:
    """Yield one series for each group, and one for those in several; one says so of those in none."""
    number = int(hub.people.number[index])
    user = user_name(cluster, number)
    groups = groups_of(hub.hub, number) or (NONE,)
    labels = _labels(cluster, hub.hub.name) | {
        "username": user,
        "username_escaped": escaped_name(user),
        "username_safe": safe_name(user),
    }
    start = -(-int(hub.people.joined[index]) // _REFRESHED) * _REFRESHED
    for group in (*groups, MULTIPLE) if len(groups) > 1 else groups:
        yield Stretch(labels | {"usergroup": group}, start, int(hub.people.deleted[index]), constant(1), _EVERY)


def _labels(cluster: str, namespace: str) -> dict[str, str]:
    return {
        "app": "jupyterhub",
        "component": "groups-exporter",
        "instance": f"10.4.1.{seed(cluster, namespace) % 250 + 2}:9090",
        "job": "kubernetes-pods",
        "namespace": namespace,
        "node": f"{cluster}-core-1",
    }


METRICS = (
    Metric(
        "jupyterhub_user_group_info", "gauge", "JupyterHub namespace, username and user group membership info.", _info
    ),
)

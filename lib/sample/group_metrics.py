"""What jupyterhub-groups-exporter says: who is in which groups of a hub."""

from collections.abc import Iterator

import numpy as np

from lib.sample.history import ClusterHistory, HubHistory
from lib.sample.hubs import Hub, Season
from lib.sample.names import escaped_name, safe_name, user_name
from lib.sample.noise import seed
from lib.sample.people import CROWD_FROM, ROBOT
from lib.sample.series import Metric, Span, Stretch, constant

MULTIPLE, NONE = "multiple", "none"  # how the groups exporter counts those in several groups, and in none
_ADMINS = "hub-admins"
_NAMES = {
    Season.RESEARCH: ("ocean", "atmosphere", "cryosphere", "land-surface", "machine-learning", "remote-sensing"),
    Season.COURSE: ("data-8", "stat-20", "data-100", "econ-148", "phys-77", "astro-128", "graders", "tutors"),
    Season.WORKSHOP: ("participants", "mentors", "team-ice", "team-river", "team-forest", "team-reef"),
    Season.STAGING: ("testers",),
}
_REFRESHED = 3600  # seconds from one look at the hub's groups to the next
_EVERY = 300  # seconds between two scrapes


def groups_of(hub: Hub, number: int) -> tuple[str, ...]:
    """Return the groups of person `number`: none for one of twelve, else one to three, the first ones the largest."""
    chance = seed("groups", hub.key, number)
    own = [_ADMINS] if number < CROWD_FROM and number != ROBOT else []
    names = _NAMES[hub.season]
    wanted = 0 if chance % 12 == 0 else 1 + (chance // 12 % 100 < 24) + (chance // 12 % 100 < 6)
    for turn in range(wanted - len(own)):
        share = (chance >> (10 + 14 * turn)) % 2**14 / 2**14
        own.append(names[int(share**1.7 * len(names))])
    return tuple(dict.fromkeys(own))


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

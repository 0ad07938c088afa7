"""Who exists: the made-up clusters, the hubs of each, and what kind of life each hub leads."""

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

EPOCH = date(1970, 1, 1)


def day_number(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to this date."""
    return (date(year, month, day) - EPOCH).days


class Season(Enum):
    """What decides how busy a day is."""

    RESEARCH = "research"
    COURSE = "course"
    WORKSHOP = "workshop"
    STAGING = "staging"


@dataclass(frozen=True)
class Hub:
    """One hub. Days count from 1970-01-01; hours are UTC offsets or lengths."""

    name: str
    season: Season
    newcomers: int  # per month (research), per term (course), per event (workshop)
    eagerness: float  # median share of the days on which a person comes
    utc_offset: int
    session_hours: float  # median
    staff: int  # how many of the cluster's staff also use it
    images: tuple[str, ...]  # without tags, the favourite first
    born: int = day_number(2023, 1, 2)
    gone: int | None = None
    robot: bool = False
    gpu_share: float = 0.0  # of the starts that ask for a GPU
    dask_share: float = 0.0  # of the longer sessions that start a Dask cluster
    key: str = ""  # what its chance numbers hang on: set when the cluster names its hubs


@dataclass(frozen=True)
class Cluster:
    """One cluster: one Prometheus behind the made-up Grafana."""

    name: str
    uid: str
    hubs: tuple[Hub, ...]
    yearly: Hub | None = None  # a hub that appears every June under a new name and is gone in January
    outage: bool = False  # loses its monitoring for some days of every March
    down: bool = False  # never answers
    node_pool_label: str = "label_cloud_google_com_gke_nodepool"

    def hubs_between(self, first_day: int, last_day: int) -> tuple[Hub, ...]:
        """Return the hubs that live on at least one of these days, in the order of their names."""
        years = range((1970 + first_day // 366) - 1, 1970 + last_day // 365 + 1)
        yearly = [] if self.yearly is None else [_of_year(self.yearly, year) for year in years]
        alive = [h for h in (*self.hubs, *yearly) if h.born <= last_day and (h.gone is None or h.gone > first_day)]
        keyed = [replace(hub, key=f"{self.name}/{hub.name}") for hub in alive]
        return tuple(sorted(keyed, key=lambda hub: hub.name))


def _of_year(hub: Hub, year: int) -> Hub:
    born, gone = day_number(year, 6, 8), day_number(year + 1, 1, 31)
    return replace(hub, name=f"{hub.name}-{year}", born=born, gone=gone)


_SCIENCE = ("quay.io/sample/scipy-notebook", "quay.io/sample/pangeo-notebook", "quay.io/sample/r-notebook")
_COURSE = ("quay.io/sample/course-image", "quay.io/sample/r-notebook")
_LEAN = ("quay.io/sample/minimal-notebook",)


def _staging(utc_offset: int, images: tuple[str, ...]) -> Hub:
    return Hub("staging", Season.STAGING, 0, 0.10, utc_offset, 0.5, 6, images, robot=True)


CLUSTERS = (
    Cluster(
        "aurora",
        "aurora-prometheus",
        (
            Hub("prod", Season.RESEARCH, 16, 0.20, -2, 1.6, 5, _SCIENCE, gpu_share=0.2, dask_share=0.3),
            Hub("hackweek", Season.WORKSHOP, 95, 0.93, -5, 3.0, 2, _SCIENCE[1:]),
            _staging(-2, _SCIENCE),
        ),
    ),
    Cluster(
        "birch",
        "birch-prometheus",
        (
            Hub("prod", Season.COURSE, 760, 0.16, -8, 1.5, 4, _COURSE),
            Hub("highmem", Season.RESEARCH, 3, 0.26, -8, 3.2, 2, _SCIENCE),
            _staging(-8, _COURSE),
        ),
        node_pool_label="label_alpha_eksctl_io_nodegroup_name",
    ),
    Cluster(
        "cedar",
        "cedar-prometheus",
        (
            Hub("climate", Season.RESEARCH, 2, 0.34, 1, 4.2, 2, _SCIENCE, dask_share=0.6),
            Hub("reef", Season.COURSE, 110, 0.17, 1, 1.3, 2, _LEAN),
            _staging(1, _LEAN),
        ),
        yearly=Hub("fieldschool", Season.RESEARCH, 9, 0.24, 1, 1.8, 1, _LEAN),
        outage=True,
        node_pool_label="label_kubernetes_azure_com_agentpool",
    ),
    Cluster("drift", "drift-prometheus", (), down=True),
)


def cluster_named(name: str) -> Cluster:
    """Return the cluster of this name; KeyError if there is none."""
    return {cluster.name: cluster for cluster in CLUSTERS}[name]

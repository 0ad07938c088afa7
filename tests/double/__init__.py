"""A misbehaving Grafana for tests, with a data source for every fault: see `grafana_double`."""

from tests.double.behaviours import BEHAVIOURS
from tests.double.good import HUBS, good_value
from tests.double.grafana import TOKEN, grafana_double
from tests.double.identity import Account
from tests.double.record import Double, Logged

__all__ = ["BEHAVIOURS", "HUBS", "TOKEN", "Account", "Double", "Logged", "good_value", "grafana_double"]

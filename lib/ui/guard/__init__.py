"""What stands in front of the app: headers, hosts, closed doors, floods, and sessions that are freed."""

from lib.ui.guard.middleware import Guard
from lib.ui.guard.reaping import reaping

__all__ = ["Guard", "reaping"]

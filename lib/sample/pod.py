"""What a pod is: its containers, what each asks for and may take, and how it fares."""

from dataclasses import dataclass
from functools import cached_property

from lib.sample.history import HubHistory
from lib.sample.machines import Machine
from lib.sample.names import safe_name
from lib.sample.noise import seed
from lib.sample.people import NEVER

USER = "singleuser-server"


@dataclass(frozen=True)
class Container:
    """One container: memory in bytes, processors in cores; a limit of 0 is none."""

    name: str
    image: str
    memory_request: int
    memory_limit: int
    cpu_request: float
    cpu_limit: float = 0.0
    gpus: int = 0


@dataclass(frozen=True)
class Fate:
    """What goes wrong with a pod, or ends it: moments in seconds, reasons as Kubernetes words them.

    Only the first container restarts, the pod going on; `over` is when all containers have ended for good, the pod
    itself being remembered until its own end. `init` names a container that has to succeed before the others start.
    """

    restarts: tuple[int, ...] = ()
    restart_reason: str = ""  # OOMKilled or Error
    over: int = NEVER
    over_reason: str = ""  # Completed, Error or OOMKilled
    evicted: bool = False
    init: str = ""
    init_restart: int = NEVER
    init_failed: bool = False  # so nothing else ever ran


@dataclass(frozen=True, eq=False)
class Pod:
    """One pod, remembered at start <= time < end, in seconds."""

    namespace: str
    name: str
    machine: Machine
    containers: tuple[Container, ...]
    start: int
    ready: int  # its containers run from here on; `end` if they never do
    end: int
    chance: int  # 63 bits
    component: str = ""  # of JupyterHub
    user: str = ""
    dask: str = ""  # dask-worker or dask-scheduler
    dask_cluster: str = ""
    hub: HubHistory | None = None  # the one whose servers keep it busy
    fate: Fate = Fate()

    @cached_property
    def uid(self) -> str:
        """The pod's uid: made of its name and its start."""
        digits = f"{seed(self.namespace, self.name, self.start):016x}{self.chance:016x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))

    @property
    def owner(self) -> str:
        """Whose it is, as Kubernetes may write it; empty for nobody's."""
        return safe_name(self.user) if self.user else ""

    @property
    def ended(self) -> int:
        """When its containers have ended."""
        return min(self.end, self.fate.over)

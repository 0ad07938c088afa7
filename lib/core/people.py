"""Lists of people as settings write them: addresses, whole domains, groups that the provider names, or everyone.

Addresses are compared as ASCII without regard to case. Whatever else an address may hold by RFC 5321 (quotation marks,
comments) or RFC 6531 (other scripts, whose letters can look like ours) is no address here, so it is on no list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lib.core.errors import ConfigError

EVERYONE, GROUP = "*", "group:"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})+"
_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"  # RFC 5321, section 4.1.2: Dot-string
_ADDRESS = re.compile(rf"{_LOCAL}@(?P<domain>{_DOMAIN})")
_LONGEST = 254  # characters of an address, RFC 5321 by way of erratum 1690
_FORMS = "Write addresses (ada@example.org), domains (@example.org), groups (group:staff) or *, with commas between."


def address_of(text: object) -> str:
    """An address in the one form in which it is compared, in small letters; "" for what is none."""
    if not isinstance(text, str) or not text.isascii() or len(text) > _LONGEST:
        return ""  # before lower(): the Kelvin sign would become a k
    small = text.lower()
    return small if _ADDRESS.fullmatch(small) else ""


@dataclass(frozen=True)
class People:
    """Who is on a list. `domains` stand without their @ and mean themselves, none below or above them."""

    everyone: bool = False
    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def has(self, address: str, groups: Iterable[str] = ()) -> bool:
        """Whether a person with this address (as `address_of` gives it) and these groups of the provider is on it."""
        if not address:
            return False
        domain = address.rpartition("@")[2]
        known = address in self.addresses or domain in self.domains or not self.groups.isdisjoint(groups)
        return self.everyone or known


def read_people(text: str, setting: str) -> People:
    """The people that a setting lists, with commas or white space between. Raises ConfigError, which names it."""
    entries = [entry for entry in re.split(r"[\s,;]+", text) if entry]
    unread = [entry for entry in entries if not _kind(entry)]
    if unread:
        raise ConfigError(f"{setting} has {unread[0][:60]}, which is neither an address nor a domain.", _FORMS)
    by_kind = {kind: frozenset(_plain(entry) for entry in entries if _kind(entry) == kind) for kind in ("a", "d", "g")}
    return People(EVERYONE in entries, by_kind["a"], by_kind["d"], by_kind["g"])


def _kind(entry: str) -> str:
    if entry == EVERYONE:
        return EVERYONE
    if entry.startswith(GROUP):
        return "g" if entry != GROUP else ""
    if entry.startswith("@"):
        return "d" if address_of(f"x{entry}") else ""
    return "a" if address_of(entry) else ""


def _plain(entry: str) -> str:
    """Without what marks its kind. Names of groups keep their case: providers tell them apart by it."""
    return entry.removeprefix(GROUP) if entry.startswith(GROUP) else entry.lower().removeprefix("@")

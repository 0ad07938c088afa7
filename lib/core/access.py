"""What one visitor may do, worked out from the settings and from what the provider of the sign-in says of the person.

"Signed in" is not "allowed": whoever the provider knows is nobody here until the list of people has the address. A
person has what the groups they are in allow together, so no group takes away what another gives; in no group, what the
deployment allows everybody. Hubs outside the deployment's own list are nobody's.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lib.core.access_settings import Group
from lib.core.fence import narrower
from lib.core.people import address_of
from lib.core.settings import Settings

Hubs = tuple[str, ...] | None
_MOST_ENDED = 10_000  # sign-ins that are remembered as ended; the oldest are forgotten first


@dataclass(frozen=True)
class Access:
    """What a visitor may do. `person` is the address, "" where nobody signs in.

    `promql` tells whether queries may be written or only ready-made questions asked. `hubs` are the namespaces whose
    series may be seen, sorted: None is all of them, an empty tuple none.
    """

    person: str = ""
    promql: bool = True
    hubs: Hubs = None


class Why(StrEnum):
    """Why somebody is not let in. Each has its own page."""

    ANONYMOUS = "anonymous"
    NO_ADDRESS = "no address"
    UNVERIFIED = "unverified"
    NOT_LISTED = "not listed"


@dataclass(frozen=True)
class Refusal:
    """Somebody who is not let in. `person` is what the provider calls them: foreign text, "" for nothing."""

    why: Why
    person: str = ""


def access_of(settings: Settings, claims: Mapping[str, object]) -> Access | Refusal:
    """What the bearer of these claims may do. `claims` are those of the ID token, with Streamlit's `is_logged_in`.

    See openid.net/specs/openid-connect-core-1_0.html, section 5.1. A provider that says nothing of `email_verified`
    (Microsoft Entra does not) is believed; one that says anything but true is not. `groups` is no claim of the
    standard, but what Keycloak, Okta, Entra and Dex call theirs.
    """
    rules = settings.access
    if not rules.sign_in:
        return Access("", rules.promql, settings.hubs)
    if claims.get("is_logged_in") is not True:
        return Refusal(Why.ANONYMOUS)
    said = str(claims.get("email") or claims.get("preferred_username") or claims.get("name") or "")
    person, groups = address_of(claims.get("email")), _groups(claims.get("groups"))
    if not person:
        return Refusal(Why.NO_ADDRESS, said)
    if claims.get("email_verified", True) not in (True, "true"):
        return Refusal(Why.UNVERIFIED, person)
    if not rules.allow.has(person, groups):
        return Refusal(Why.NOT_LISTED, person)
    joined = [group for group in rules.groups if group.members.has(person, groups)]
    return Access(person, _may_write(joined, rules.promql), _seen(joined, settings.hubs))


def _groups(claim: object) -> frozenset[str]:
    """The groups that a provider names: a list of texts, or one alone."""
    given = claim if isinstance(claim, Sequence) and not isinstance(claim, str) else [claim]
    return frozenset(name for name in given if isinstance(name, str))


def _may_write(joined: Sequence[Group], usual: bool) -> bool:
    given = [usual if group.promql is None else group.promql for group in joined]
    return any(given) if given else usual


def _seen(joined: Sequence[Group], deployment: Hubs) -> Hubs:
    if not joined or any(group.hubs is None for group in joined):
        return deployment
    return narrower(deployment, {hub for group in joined for hub in group.hubs or ()})


class SignedOut:
    """Sign-ins that are over. What a sign-in is known by are its claims, as its cookie holds them.

    The cookie of a sign-in is good for weeks, and every tab of a browser has it: without this, signing out in one tab
    would leave the others as they are, and a copy of the cookie would go on to open the app.
    """

    def __init__(self) -> None:
        self._marks: OrderedDict[str, None] = OrderedDict()

    def add(self, claims: Mapping[str, object]) -> None:
        """Ends a sign-in."""
        self._marks[_mark(claims)] = None
        while len(self._marks) > _MOST_ENDED:
            self._marks.popitem(last=False)

    def __contains__(self, claims: Mapping[str, object]) -> bool:
        return bool(self._marks) and _mark(claims) in self._marks


def _mark(claims: Mapping[str, object]) -> str:
    text = json.dumps(claims, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()

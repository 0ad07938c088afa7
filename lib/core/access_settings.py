"""Who may use a deployment and what they may do, as settings say it: sign-in, the list of people, groups, levels.

Sign-in itself is Streamlit's (`st.login`): it reads `[auth]` of `secrets.toml` on its own. Here that table is only
looked at, so that a mistake in it is named before anybody is let in; none of its secrets are kept.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lib.core.errors import ConfigError
from lib.core.people import People, read_people

LEAST_SECRET = 32  # characters; with the secret of the cookies anybody can be anybody
_CALLBACK = "/oauth2callback"  # where Streamlit's server takes the provider's answer
_SHARED = ("redirect_uri", "cookie_secret")
_OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123, as Kubernetes names namespaces
_PROVIDER = re.compile(r"[A-Za-z0-9-]{1,40}")  # Streamlit takes no underscore
_WORDS = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


@dataclass(frozen=True)
class Group:
    """Some people and what they may do. None in `promql` is what everybody may; None in `hubs` is every hub."""

    name: str
    members: People
    promql: bool | None = None
    hubs: tuple[str, ...] | None = None


@dataclass(frozen=True)
class AccessSettings:
    """Who may do what. Without `providers` nobody signs in and everybody who reaches the app may use it.

    `providers` are the names under `[auth]`, "" for the one without a name. `allow` are the people who may come in,
    `promql` whether those in no group may write PromQL, `contact` whom to ask to be let in. `open` says that the app
    may serve real data to whoever reaches it, beyond this machine and without sign-in.
    """

    providers: tuple[str, ...] = ()
    allow: People = People()
    promql: bool = True
    groups: tuple[Group, ...] = ()
    contact: str = ""
    open: bool = False

    @property
    def sign_in(self) -> bool:
        """True when people have to sign in."""
        return bool(self.providers)


def read_access(flat: Mapping[str, str], auth: object, groups: Sequence[Mapping[str, Any]]) -> AccessSettings:
    """What the flat settings, the table `[auth]` (None where there is none) and the tables `[[group]]` say.

    Raises ConfigError where sign-in is not whole, where nobody is allowed in, or where a list of people is of no use
    because nobody signs in.
    """
    providers = _providers(auth)
    allow = flat.get("HUBSCOPE_ALLOW", "")
    if providers and not allow:
        raise ConfigError(
            "People can sign in ([auth]), but HUBSCOPE_ALLOW does not say who may come in.",
            "List addresses, a whole domain as @example.org, or * for everybody whom the provider knows.",
        )
    if not providers and (allow or groups):
        what = "HUBSCOPE_ALLOW lists people" if allow else "[[group]] lists people"
        raise ConfigError(f"{what}, but nobody can sign in.", "Add [auth] to secrets.toml: see docs/access.md.")
    return AccessSettings(
        providers=providers,
        allow=read_people(allow, "HUBSCOPE_ALLOW"),
        promql=yes_or_no(flat.get("HUBSCOPE_PROMQL", "yes"), "HUBSCOPE_PROMQL"),
        groups=tuple(_group(table) for table in groups),
        contact=flat.get("HUBSCOPE_CONTACT", "").strip(),
        open=yes_or_no(flat.get("HUBSCOPE_OPEN", "no"), "HUBSCOPE_OPEN"),
    )


def yes_or_no(value: object, setting: str) -> bool:
    """A yes or a no as people write it. Raises ConfigError, which names the setting."""
    found = _WORDS.get(str(value).strip().lower())
    if found is None:
        raise ConfigError(f"{setting} is neither yes nor no.", "Write yes or no.")
    return found


def read_hubs(value: object, setting: str) -> tuple[str, ...]:
    """Hubs by their namespaces, sorted, each once: from a text with commas, or from a list, which may be empty.

    Raises ConfigError, rather than take for all what cannot be read.
    """
    given = value if isinstance(value, (list, tuple)) else str(value).split(",")
    names = tuple(sorted({str(name).strip() for name in given}))
    if not all(map(_NAMESPACE.fullmatch, names)):
        hint = "Write names of namespaces with commas between them, as hub-a,hub-b."
        raise ConfigError(f"{setting} is not a list of hubs.", hint)
    return names


def beyond_loopback(address: str | None) -> bool:
    """Whether a server that listens at this address can be reached from other machines; one without listens to all."""
    name = (address or "").strip().strip("[]").lower()
    if name == "localhost" or name.startswith("unix:"):
        return False
    try:
        return not ipaddress.ip_address(name).is_loopback
    except ValueError:
        return True


def _group(table: Mapping[str, Any]) -> Group:
    name = str(table.get("name", "")).strip()
    if not name:
        raise ConfigError("A [[group]] has no name.", "Give it one: name = 'staff'.")
    where = f"of the group {name[:40]}"
    unknown = sorted(set(table) - {"name", "members", "promql", "hubs"})
    if unknown:
        known = "A group has name, members, promql and hubs."
        raise ConfigError(f"{unknown[0][:40]} {where} is not known.", known)
    members = table.get("members", "")
    text = ",".join(map(str, members)) if isinstance(members, (list, tuple)) else str(members)
    promql = None if "promql" not in table else yes_or_no(table["promql"], f"promql {where}")
    hubs = None if "hubs" not in table else read_hubs(table["hubs"], f"hubs {where}")
    return Group(name, read_people(text, f"members {where}"), promql, hubs)


def _providers(auth: object) -> tuple[str, ...]:
    if auth is None:
        return ()
    if not isinstance(auth, Mapping) or not auth:
        raise ConfigError("[auth] in secrets.toml is no table, or empty.", "Fill it in as docs/access.md shows.")
    _check_shared(auth)
    named = {str(name): table for name, table in auth.items() if isinstance(table, Mapping) and name != "client_kwargs"}
    alone = not named or any(key in auth for key in _OF_PROVIDER)
    for name, table in {**({"": auth} if alone else {}), **named}.items():
        _check_provider(name, table)
    return (*([""] if alone else []), *named)


def _check_shared(auth: Mapping[str, Any]) -> None:
    for key in _SHARED:
        if not str(auth.get(key, "")).strip():
            raise ConfigError(f"{key} in [auth] is missing.", "docs/access.md shows a whole table.")
    if len(str(auth["cookie_secret"])) < LEAST_SECRET:
        hint = 'Make one: python -c "import secrets; print(secrets.token_hex(32))"'
        raise ConfigError(f"cookie_secret in [auth] is shorter than {LEAST_SECRET} characters.", hint)
    uri = str(auth["redirect_uri"])
    if not urlsplit(uri).path.endswith(_CALLBACK):
        hint = f"It is the address of the app with {_CALLBACK} at its end."
        raise ConfigError(f"redirect_uri in [auth] does not end in {_CALLBACK}.", hint)
    _check_address(uri, "redirect_uri in [auth]")


def _check_provider(name: str, table: Mapping[str, Any]) -> None:
    where = f"[auth.{name}]" if name else "[auth]"
    if name and not _PROVIDER.fullmatch(name):
        raise ConfigError(f"{where[:60]} cannot be the name of a provider.", "Use letters, digits and hyphens.")
    for key in _OF_PROVIDER:
        if not str(table.get(key, "")).strip():
            raise ConfigError(f"{key} in {where} is missing.", "The provider gives it: see docs/access.md.")
    _check_address(str(table["server_metadata_url"]), f"server_metadata_url in {where}")


def _check_address(url: str, setting: str) -> None:
    parts = urlsplit(url)
    near = parts.scheme == "http" and not beyond_loopback(parts.hostname)
    if not parts.hostname or (parts.scheme != "https" and not near):
        raise ConfigError(f"{setting} is no https address.", "Only on this machine itself may it begin with http.")

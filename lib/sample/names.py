"""What people are called, and how a name is spelled in pod and directory names."""

import hashlib
import re

from lib.sample.people import CROWD_FROM, ROBOT

ROBOT_NAME = "deployment-service-check"
_FIRST = """
amara björn chidi daria elif farid giulia hana inés jonas keiko lucía maría nadia olu priya quentin rosa søren tala
umar vera wanjiru xavier yara zoë aiko bruno carla dmitri eun fatou greta hugo ilse joão kofi lena mateo noor oona
"""
_LAST = """
abebe bauer castro dubois eriksen fischer garcía haddad ito janssen kowalski lindqvist müller nakamura okafor petrov
quispe rossi santos tanaka usman vargas weber xu yilmaz zhang adeyemi banerjee costa díaz evans ferrari gupta horvat
ivanova jensen kim larsen mbeki novak olsen park reyes
"""
_FIRSTS, _LASTS = _FIRST.split(), _LAST.split()
_PLAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def user_name(cluster: str, number: int) -> str:
    """Return the true name of person `number`, unique within a hub: a login, an e-mail address, a name in Japanese."""
    if number == ROBOT:
        return ROBOT_NAME
    cohort, place = divmod(number, 1000)
    first = _FIRSTS[(cohort * 17 + place) % len(_FIRSTS)]
    if number < CROWD_FROM:
        return f"{first}-{cluster}"
    last = _LASTS[(cohort * 5 + place) % len(_LASTS)]
    code = f"{cohort % 400}{place:03d}"
    if number % 53 == 7:
        return f"研究者{code}"
    return f"{first}.{last}{code}@{cluster}.example" if number % 3 else f"{first}{last[:1]}-{code}"


def safe_name(name: str) -> str:
    """Return the name as kubespawner 7 writes it in Kubernetes: itself if plain, else a slug and 8 hex digits."""
    if _PLAIN.fullmatch(name) and len(name) <= 48:
        return name
    slug = re.sub(r"[^a-z0-9]+", "-", name.encode("ascii", "ignore").decode().lower()).strip("-")[:24].rstrip("-")
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{slug or 'x'}---{digest}"


def escaped_name(name: str) -> str:
    """Return the name as kubespawner before 7 writes it: all but a-z and 0-9 as hyphens and hex digits of UTF-8."""
    return "".join(one if one.isascii() and one.isalnum() else _hex(one) for one in name.lower())


def _hex(character: str) -> str:
    return "".join(f"-{byte:02x}" for byte in character.encode())

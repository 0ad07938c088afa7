"""Which groups people belong to: courses, teams or those who run the hub; some to none, some to several."""

from lib.sample.hubs import Hub, Season
from lib.sample.noise import seed
from lib.sample.people import CROWD_FROM, ROBOT

MULTIPLE, NONE = "multiple", "none"  # how the groups exporter counts those in several groups, and in none
_ADMINS = "hub-admins"
_NAMES = {
    Season.RESEARCH: ("ocean", "atmosphere", "cryosphere", "land-surface", "machine-learning", "remote-sensing"),
    Season.COURSE: ("data-8", "stat-20", "data-100", "econ-148", "phys-77", "astro-128", "graders", "tutors"),
    Season.WORKSHOP: ("participants", "mentors", "team-ice", "team-river", "team-forest", "team-reef"),
    Season.STAGING: ("testers",),
}


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

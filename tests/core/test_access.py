"""Who may do what: lists of people, groups, and what the claims of a sign-in come to."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.access import Access, Refusal, SignedOut, Why, access_of
from lib.core.access_settings import AccessSettings, Group, beyond_loopback
from lib.core.errors import ConfigError
from lib.core.people import People, address_of, read_people
from lib.core.settings import Settings, load_settings

AUTH = {
    "redirect_uri": "https://usage.example.org/oauth2callback",
    "cookie_secret": "c" * 32,
    "client_id": "hubscope",
    "client_secret": "a secret of the client",
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
}


def configured(allow: str = "ada@example.org, @staff.example.org", *groups: Mapping[str, Any], **more: str) -> Settings:
    return load_settings({"HUBSCOPE_ALLOW": allow, **more}, {"auth": AUTH, "group": list(groups)})


def claims(email: object, **more: object) -> dict[str, object]:
    return {"is_logged_in": True, "email": email, "email_verified": True, **more}


def why(settings: Settings, said: Mapping[str, object]) -> Why | None:
    found = access_of(settings, said)
    return found.why if isinstance(found, Refusal) else None


def test_with_nothing_configured_everybody_may_do_everything():
    assert access_of(load_settings(), {}) == Access("", True, None)
    assert access_of(load_settings(), {"is_logged_in": True, "email": "eve@example.org"}) == Access("", True, None)


def test_a_deployment_without_sign_in_may_offer_ready_made_questions_of_some_hubs_only():
    found = load_settings({"HUBSCOPE_PROMQL": "no", "HUBSCOPE_HUBS": "prod,staging"})
    assert access_of(found, {}) == Access("", False, ("prod", "staging"))


ALLOWED = {
    "on the list": "ada@example.org",
    "in capitals": "Ada@Example.ORG",
    "of a domain": "bob@staff.example.org",
    "of a domain in capitals": "bob@STAFF.example.org",
    "with a plus, of a domain": "bob+hub@staff.example.org",
}


@pytest.mark.parametrize("email", ALLOWED.values(), ids=ALLOWED)
def test_who_is_on_the_list_comes_in_under_one_spelling(email):
    assert access_of(configured(), claims(email)) == Access(email.lower(), True, None)


REFUSED = {
    "another address": "eve@example.org",
    "a domain below": "bob@lab.staff.example.org",
    "a domain above": "bob@example.org",
    "a domain that ends alike": "bob@notstaff.example.org",
    "a domain that begins alike": "bob@staff.example.org.evil.example",
    "a longer name": "xada@example.org",
    "with a plus": "ada+x@example.org",
    "with dots": "a.da@example.org",
}
NO_ADDRESS = {
    "two at signs": "eve@evil.example@staff.example.org",
    "a quoted name": '"eve@evil.example"@staff.example.org',
    "a comment": "eve(@evil.example)@staff.example.org",
    "a Kelvin sign for a k": "bob\u212a@staff.example.org",
    "a Cyrillic a": "\u0430da@example.org",
    "a domain with a long s": "bob@\u017ftaff.example.org",
    "full-width letters": "ada@\uff45xample.org",
    "an invisible space": "ada\u200b@example.org",
    "a dot at the end": "bob@staff.example.org.",
    "a line break": "ada@example.org\n",
    "a space": " ada@example.org",
    "a null": "ada@example.org\0",
    "nothing": "",
    "no text": None,
    "a list": ["ada@example.org"],
    "only a domain": "@staff.example.org",
    "two addresses": "ada@example.org,eve@example.org",
}


@pytest.mark.parametrize("email", REFUSED.values(), ids=REFUSED)
def test_who_is_signed_in_but_not_on_the_list_is_not_let_in(email):
    assert access_of(configured(), claims(email)) == Refusal(Why.NOT_LISTED, email)


@pytest.mark.parametrize("email", NO_ADDRESS.values(), ids=NO_ADDRESS)
def test_what_is_no_plain_address_is_on_no_list_not_even_on_that_of_everybody(email):
    for allow in ("ada@example.org, @staff.example.org", "*"):
        assert why(configured(allow), claims(email)) is Why.NO_ADDRESS


VERIFIED = {"true": (True, None), "as text": ("true", None), "false": (False, Why.UNVERIFIED)}
VERIFIED |= {str(word): (word, Why.UNVERIFIED) for word in ("false", "True ", "no", 0, None, "", "1", [True], {})}


@pytest.mark.parametrize(("said", "expected"), VERIFIED.values(), ids=VERIFIED)
def test_an_address_counts_unless_the_provider_says_anything_but_that_it_is_verified(said, expected):
    assert why(configured(), claims("ada@example.org", email_verified=said)) is expected


def test_an_address_counts_where_the_provider_says_nothing_of_verification():
    assert why(configured(), {"is_logged_in": True, "email": "ada@example.org"}) is None


@pytest.mark.parametrize("said", [None, False, "true", 1, "yes"])
def test_nobody_is_signed_in_unless_streamlit_says_so(said):
    assert why(configured("*"), {"is_logged_in": said, "email": "ada@example.org"}) is Why.ANONYMOUS
    assert why(configured("*"), {}) is Why.ANONYMOUS


def test_groups_of_the_provider_let_people_in_where_the_list_names_them():
    settings = configured("group:hub-admins")
    assert why(settings, claims("x@y.example", groups=["others", "hub-admins"])) is None
    assert why(settings, claims("x@y.example", groups="hub-admins")) is None
    for groups in ([], None, ["Hub-Admins"], ["hub-admins,others"], [["hub-admins"]], {"hub-admins": True}, 3):
        assert why(settings, claims("x@y.example", groups=groups)) is Why.NOT_LISTED


GROUPS = (
    {"name": "readers", "members": "reader@example.org", "promql": False},
    {"name": "north", "members": ["@north.example.org", "both@example.org"], "hubs": ["staging"], "promql": False},
    {"name": "south", "members": ["both@example.org", "group:south"], "hubs": "prod, workshop"},
    {"name": "nothing", "members": "empty@example.org", "hubs": []},
    {"name": "writers", "members": "group:writers", "promql": True},
)
RIGHTS = {
    "in no group": (claims("ada@example.org"), Access("ada@example.org", True, None)),
    "presets only": (claims("reader@example.org"), Access("reader@example.org", False, None)),
    "one hub": (claims("a@north.example.org"), Access("a@north.example.org", False, ("staging",))),
    "two groups": (claims("both@example.org"), Access("both@example.org", True, ("prod", "staging", "workshop"))),
    "no hub at all": (claims("empty@example.org"), Access("empty@example.org", True, ())),
    "by a claim": (claims("x@y.example", groups=["south"]), Access("x@y.example", True, ("prod", "workshop"))),
    "all hubs beat some": (
        claims("a@north.example.org", groups=["writers"]),
        Access("a@north.example.org", True, None),
    ),
}


@pytest.mark.parametrize(("said", "expected"), RIGHTS.values(), ids=RIGHTS)
def test_a_person_has_what_their_groups_allow_together(said, expected):
    assert access_of(configured("*", *GROUPS), said) == expected


def test_hubs_outside_the_list_of_the_deployment_are_nobodys():
    settings = configured("*", *GROUPS, HUBSCOPE_HUBS="prod,staging")
    assert access_of(settings, claims("both@example.org")) == Access("both@example.org", True, ("prod", "staging"))
    assert access_of(settings, claims("ada@example.org")) == Access("ada@example.org", True, ("prod", "staging"))


def test_a_group_may_write_where_the_deployment_may_not():
    settings = configured("*", *GROUPS, HUBSCOPE_PROMQL="no")
    assert access_of(settings, claims("x@y.example", groups=["writers"])) == Access("x@y.example", True, None)
    assert access_of(settings, claims("x@y.example", groups=["south"])) == Access(
        "x@y.example", False, ("prod", "workshop")
    )


hubs = st.none() | st.lists(st.sampled_from("abcde"), max_size=4).map(lambda names: tuple(sorted(set(names))))
joined = st.builds(Group, st.just("g"), st.just(People(everyone=True)), st.none() | st.booleans(), hubs)


def rights(settings: Settings, groups: list[Group]) -> Access:
    rules = dataclasses.replace(settings.access, groups=tuple(groups))
    found = access_of(dataclasses.replace(settings, access=rules), claims("ada@example.org"))
    assert isinstance(found, Access)
    return found


def covers(more: Access, less: Access) -> bool:
    seen = more.hubs is None or (less.hubs is not None and set(less.hubs) <= set(more.hubs))
    return seen and more.promql >= less.promql


@given(st.lists(joined, min_size=1, max_size=4), joined, st.booleans(), hubs)
def test_one_more_group_never_takes_rights_away(groups, another, promql, deployment):
    settings = dataclasses.replace(
        configured("*"), hubs=deployment, access=AccessSettings(("",), People(everyone=True), promql)
    )
    more = rights(settings, [*groups, another])
    assert covers(more, rights(settings, groups))
    assert covers(more, rights(settings, [another]))
    assert deployment is None or (more.hubs is not None and set(more.hubs) <= set(deployment))


@given(st.text() | st.integers() | st.none() | st.lists(st.text()))
def test_whatever_an_address_looks_like_only_plain_ascii_ones_that_are_listed_come_in(email):
    found = access_of(configured(), claims(email))
    assert isinstance(found, Refusal)


@given(st.text(), st.text())
def test_an_address_that_comes_in_by_its_domain_ends_in_just_that_domain(name, domain):
    text = f"{name}@{domain}"
    if address_of(text):
        assert text.isascii() and text.count("@") == 1
        assert People(domains=frozenset(["b.example"])).has(address_of(text)) == (domain.lower() == "b.example")


UNREAD = [
    "example.org",
    "@*.example.org",
    "*.example.org",
    "ada",
    "@example",
    "ada@\u0435xample.org",
    "group:",
    "@",
    "**",
]


@pytest.mark.parametrize("text", UNREAD)
def test_a_list_of_people_that_cannot_be_read_is_refused(text):
    with pytest.raises(ConfigError, match="HUBSCOPE_ALLOW") as caught:
        configured(f"ada@example.org, {text}")
    assert "@example.org" in caught.value.hint


def test_a_list_is_read_whatever_stands_between():
    found = read_people("A@b.example ; @C.example,\n group:Hub-Admins", "x")
    assert found == People(False, frozenset(["a@b.example"]), frozenset(["c.example"]), frozenset(["Hub-Admins"]))
    assert not read_people("", "x").has("a@b.example")


# What is wrong with the settings, and a word of the sentence that says so.
BROKEN: dict[str, tuple[dict[str, str], dict[str, Any], str]] = {
    "nobody allowed": ({}, {"auth": AUTH}, "who may come in"),
    "a blank list": ({"HUBSCOPE_ALLOW": " "}, {"auth": AUTH}, "who may come in"),
    "a list without sign-in": ({"HUBSCOPE_ALLOW": "*"}, {}, "nobody can sign in"),
    "groups without sign-in": ({}, {"group": [{"name": "a"}]}, "nobody can sign in"),
    "a group without a name": ({"HUBSCOPE_ALLOW": "*"}, {"auth": AUTH, "group": [{"members": "*"}]}, "no name"),
    "a typo in a group": ({"HUBSCOPE_ALLOW": "*"}, {"auth": AUTH, "group": [{"name": "a", "hub": "x"}]}, "hub of the"),
    "a level that is none": (
        {"HUBSCOPE_ALLOW": "*"},
        {"auth": AUTH, "group": [{"name": "a", "promql": "presets"}]},
        "promql of the group a",
    ),
    "hubs that are none": (
        {"HUBSCOPE_ALLOW": "*"},
        {"auth": AUTH, "group": [{"name": "a", "hubs": ["a|b"]}]},
        "hubs of the group a",
    ),
    "one table of groups": ({"HUBSCOPE_ALLOW": "*"}, {"auth": AUTH, "group": {"name": "a"}}, "list of tables"),
    "an odd level": ({"HUBSCOPE_PROMQL": "maybe"}, {}, "HUBSCOPE_PROMQL"),
    "an odd openness": ({"HUBSCOPE_OPEN": "wide"}, {}, "HUBSCOPE_OPEN"),
    "no table": ({"HUBSCOPE_ALLOW": "*"}, {"auth": []}, "[auth]"),
    "an empty table": ({"HUBSCOPE_ALLOW": "*"}, {"auth": {}}, "[auth]"),
    "a short secret": ({"HUBSCOPE_ALLOW": "*"}, {"auth": {**AUTH, "cookie_secret": "xxx"}}, "cookie_secret"),
    "another way back": (
        {"HUBSCOPE_ALLOW": "*"},
        {"auth": {**AUTH, "redirect_uri": "https://usage.example.org/"}},
        "redirect_uri",
    ),
    "a way back in the clear": (
        {"HUBSCOPE_ALLOW": "*"},
        {"auth": {**AUTH, "redirect_uri": "http://usage.example.org/oauth2callback"}},
        "redirect_uri",
    ),
    "a provider in the clear": (
        {"HUBSCOPE_ALLOW": "*"},
        {"auth": {**AUTH, "server_metadata_url": "http://login.example.org/x"}},
        "server_metadata_url",
    ),
    "a provider with an underscore": (
        {"HUBSCOPE_ALLOW": "*"},
        {"auth": {**AUTH, "my_provider": {"client_id": "x"}}},
        "name of a provider",
    ),
}
BROKEN |= {
    f"no {key}": ({"HUBSCOPE_ALLOW": "*"}, {"auth": {name: AUTH[name] for name in AUTH if name != key}}, key)
    for key in AUTH
}


@pytest.mark.parametrize(("flat", "tables", "word"), BROKEN.values(), ids=BROKEN)
def test_access_that_is_not_set_up_right_lets_nobody_in_and_says_why(flat, tables, word):
    with pytest.raises(ConfigError) as caught:
        load_settings(flat, tables)
    assert word in caught.value.message
    assert caught.value.hint
    assert "secret of the client" not in caught.value.message + caught.value.hint


def test_several_providers_are_known_by_their_names():
    shared = {key: AUTH[key] for key in ("redirect_uri", "cookie_secret")}
    own = {key: AUTH[key] for key in AUTH if key not in shared}
    found = load_settings({"HUBSCOPE_ALLOW": "*"}, {"auth": {**shared, "google": own, "cilogon": own}})
    assert found.access.providers == ("google", "cilogon")
    assert load_settings({"HUBSCOPE_ALLOW": "*"}, {"auth": {**AUTH, "client_kwargs": {}}}).access.providers == ("",)


def test_settings_keep_no_secret_of_the_sign_in():
    text = repr(configured())
    assert AUTH["cookie_secret"] not in text and AUTH["client_secret"] not in text


NEAR = ["127.0.0.1", "127.9.8.7", "localhost", "::1", "[::1]", "unix:/run/hubscope.sock"]
FAR = ["0.0.0.0", "::", "", None, "192.168.1.4", "usage.example.org", "10.0.0.1", "localhost.example.org"]


@pytest.mark.parametrize("address", NEAR)
def test_loopback_is_this_machine_only(address):
    assert not beyond_loopback(address)


@pytest.mark.parametrize("address", FAR)
def test_every_other_address_may_be_reached_by_others(address):
    assert beyond_loopback(address)


def test_a_sign_in_that_was_ended_stays_ended_and_no_other_with_it():
    over = SignedOut()
    one, other = claims("ada@example.org", iat=1, nonce="a"), claims("ada@example.org", iat=2, nonce="b")
    assert one not in over
    over.add(one)
    assert one in over and json.loads(json.dumps(one)) in over
    assert other not in over

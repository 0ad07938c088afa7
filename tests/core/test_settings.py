"""Settings: the order of their layers, addresses brought into one form, tokens that never show."""

from __future__ import annotations

import copy
import dataclasses
import io
import pickle
import re
import tomllib
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from lib.core.addresses import normalise_url
from lib.core.errors import ConfigError
from lib.core.secret import Secret, check_token
from lib.core.setting_names import SETTINGS
from lib.core.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
TOKEN = "glsa_canary0canary0canary0_0123abcd"
PAIR = {"GRAFANA_URL": "https://grafana.example.org", "GRAFANA_TOKEN": TOKEN}


def test_nothing_configured_means_the_sample():
    assert load_settings({}, {}, {}).sample
    assert load_settings() == Settings()


def test_an_address_and_a_token_are_enough():
    found = load_settings(PAIR)
    assert [grafana.url for grafana in found.grafanas] == ["https://grafana.example.org"]
    assert found.grafanas[0].token.reveal() == TOKEN
    assert found.grafanas[0].name == "grafana.example.org"
    assert not found.sample and found.prometheuses == ()


# The value of HUBSCOPE_TIMEOUT in the environment, in .env and in secrets.toml, and which of them counts.
LAYERS = {
    "the environment wins": ("11", "22", "33", 11),
    "then .env": (None, "22", "33", 22),
    "then secrets.toml": (None, None, "33", 33),
    "a blank value counts as absent": ("", "  ", "33", 33),
    "none of them": (None, None, None, 30),
    "a number in TOML is as good as a text": (None, None, 44, 44),
}


@pytest.mark.parametrize(("environment", "file", "secrets", "expected"), LAYERS.values(), ids=LAYERS)
def test_the_most_important_layer_wins(environment, file, secrets, expected):
    layers = [{} if value is None else {"HUBSCOPE_TIMEOUT": value} for value in (environment, file, secrets)]
    assert load_settings(*layers).timeout == expected


def test_a_setting_may_come_from_another_layer_than_its_neighbour():
    found = load_settings({"GRAFANA_URL": "one.example"}, {"GRAFANA_TOKEN": TOKEN}, {"GRAFANA_URL": "two.example"})
    assert [grafana.url for grafana in found.grafanas] == ["https://one.example"]


def test_time_is_utc_with_fiscal_years_from_january_unless_settings_say_otherwise():
    usual = load_settings()
    assert (usual.zone, usual.fiscal_start, usual.scrape, usual.periods) == ("UTC", 1, 60, "")
    own = {"HUBSCOPE_ZONE": "Asia/Kolkata", "HUBSCOPE_FISCAL_START": "4", "HUBSCOPE_SCRAPE_SECONDS": "15"}
    found = load_settings(own, {"HUBSCOPE_PERIODS": "terms.toml"})
    assert (found.zone, found.fiscal_start, found.scrape, found.periods) == ("Asia/Kolkata", 4, 15, "terms.toml")


def test_languages_are_a_list_in_which_english_goes_without_saying():
    assert load_settings().languages == ()
    assert load_settings({"HUBSCOPE_LANGUAGES": "DE, fr,en"}).languages == ("de", "fr")


def test_hubs_are_a_list_without_which_all_may_be_seen():
    assert load_settings().hubs is None
    assert load_settings({"HUBSCOPE_HUBS": " "}).hubs is None
    assert load_settings({"HUBSCOPE_HUBS": "north, earth,north"}).hubs == ("earth", "north")


NO_HUBS = {
    "only commas": ",",
    "one that is empty": "north,,earth",
    "a pattern": "north|earth",
    "anything": ".*",
    "a list as TOML has it": "['north', 'earth']",
    "a line break": "north\nearth",
    "too long for Kubernetes": "n" * 64,
}


@pytest.mark.parametrize("text", NO_HUBS.values(), ids=NO_HUBS)
def test_a_list_of_hubs_that_is_none_is_refused_rather_than_taken_for_all(text):
    with pytest.raises(ConfigError, match="HUBSCOPE_HUBS") as caught:
        load_settings({"HUBSCOPE_HUBS": text})
    assert caught.value.hint


NO_TIMES = {
    "an abbreviation": {"HUBSCOPE_ZONE": "CST"},
    "a path": {"HUBSCOPE_ZONE": "../../etc/passwd"},
    "a thirteenth month": {"HUBSCOPE_FISCAL_START": "13"},
    "a month by name": {"HUBSCOPE_FISCAL_START": "July"},
    "a language in full": {"HUBSCOPE_LANGUAGES": "de, french"},
    "no time at all": {"HUBSCOPE_SCRAPE_SECONDS": "0"},
    "files without rows": {"HUBSCOPE_MAX_ROWS": "0"},
}


@pytest.mark.parametrize("values", NO_TIMES.values(), ids=NO_TIMES)
def test_settings_of_time_that_cannot_be_are_refused_by_name(values):
    with pytest.raises(ConfigError, match=next(iter(values))) as caught:
        load_settings(values)
    assert caught.value.hint


NORMALISED = {
    "as it should be": ("https://g.example.org", "https://g.example.org"),
    "without a scheme": ("g.example.org", "https://g.example.org"),
    "with blanks around": ("  https://g.example.org \n", "https://g.example.org"),
    "a slash at the end": ("https://g.example.org/", "https://g.example.org"),
    "several slashes at the end": ("https://g.example.org//", "https://g.example.org"),
    "a sub-path": ("https://g.example.org/grafana/", "https://g.example.org/grafana"),
    "double slashes inside": ("https://g.example.org//a//b", "https://g.example.org/a/b"),
    "the login page": ("https://g.example.org/login", "https://g.example.org"),
    "the login page of a sub-path": ("https://g.example.org/grafana/login/", "https://g.example.org/grafana"),
    "a path that only begins like it": ("https://g.example.org/loginx", "https://g.example.org/loginx"),
    "capitals": ("HTTPS://G.Example.ORG/Sub", "https://g.example.org/Sub"),
    "a port": ("https://g.example.org:8443", "https://g.example.org:8443"),
    "a port without a scheme": ("localhost:3000", "https://localhost:3000"),
    "an empty port": ("https://g.example.org:", "https://g.example.org"),
    "plain http": ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
    "an address in brackets": ("http://[::1]:3000/", "http://[::1]:3000"),
    "an international name in its ASCII form": ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
}


@pytest.mark.parametrize(("text", "expected"), NORMALISED.values(), ids=NORMALISED)
def test_an_address_is_brought_into_one_form(text, expected):
    assert normalise_url(text, "GRAFANA_URL") == expected
    assert normalise_url(expected, "GRAFANA_URL") == expected


NO_ADDRESSES = {
    "nothing": "",
    "no host": "https://",
    "no host but a path": "https:///x",
    "another scheme": "ftp://g.example.org",
    "a file": "file:///etc/passwd",
    "a script": "javascript:alert(1)",
    "a user name": "https://me@g.example.org",
    "a password": f"https://me:{TOKEN}@g.example.org",
    "an empty user name": "https://@g.example.org",
    "a user name without a scheme": "me:secret@g.example.org",
    "a query": "https://g.example.org?orgId=1",
    "an empty query": "https://g.example.org/?",
    "a fragment": "https://g.example.org/#x",
    "a backslash": "https://g.example.org\\evil",
    "backslashes for slashes": "https:\\\\g.example.org",
    "a backslash before another host": "https://g.example.org\\@evil.example",
    "an international name": "https://bücher.example",
    "a full-width dot": "https://g．example",
    "no scheme but slashes": "//g.example.org",
    "a port too high": "https://g.example.org:99999",
    "port zero": "https://g.example.org:0",
    "a port in words": "https://g.example.org:http",
    "a way up": "https://g.example.org/a/../b",
    "a way to here": "https://g.example.org/a/./b",
    "a way up in disguise": "https://g.example.org/%2e%2e/b",
    "a semicolon": "https://g.example.org/;x",
    "a blank in the host": "https://g.exa mple.org",
    "a tab, which urllib drops": "https://g.example.org/a\tb",
    "a line break, which urllib drops": "https://g.example.org/\nHost:evil",
    "a control character": "https://g.example.org/\x00",
    "half a bracket": "http://[::1",
    "a token": TOKEN,
}


@pytest.mark.parametrize("text", NO_ADDRESSES.values(), ids=NO_ADDRESSES)
def test_what_is_no_address_is_refused_and_not_repeated(text):
    with pytest.raises(ConfigError, match="^GRAFANA_URL ") as caught:
        load_settings({"GRAFANA_URL": text or " ", "GRAFANA_TOKEN": TOKEN})
    assert text == "" or text not in caught.value.message
    assert TOKEN not in caught.value.message + caught.value.hint


@given(st.text(max_size=60))
def test_any_text_is_an_address_in_one_form_or_a_config_error(text):
    try:
        found = normalise_url(text, "GRAFANA_URL")
    except ConfigError as error:
        assert error.message.startswith("GRAFANA_URL ")
    else:
        assert re.fullmatch(r"https?://[a-z0-9.:\[\]-]+(/[A-Za-z0-9._~-]+)*", found)
        assert normalise_url(found, "GRAFANA_URL") == found


USABLE_TOKENS = {
    "as Grafana makes them": TOKEN,
    "a line break at its end, as mounted files have": f"{TOKEN}\n",
    "blanks around": f"  {TOKEN}\t",
    "quotes around": f'"{TOKEN}"',
    "single quotes around": f"'{TOKEN}'",
}


@pytest.mark.parametrize("text", USABLE_TOKENS.values(), ids=USABLE_TOKENS)
def test_a_token_is_stripped_of_what_copying_adds(text):
    assert check_token(text, "GRAFANA_TOKEN").reveal() == TOKEN


def test_an_old_api_key_that_ends_in_equals_signs_is_a_token():
    assert check_token("eyJrIjoiT0tTcG1pUlY2RnVKZTFVaDFsNFZXdE9ZWmNrMkZYbk0==", "GRAFANA_TOKEN")


MALFORMED = {
    "a line break inside": f"{TOKEN}\nX-Evil: 1",
    "a carriage return inside": f"{TOKEN}\r{TOKEN}",
    "a byte order mark": f"\ufeff{TOKEN}",
    "curly quotes": f"“{TOKEN}”",
    "two tokens with a blank": f"{TOKEN} {TOKEN}",
    "two tokens with a comma": f"{TOKEN},{TOKEN}",
    "the word Bearer before it": f"Bearer {TOKEN}",
    "the name of the setting before it": f"GRAFANA_TOKEN={TOKEN}",
    "another alphabet": f"{TOKEN}ключ",
    "a zero byte": f"{TOKEN}\x00",
    "an invisible space": f"{TOKEN}\u200b",
    "too short": "glsa_x",
    "too long": TOKEN * 20,
    "three dots": f"{TOKEN}…",
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_token_is_refused_by_the_name_of_its_setting_and_never_shown(text):
    with pytest.raises(ConfigError, match="^GRAFANA_TOKEN ") as caught:
        load_settings(PAIR | {"GRAFANA_TOKEN": text})
    error = caught.value
    for shown in (error.message, error.hint, str(error), repr(error), repr(error.__dict__)):
        assert TOKEN not in shown and text.strip() not in shown
    assert error.__context__ is None and error.__cause__ is None


@pytest.mark.parametrize("blank", ["", "  ", "\n", '""', "' '"], ids=repr)
def test_a_missing_token_is_said_to_be_empty(blank):
    with pytest.raises(ConfigError, match="^GRAFANA_TOKEN is empty"):
        load_settings(PAIR | {"GRAFANA_TOKEN": blank})


def test_a_token_without_an_address_names_what_is_missing():
    with pytest.raises(ConfigError, match="^GRAFANA_URL is missing"):
        load_settings({"GRAFANA_TOKEN": TOKEN})


PRINTED = {
    "str": str,
    "repr": repr,
    "an f-string": lambda secret: f"{secret}",
    "format": "{}".format,
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  the form that log calls use
    "inside a dataclass": lambda secret: repr(load_settings(PAIR)),
    "inside asdict": lambda secret: repr(dataclasses.asdict(load_settings(PAIR))),
    "inside an exception": lambda secret: repr(ValueError(secret)),
}


@pytest.mark.parametrize("print_it", PRINTED.values(), ids=PRINTED)
def test_a_secret_prints_as_stars(print_it):
    shown = print_it(Secret(TOKEN))
    assert "***" in shown and TOKEN not in shown


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_cannot_be_pickled_alone_or_inside_the_settings(protocol):
    for value in (Secret(TOKEN), load_settings(PAIR)):
        written = io.BytesIO()
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.Pickler(written, protocol).dump(value)
        assert TOKEN.encode() not in written.getvalue()


def test_a_secret_is_never_doubled():
    secret = Secret(TOKEN)
    assert copy.copy(secret) is copy.deepcopy(secret) is secret
    assert not hasattr(secret, "__dict__")


def test_secrets_of_one_text_are_told_apart_by_labels_that_say_nothing_of_it():
    first, second = Secret(TOKEN), Secret(TOKEN)
    assert first != second and first.label != second.label
    assert first.label not in TOKEN


def test_several_grafanas_are_written_as_tables():
    secrets = tomllib.loads(f"""
        [[grafana]]
        name = "north"
        url = "https://grafana.north.example.org/"
        token = "{TOKEN}"
        uids = {{ abc-1 = "utopia", abc_2 = "" }}

        [[grafana]]
        url = "grafana.south.example.org"
        token = "{TOKEN}"

        [[prometheus]]
        name = "lab"
        url = "https://prometheus.lab.example.org"
        username = "reader"
        password = "{TOKEN}"
    """)
    found = load_settings({}, {}, secrets)
    assert [(each.name, each.url) for each in found.grafanas] == [
        ("north", "https://grafana.north.example.org"),
        ("grafana.south.example.org", "https://grafana.south.example.org"),
    ]
    assert found.grafanas[0].uids == (("abc-1", "utopia"), ("abc_2", "abc_2"))
    assert found.prometheuses[0].username == "reader"
    assert found.prometheuses[0].password.reveal() == TOKEN
    assert TOKEN not in repr(found)


def test_tables_add_to_the_flat_settings():
    tables = {"grafana": [{"name": "other", "url": "other.example.org", "token": TOKEN}]}
    found = load_settings(PAIR, {}, tables)
    assert [each.name for each in found.grafanas] == ["grafana.example.org", "other"]


def test_a_prometheus_needs_no_grafana():
    found = load_settings({"PROMETHEUS_URL": "http://localhost:9090/", "PROMETHEUS_NAME": "mine"})
    assert [(each.name, each.url) for each in found.prometheuses] == [("mine", "http://localhost:9090")]
    assert found.grafanas == () and not found.sample


def test_data_sources_may_be_listed_by_uid():
    found = load_settings(PAIR | {"GRAFANA_UIDS": "abc=utopia, def = atlantis ,ghi"})
    assert found.grafanas[0].uids == (("abc", "utopia"), ("def", "atlantis"), ("ghi", "ghi"))


WRONG = {
    "one bracket instead of two": ({"grafana": {"url": "x"}}, "list of tables"),
    "a list of texts": ({"grafana": ["x"]}, "list of tables"),
    "a table without an address": ({"grafana": [{"token": TOKEN}]}, "url in .* is missing"),
    "a table without a token": ({"grafana": [{"url": "g.example.org"}]}, "token in .* is empty"),
    "two of one name": ({"grafana": [{"name": "a", "url": f"{n}.example", "token": TOKEN} for n in "xy"]}, "called a"),
    "a uid that leads elsewhere": (PAIR | {"GRAFANA_UIDS": "../../api/admin=x"}, "GRAFANA_UIDS"),
    "a uid with a line break": ({"grafana": [PAIR | {"url": "g", "token": TOKEN, "uids": {"a\nb": ""}}]}, "uids in"),
    "a time limit in words": ({"HUBSCOPE_TIMEOUT": "soon"}, "HUBSCOPE_TIMEOUT"),
    "a time limit of nothing": ({"HUBSCOPE_TIMEOUT": "0"}, "HUBSCOPE_TIMEOUT"),
    "an endless time limit": ({"HUBSCOPE_TIMEOUT": "inf"}, "HUBSCOPE_TIMEOUT"),
    "a time limit that is no number": ({"HUBSCOPE_TIMEOUT": "nan"}, "HUBSCOPE_TIMEOUT"),
    "no places": ({"HUBSCOPE_PLACES": "0"}, "HUBSCOPE_PLACES"),
    "memory in words": ({"HUBSCOPE_MEMORY_MB": "much"}, "HUBSCOPE_MEMORY_MB"),
    "a tenant with a line break": ({"PROMETHEUS_URL": "p.example", "PROMETHEUS_ORG": "a\nb"}, "PROMETHEUS_ORG"),
    "a tenant in a table": ({"prometheus": [{"url": "p.example", "org": "a b"}]}, "org in"),
    "a password in the address of a Prometheus": ({"PROMETHEUS_URL": f"https://x:{TOKEN}@p.example"}, "PROMETHEUS_URL"),
}


@pytest.mark.parametrize(("layer", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_named_with_a_next_step(layer, words):
    with pytest.raises(ConfigError, match=words) as caught:
        load_settings(layer)
    assert caught.value.hint and TOKEN not in caught.value.message + caught.value.hint


NAMES = {setting.name for setting in SETTINGS}


def test_every_setting_has_one_name_and_says_what_it_does():
    assert len(NAMES) == len(SETTINGS)
    assert all(setting.help.endswith(".") for setting in SETTINGS)


def test_the_example_of_an_env_file_names_every_setting_and_nothing_else(tmp_path):
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    uncommented = [re.sub(r"^#(?=[A-Z_]+=)", "", line) for line in lines]
    (tmp_path / ".env").write_text("\n".join(uncommented), encoding="utf-8")
    assert set(dotenv_values(tmp_path / ".env")) == NAMES


@pytest.mark.parametrize(("said", "plain"), [({}, False), ("promql", False), ("plain", True)])
def test_a_plain_editor_is_asked_for_by_name(said, plain):
    assert load_settings({"HUBSCOPE_EDITOR": said} if said else {}).plain_editor is plain


def test_an_editor_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="HUBSCOPE_EDITOR"):
        load_settings({"HUBSCOPE_EDITOR": "vim"})


def test_the_example_of_an_env_file_only_lacks_a_token():
    given = dotenv_values(ROOT / ".env.example")
    assert not given["GRAFANA_TOKEN"]
    assert load_settings(given | {"GRAFANA_TOKEN": TOKEN}).grafanas


def test_the_example_of_secrets_names_every_setting_and_only_lacks_a_token():
    text = (ROOT / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8")
    assert set(re.findall(r"\b(?:GRAFANA|PROMETHEUS|HUBSCOPE)_[A-Z_]+\b", text)) == NAMES
    given = tomllib.loads(text)
    assert not given["GRAFANA_TOKEN"]
    assert load_settings(given | {"GRAFANA_TOKEN": TOKEN}).grafanas


def test_the_tables_in_the_example_of_secrets_work_once_their_tokens_are_filled_in():
    text = (ROOT / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8")
    tables = re.sub(r"^# ?", "", text[text.index("# [[grafana]]") :], flags=re.MULTILINE)
    filled = tables.replace("glsa_...", TOKEN).replace('cookie_secret = "..."', f'cookie_secret = "{"c" * 32}"')
    found = load_settings({"HUBSCOPE_ALLOW": "@example.org"}, tomllib.loads(filled))
    assert found.grafanas[0].uids and found.prometheuses[0].username
    assert found.access.sign_in and found.access.groups[0].hubs == ("prod", "staging")


def test_limits_tenant_and_folder_are_read():
    flat = {"HUBSCOPE_PLACES": "30", "HUBSCOPE_MEMORY_MB": "64", "HUBSCOPE_CACHE": "kept", "HUBSCOPE_CACHE_MB": "100"}
    found = load_settings({**flat, "PROMETHEUS_URL": "p.example", "PROMETHEUS_ORG": "team-a"})
    assert (found.places, found.memory_bytes, found.cache, found.cache_bytes) == (30, 2**26, "kept", 100 * 2**20)
    assert [server.org for server in found.prometheuses] == ["team-a"]
    assert load_settings({}).places == 8

"""The guard before the app: what it lets in, what it refuses, what it adds, and how it slows a flood down."""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from lib.core.errors import ConfigError
from lib.core.guard_settings import GuardSettings
from lib.core.settings import load_settings
from lib.ui.guard import headers
from lib.ui.guard.floods import BURST, TOO_OFTEN, Crowd, Pace, Turnstile
from lib.ui.guard.hosts import host_name, is_allowed
from tests.ui.guarded import HOST, Behind, ask, asking, guard, request

STREAM = "/_stcore/stream"
REQUIRED = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
ANSWERS = {
    "a page": (request("/"), 200),
    "a file": (request("/static/js/index.js"), 200),
    "a download": (request("/media/abc.csv"), 200),
    "health": (request("/_stcore/health"), 200),
    "what is closed": (request("/_stcore/metrics"), 404),
    "a method that is not answered": (request("/", method="POST"), 405),
    "a name that is not ours": (request("/", host="evil.example"), 421),
    "a web socket of another page": (request(STREAM, kind="websocket", origin="http://evil.example"), 403),
    "a web socket that is none": (request("/other", kind="websocket"), 404),
}


@pytest.mark.parametrize(("scope", "status"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_has_every_header_once(scope, status) -> None:
    reply = ask(guard(Behind()), scope)
    assert reply.status == status
    assert {name: reply.headers[name] for name in REQUIRED} == REQUIRED
    policy = dict(rule.split(" ", 1) for rule in reply.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert "'unsafe-eval'" not in policy["script-src"] and "'unsafe-inline'" not in policy["script-src"]
    assert (
        "http" not in reply.headers["content-security-policy"] and "*" not in reply.headers["content-security-policy"]
    )
    assert "geolocation=()" in reply.headers["permissions-policy"]
    assert "strict-transport-security" not in reply.headers


def test_browsers_are_told_to_keep_to_https_only_where_a_setting_says_so() -> None:
    for path in ("/", "/_stcore/metrics"):
        assert (
            ask(guard(Behind(), https=True), request(path)).headers["strict-transport-security"] == "max-age=31536000"
        )


def test_the_script_inside_the_page_runs_by_its_hash_and_another_would_not(tmp_path) -> None:
    page = headers.PAGE.read_text(encoding="utf-8")
    assert re.findall(r"<script>\s*(.*?)\s*</script>", page, re.DOTALL) == ["window.prerenderReady = false"]
    other = tmp_path / "index.html"
    other.write_text(page.replace("prerenderReady = false", "prerenderReady = true"), encoding="utf-8")
    assert headers.content_policy(other) != headers.content_policy()
    assert headers.content_policy().count("'sha256-") == 1


CLOSED = [
    "_stcore/upload_file/a/b",
    "_stcore/upload_file",
    "_stcore/metrics",
    "_stcore/script-health-check",
    "_stcore/agent/openapi.json",
    "_stcore/agent/interact",
    "_stcore/agent/mcp",
    "_stcore/bidi-components/a/b.js",
    "_stcore/something-of-a-later-streamlit",
    "_stcore/",
    "_stcore/stream",
    "_stcore",
    "_stcore/upload_file/_stcore/health",
    "_stcore/health/",
    "chart/_stcore/metrics",
    "component/a/index.html",
    "component",
]


@pytest.mark.parametrize("base", ["", "services/usage"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_what_is_closed_is_not_there_whatever_the_method_and_nothing_sent_is_read(base: str, method: str) -> None:
    behind = Behind()
    for path in CLOSED:
        scope = request(f"/{base}/{path}".replace("//", "/"), method=method)
        reply = ask(guard(behind, base), scope, [AssertionError])  # type: ignore[list-item]
        assert (reply.status, reply.headers["connection"]) == (404, "close"), path
        assert reply.body == (b"" if method == "HEAD" else b"Not found.")
    assert behind.asked == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_only_what_reads_is_answered(method: str) -> None:
    behind = Behind()
    reply = ask(guard(behind), request("/", method=method))
    assert (reply.status, reply.headers["allow"], behind.asked) == (405, "GET, HEAD", [])


NAMES = ("usage.example.org", "*.example.net")
HOSTS = {
    "localhost": True,
    "localhost:8501": True,
    "a.localhost": True,
    "127.0.0.1:8501": True,
    "10.1.2.3": True,
    "[::1]:8501": True,
    "[2001:db8::1]": True,
    "usage.example.org": True,
    "USAGE.example.org.:443": True,
    "a.b.example.net": True,
    "example.net": False,
    "evil.example": False,
    "usage.example.org.evil.example": False,
    "evilusage.example.org": False,
    "localhost.evil.example": False,
    "127.0.0.1.evil.example": False,
    "usage.example.org@evil.example": False,
    "evil.example@usage.example.org": False,
    "usage.example.org:x": False,
    "usage.example.org/evil": False,
    "usage.example.org, evil.example": False,
    "usage.example.org evil.example": False,
    "": False,
}


@pytest.mark.parametrize(("host", "allowed"), HOSTS.items(), ids=HOSTS)
def test_a_name_that_is_not_ours_is_refused_on_pages_and_web_sockets_and_not_repeated(host: str, allowed: bool) -> None:
    assert is_allowed(host, NAMES) is allowed
    behind = Behind()
    reply = ask(guard(behind, hosts=NAMES), request("/", host=host))
    socket = ask(guard(behind, hosts=NAMES), request(STREAM, kind="websocket", host=host, origin=f"http://{host}"))
    assert (reply.status, socket.status) == ((200, 101) if allowed else (421, 421))
    assert allowed or (behind.asked == [] and b"HUBSCOPE_HOSTS" in reply.body and b"evil" not in reply.body)


def test_whoever_watches_the_server_need_not_know_its_name() -> None:
    assert ask(guard(Behind()), request("/_stcore/health", host="evil.example")).status == 200
    assert ask(guard(Behind()), request("/_stcore/health", host="")).status == 200
    under = guard(Behind(), "services/usage")
    assert ask(under, request("/services/usage/_stcore/health", host="evil.example")).status == 200
    for path in ("/_stcore/host-config", "/chart/_stcore/health", "/media/_stcore/health"):
        assert ask(guard(Behind()), request(path, host="evil.example")).status == 421


def test_a_request_for_two_hosts_is_for_none() -> None:
    scope = request("/")
    scope["headers"].append((b"Host", b"evil.example"))
    assert ask(guard(Behind()), scope).status == 421


@given(st.text(max_size=60))
def test_no_host_makes_the_guard_stumble_and_what_it_reads_is_a_name(text: str) -> None:
    name = host_name(text)
    assert name is None or (name == name.lower() and name in text.lower())
    assert is_allowed(text, NAMES) in (True, False)


ORIGINS = {
    "its own page": (f"http://{HOST}", HOST, "ws", True),
    "its own page over https": ("https://usage.example.org", "usage.example.org", "wss", True),
    "its own page behind a proxy that does not say https": (
        "https://usage.example.org",
        "usage.example.org",
        "ws",
        True,
    ),
    "another host": ("http://evil.example", HOST, "ws", False),
    "another port of this host": ("http://127.0.0.1:9000", HOST, "ws", False),
    "this host without the port": ("http://127.0.0.1", HOST, "ws", False),
    "no page": ("", HOST, "ws", False),
    "a file, or a frame without rights": ("null", HOST, "ws", False),
    "a page over http for one over https": ("http://usage.example.org", "usage.example.org", "wss", False),
    "another host that leads here": ("http://evil.example", "evil.example", "ws", False),
    "another name of this machine": ("http://localhost:8501", HOST, "ws", False),
    "a name before a @": (f"http://{HOST}@evil.example", HOST, "ws", False),
    "more than an origin": (f"http://{HOST}/page", HOST, "ws", False),
    "an extension": (f"chrome-extension://{HOST}", HOST, "ws", False),
    "a part of the name": ("http://127.0.0.1:85011", HOST, "ws", False),
}


@pytest.mark.parametrize(("origin", "host", "scheme", "allowed"), ORIGINS.values(), ids=ORIGINS)
def test_only_a_page_of_the_same_host_and_port_opens_a_web_socket(origin, host, scheme, allowed) -> None:
    behind = Behind()
    scope = request(STREAM, kind="websocket", origin=origin, host=host, scheme=scheme)
    reply = ask(guard(behind, hosts=NAMES), scope)
    assert (reply.status == 101, behind.asked == [STREAM]) == (allowed, allowed)


def test_a_web_socket_that_cannot_be_answered_in_words_is_closed() -> None:
    scope = request(STREAM, kind="websocket", origin="null") | {"extensions": {}}
    sent = []

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(guard(Behind())(scope, lambda: asyncio.sleep(0), send))  # type: ignore[arg-type,return-value]
    assert sent == [{"type": "websocket.close", "code": 1008}]


class Clock:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_at_once_and_what_comes_after_it_at_an_even_pace() -> None:
    clock = Clock()
    pace = Pace(5, 10.0, clock)
    assert [pace.delay() for _ in range(5)] == [0.0] * 5
    assert [pace.delay() for _ in range(4)] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert pace.in_a_row == 4
    clock.now = 0.9
    assert pace.delay() == 0.0 and pace.in_a_row == 0
    clock.now = 100.0
    assert [pace.delay() for _ in range(6)] == pytest.approx([0.0] * 5 + [0.1])


@given(st.lists(st.floats(0, 2), min_size=1, max_size=200), st.integers(1, 30), st.sampled_from([1.0, 10.0, 50.0]))
def test_in_no_stretch_of_time_does_more_pass_than_a_burst_and_its_share(gaps, burst: int, rate: float) -> None:
    clock, passed = Clock(), list[float]()
    pace = Pace(burst, rate, clock)
    for gap in gaps:
        clock.now += gap
        clock.now += pace.delay()  # who waits sends nothing meanwhile
        passed.append(clock.now)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            assert last - first + 1 <= burst + rate * (passed[last] - passed[first]) + 1e-6


def test_rooms_are_counted_in_all_and_by_address_and_given_back() -> None:
    crowd = Crowd(3, 2)
    for address in ("a", "a", "b"):
        assert not crowd.is_full_for(address)
        crowd.enter(address)
    assert crowd.is_full_for("a") and crowd.is_full_for("c")
    crowd.leave("a")
    assert not crowd.is_full_for("c") and not crowd.is_full_for("a")
    crowd.leave("a")
    crowd.leave("b")
    assert len(crowd) == 0 and not crowd._by_address


def test_of_150_web_sockets_from_one_address_50_are_refused_and_others_still_come_in() -> None:
    async def flood() -> tuple[list[int], int, int, bytes, int]:
        behind, leave = Behind(), asyncio.Event()
        app = guard(behind)

        async def stays(client: str) -> int:
            sent: list[int] = []

            async def receive():
                await leave.wait()
                return {"type": "websocket.disconnect", "code": 1000}

            async def send(message) -> None:
                sent.append(101 if message["type"] == "websocket.accept" else message.get("status", 0))

            await app(request(STREAM, kind="websocket", client=client), receive, send)
            return sent[0]

        visits = [asyncio.create_task(stays("192.0.2.1")) for _ in range(150)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        page = await asking(app, request("/"))
        others = await asking(app, request("/", client="192.0.2.2"))
        seen = len(app.crowd)
        leave.set()
        return [await each for each in visits], page.status, others.status, page.body, seen - len(app.crowd)

    statuses, page, others, words, given_back = asyncio.run(flood())
    assert (statuses.count(101), statuses.count(503), given_back) == (100, 50, 100)
    assert (page, others) == (503, 200) and b"Too many pages are open" in words


def frame(query: str = "", **kind: object):
    """A frame as a browser sends it, by default one that runs the page again."""
    message = BackMsg(**kind) if kind else BackMsg(rerun_script=ClientState(query_string=query))
    return {"type": "websocket.receive", "bytes": message.SerializeToString()}


class Unhurried:
    """Waiting takes no time, and is written down."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waited.append(seconds)


def test_frames_that_come_too_fast_wait_and_whoever_never_stops_is_hung_up_on() -> None:
    behind, sleep = Behind(), Unhurried()
    reply = ask(guard(behind, sleep=sleep), request(STREAM, kind="websocket"), [frame()] * 400)
    assert (reply.closed, len(behind.frames)) == (1008, BURST + TOO_OFTEN)
    assert sum(each > 0.05 for each in sleep.waited) >= TOO_OFTEN - 1


def test_the_frames_of_a_person_pass_as_they_are() -> None:
    behind, sleep = Behind(), Unhurried()
    sent = [frame(f"frame {number}") for number in range(BURST)]
    reply = ask(guard(behind, sleep=sleep), request(STREAM, kind="websocket"), sent)
    assert (reply.closed, behind.frames) == (None, [each["bytes"] for each in sent])
    assert max(sleep.waited) < 0.05


@pytest.mark.parametrize(
    "odd", [{"text": "x"}, {"bytes": b"\xff\xff"}, {"bytes": b""}], ids=["text", "garbage", "empty"]
)
def test_what_no_browser_of_ours_sends_ends_the_web_socket(odd: dict[str, object]) -> None:
    behind = Behind()
    reply = ask(guard(behind), request(STREAM, kind="websocket"), [{"type": "websocket.receive", **odd}])
    assert (reply.closed, behind.frames) == (1003, [])


# Every kind of message that a browser can send to this Streamlit, and whether a visitor of ours may.
KINDS = {
    "rerun_script": True,
    "stop_script": True,
    "app_heartbeat": True,
    "backend_operation_request": True,
    "clear_cache": False,  # of everybody
    "load_git_info": False,
    "set_run_on_save": False,
    "file_urls_request": False,
    "debug_disconnect_websocket": False,
    "debug_shutdown_runtime": False,
}


def test_no_visitor_empties_the_caches_of_all_or_asks_where_the_code_is_from() -> None:
    fields = BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields
    assert {each.name for each in fields} == set(KINDS)
    for field in fields:
        message = BackMsg()
        if field.message_type:
            getattr(message, field.name).SetInParent()
        else:
            setattr(message, field.name, True)
        behind, sent = Behind(), {"type": "websocket.receive", "bytes": message.SerializeToString()}
        reply = ask(guard(behind), request(STREAM, kind="websocket"), [sent, frame("after")])
        assert (reply.closed, len(behind.frames)) == (None, 1 + KINDS[field.name]), field.name


class Slow:
    """A clock that goes on by what is slept, and `late` seconds more."""

    def __init__(self, late: float) -> None:
        self.now, self.late, self.slept = 0.0, late, 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + self.late
        self.slept += 1


def through(clock: Slow, frames: int, apart: float = 0.0) -> list[float]:
    """The times at which frames pass the turnstile."""

    async def pass_them() -> list[float]:
        turnstile, passed = Turnstile(clock=clock, sleep=clock.sleep), []
        for _ in range(frames):
            clock.now += apart
            await turnstile.wait()
            passed.append(clock.now)
        return passed

    return asyncio.run(pass_them())


def test_a_frame_that_comes_alone_passes_at_once_and_those_close_upon_it_a_little_apart() -> None:
    clock = Slow(late=0.0)
    assert through(clock, 5, apart=1.0) == pytest.approx([1.0, 2.0, 3.0, 4.0, 5.0]) and clock.slept == 0
    assert through(Slow(late=0.0), 4) == pytest.approx([0.0, 0.02, 0.04, 0.06])


def test_while_the_server_is_late_frames_are_held_and_none_for_ever() -> None:
    passed = through(Slow(late=0.1), 4)
    assert [b - a for a, b in pairwise(passed)] == pytest.approx([0.55, 0.55, 0.55])


def test_settings_of_the_guard_are_read_and_wrong_ones_are_named() -> None:
    asked = {
        "HUBSCOPE_HOSTS": " Usage.example.org., *.example.net ",
        "HUBSCOPE_SOCKETS": "20",
        "HUBSCOPE_HTTPS": "always",
    }
    assert load_settings(asked).guard == GuardSettings(NAMES, 20, 100, https=True)
    assert load_settings({}).guard == GuardSettings()
    wrong = {"HUBSCOPE_HOSTS": "https://usage.example.org", "HUBSCOPE_SOCKETS": "0", "HUBSCOPE_HTTPS": "yes"}
    for name, text in [*wrong.items(), ("HUBSCOPE_HOSTS", "*"), ("HUBSCOPE_SOCKETS_PER_ADDRESS", "many")]:
        with pytest.raises(ConfigError, match=name):
            load_settings({name: text})

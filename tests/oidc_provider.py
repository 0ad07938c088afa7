"""A small OpenID provider on loopback: signs in whom a test chooses, by the book or with one fault at a time.

After openid.net/specs/openid-connect-core-1_0.html (code flow, RS256) and RFC 7636 (PKCE, S256). It checks what a real
one checks: client, secret, redirect address, code, verifier; so an app that skips a step gets nobody in.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "hubscope", "a-client-secret-of-a-test"
COOKIE_SECRET = "a-cookie-secret-of-a-test-" * 2


class Fault(StrEnum):
    """What the provider does wrong."""

    NONE = "none"
    DOWN = "down"  # nothing answers
    SIGNATURE = "signature"  # signed by a key that it does not publish
    UNSIGNED = "unsigned"  # "alg": "none"
    AUDIENCE = "audience"  # meant for another client
    ISSUER = "issuer"  # from another provider
    EXPIRED = "expired"
    NONCE = "nonce"  # an answer to another question
    DENIED = "denied"  # the person says no
    NOT_JSON = "not json"


@dataclass
class Provider:
    """A running provider. `person` are the claims of whoever signs in next, `fault` what goes wrong then."""

    url: str
    person: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault = Fault.NONE
    last_code: str = ""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "published"}))
    _other: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "published"}))

    def secrets_toml(self) -> str:
        """`[auth]` for an app that signs people in here."""
        return f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{self.url}/.well-known/openid-configuration"
"""

    def discovery(self) -> dict[str, object]:
        """What the provider says of itself."""
        paths = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "end"}
        return {
            "issuer": self.url,
            **{f"{name}_endpoint": f"{self.url}/{path}" for name, path in paths.items()},
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, object]:
        """The keys it signs with, without their secret parts."""
        return {"keys": [self._key.as_dict(private=False)]}

    def authorize(self, asked: Mapping[str, str]) -> str:
        """Signs the chosen person in at once; the address to go back to."""
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        back = {"state": asked["state"]}
        if self.fault is Fault.DENIED:
            return f"{asked['redirect_uri']}?{urlencode({**back, 'error': 'access_denied'})}"
        code = self.last_code = secrets.token_urlsafe(16)
        self._codes[code] = dict(asked)
        return f"{asked['redirect_uri']}?{urlencode({**back, 'code': code})}"

    def token(self, form: Mapping[str, str], authorization: str) -> dict[str, object]:
        """The tokens for a code, once. Raises KeyError or AssertionError for one who has no right to them."""
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""
        assert given == f"{CLIENT}:{SECRET}" or (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        asked = self._codes.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        assert form["redirect_uri"] == asked["redirect_uri"]
        return {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self._id_token(asked["nonce"]),
        }

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        wrong = self.fault
        claims = {
            "iss": "https://elsewhere.example" if wrong is Fault.ISSUER else self.url,
            "aud": "another-client" if wrong is Fault.AUDIENCE else CLIENT,
            "sub": str(self.person.get("email", "somebody")),
            "iat": now - (7_200 if wrong is Fault.EXPIRED else 0),
            "exp": now + (-3_600 if wrong is Fault.EXPIRED else 300),
            "nonce": "of another question" if wrong is Fault.NONCE else nonce,
            **self.person,
        }
        if wrong is Fault.UNSIGNED:
            parts = ({"alg": "none"}, claims)
            return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
        key = self._other if wrong is Fault.SIGNATURE else self._key
        return jwt.encode({"alg": "RS256", "kid": "published"}, claims, key)


@contextlib.contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider on a free port of loopback; ends it afterwards."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, provider)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(request: BaseHTTPRequestHandler, provider: Provider) -> None:
    if provider.fault is Fault.DOWN:
        request.close_connection = True
        return
    parts = urlsplit(request.path)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    length = int(request.headers.get("Content-Length") or 0)
    form = {name: values[-1] for name, values in parse_qs(request.rfile.read(length).decode()).items()}
    if parts.path == "/authorize":
        _go(request, provider.authorize(asked))
    elif parts.path == "/end":
        _go(request, asked["post_logout_redirect_uri"])
    elif parts.path == "/token":
        try:
            _say(request, provider.token(form, request.headers.get("Authorization", "")))
        except (KeyError, AssertionError):
            _say(request, {"error": "invalid_grant"}, 400)
    elif provider.fault is Fault.NOT_JSON:
        _say(request, None)
    elif parts.path == "/jwks":
        _say(request, provider.keys())
    else:
        _say(request, provider.discovery())


def _go(request: BaseHTTPRequestHandler, target: str) -> None:
    request.send_response(302)
    request.send_header("Location", target)
    request.send_header("Content-Length", "0")
    request.end_headers()


def _say(request: BaseHTTPRequestHandler, told: object, status: int = 200) -> None:
    body = b"<html>Sorry</html>" if told is None else json.dumps(told).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)

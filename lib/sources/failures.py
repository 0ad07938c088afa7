"""What goes wrong on the way to a data source, as one sentence and one next step per kind.

`translate` turns what the libraries raise into a SourceError. No sentence here repeats foreign text: an exception's
text may hold the token.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Sequence

import requests
import urllib3

from lib.core.errors import Kind, RestingError, SourceError

LATER = "Try again in a minute."
DOWN = "It may be busy or down; try again in a minute."
NARROWER = "Ask for a shorter range or a longer step."
ADDRESS = "Check that the address ends where Grafana begins, as in https://example.org/grafana."

# OpenSSL's reasons (x509_vfy.h, X509_V_ERR_*) for refusing a certificate.
_CERTIFICATES = {
    10: "The certificate has expired.",
    18: "The certificate is signed by itself.",
    19: "The certificate is signed by an authority that is not known here.",
    20: "The certificate is signed by an authority that is not known here.",
    21: "The certificate is signed by an authority that is not known here.",
    62: "The certificate is for another host name.",
    64: "The certificate is for another address.",
}
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_TLS_ALERT = "\x15\x03"  # the first bytes of an alert in every version (RFC 8446, section 5.1)
_CA_HINT = "If it has a private authority, name the file with its certificate in HUBSCOPE_CA_BUNDLE."


def no_token() -> SourceError:
    """A Grafana that is asked with visitors' own tokens only, and nobody gave one yet."""
    message = "It is asked with your own token only, and you have not given one yet."
    return SourceError(Kind.NO_TOKEN, message, "Give one on the page Sources; it serves for this visit.")


def unknown_host(error: OSError | UnicodeError) -> SourceError:
    """What a name look-up raised: the name has no address, or nobody is there who could say."""
    if isinstance(error, OSError) and error.errno in _EXHAUSTED:
        return exhausted()
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        hint = "Check the network of this server and its VPN, then try again."
        return SourceError(Kind.DNS, "Host names cannot be looked up at the moment.", hint)
    return SourceError(Kind.DNS, "No host of that name is known.", "Check the address for a typing error.")


def unreachable() -> SourceError:
    """Nobody listens there, or no way leads there."""
    hint = "Check the address, and whether it needs a VPN. It may also be down for a moment."
    return SourceError(Kind.NETWORK, "The address cannot be reached.", hint)


def no_connection(seconds: float) -> SourceError:
    """The connect took too long: usually a firewall that drops packets."""
    hint = "Check the address, and whether a VPN or a firewall stands in between."
    return SourceError(Kind.TIMEOUT, f"No connection in {seconds:g} s.", hint)


def ended(reason: Kind, seconds: float) -> SourceError:
    """The exchange was ended from here: by its deadline of `seconds`, by a cancel, or by a newer one."""
    if reason is Kind.REPLACED:
        return SourceError(reason, "Another question of yours took its place.", "Ask again when you need this one.")
    if reason is Kind.CANCELLED:
        return SourceError(reason, "Stopped before there was an answer.", "Ask again when you need it.")
    return SourceError(Kind.TIMEOUT, f"No answer in {seconds:g} s.", f"{NARROWER} Or try again in a minute.")


def pending() -> SourceError:
    """Asked, and there is still time to answer. Not a failure, but no answer either."""
    return SourceError(Kind.PENDING, "No answer yet.", "It is still being asked.")


def busy(places: int) -> SourceError:
    """All places of one origin were taken until the deadline."""
    message = f"{places} questions were under way here already; this one found no place in time."
    return SourceError(Kind.BUSY, message, LATER)


def queue_full(waiting: int) -> SourceError:
    """So many others wait for one origin already that nothing was sent."""
    message = f"{waiting} other questions are waiting there already, so this one was not sent."
    return SourceError(Kind.BUSY, message, LATER)


def resting(last: SourceError, failed: int, until: float, what: str) -> RestingError:
    """Not asked until `until` (Unix seconds), since it `failed` so many times in a row, at last with `last`."""
    times = f" after {failed} failures in a row" if failed > 1 else ""
    message = f"It is resting until {time.strftime('%H:%M:%S', time.gmtime(until))} UTC{times}. {last.message}"
    hint = f"It is asked again then, or at once with Try now. {'' if last.hint == LATER else last.hint}"
    return RestingError(message, hint.strip(), until=until, last=last.kind, what=what)


def exhausted() -> SourceError:
    """The system gives this process no more threads, files or memory: nothing was wrong with the question."""
    return SourceError(Kind.BUSY, "This server has no room for one more question at the moment.", LATER)


def too_large(limit: int) -> SourceError:
    """The body is larger than `limit` decoded bytes."""
    hint = f"Add up series in the query, as in sum by (namespace) (...). {NARROWER}"
    return SourceError(Kind.TOO_LARGE, f"The answer is larger than {limit / 2**20:,.3g} MiB.", hint)


def too_many_together(have: int, more: int, most: int) -> SourceError:
    """An answer of `more` values that found `have` of the `most` that all clusters together may send."""
    message = f"All clusters together would send more than {most:,} values: this one's {more:,} come on {have:,}."
    hint = "Choose fewer clusters or a longer step, or add series up in the query, as in sum by (namespace) (...)."
    return SourceError(Kind.TOO_LARGE, message, hint)


def broken_off(early: bool = False) -> SourceError:
    """The connection ended, or what came was not HTTP, before there was a whole answer; `early`: before any of it."""
    hint = f"{LATER} If it stays so, check whether the address begins with http:// or https://." if early else LATER
    return SourceError(Kind.NETWORK, "The connection broke off before the answer was complete.", hint)


def redirect(status: int, elsewhere: bool, to_login: bool) -> SourceError:
    """A redirect, which is never followed: the token belongs to one origin. `elsewhere`: it names an address."""
    if not elsewhere:
        message = f"It says where answers may be found instead of giving one ({status})."
        return SourceError(Kind.REDIRECT, message, ADDRESS)
    if to_login:
        return SourceError(Kind.REDIRECT, f"It asks for a login instead of answering ({status}).", ADDRESS)
    return SourceError(Kind.REDIRECT, f"It sends us to another address ({status}), and we do not follow.", ADDRESS)


def login_page() -> SourceError:
    """A web page came with status 200 where JSON was due."""
    message = "That address answers with a web page, perhaps a login, not with Grafana's API."
    return SourceError(Kind.LOGIN_PAGE, message, ADDRESS)


def unusable_credential() -> SourceError:
    """A token or password that cannot stand in a header."""
    hint = "Copy the token again; it is one line without spaces."
    return SourceError(Kind.CONFIG, "The token has characters that no token has.", hint)


def foreign_origin() -> SourceError:
    """An address outside of what was configured. Not a user's doing unless somebody tries."""
    message = "That address is not the configured one, so nothing was sent."
    return SourceError(Kind.CONFIG, message, "Check the settings.")


def wants_https() -> SourceError:
    """Plain HTTP was spoken to a port for TLS, which said so in its own way."""
    return SourceError(Kind.CONFIG, "This address wants https.", "Begin the address with https://.")


def unlisted_path() -> SourceError:
    """A request that is none of those that only read. Not a user's doing unless somebody tries."""
    message = "That is not a path that is ever asked for, so nothing was sent."
    return SourceError(Kind.CONFIG, message, "Check the settings.")


def translate(error: Exception) -> SourceError:
    """Any exception of `requests`, `urllib3`, `http.client`, `ssl` or a socket as a SourceError that hides its text."""
    chain = tuple(_chain(error))
    known = next((link for link in chain if isinstance(link, SourceError)), None)
    if known:
        return known
    if any(map(_exhausting, chain)):
        return exhausted()
    certificate = next((link for link in chain if isinstance(link, ssl.SSLCertVerificationError)), None)
    if certificate:
        sentence = _CERTIFICATES.get(certificate.verify_code, "The certificate cannot be verified.")
        return SourceError(Kind.TLS, sentence, _CA_HINT)
    if any(isinstance(link, ssl.SSLError | urllib3.exceptions.SSLError) for link in chain):
        hint = "Check whether the address begins with http:// or https://; TLS 1.2 is the oldest that is accepted."
        return SourceError(Kind.TLS, "No encrypted connection could be agreed on.", hint)
    if any(isinstance(link, http.client.BadStatusLine) and str(link).startswith(_TLS_ALERT) for link in chain):
        return wants_https()
    if isinstance(error, requests.exceptions.InvalidHeader | UnicodeError) and not _received(chain):
        return unusable_credential()
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
        return foreign_origin()
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return SourceError(Kind.NOT_JSON, "The answer cannot be unpacked.", LATER)
    failure = broken_off(early=isinstance(error, requests.exceptions.ConnectionError))
    failure.detail = type(error).__name__
    return failure


def _exhausting(error: BaseException) -> bool:
    """Whether the system refused a thread, a file descriptor or memory. Threads have no exception of their own."""
    if isinstance(error, OSError):
        return error.errno in _EXHAUSTED and not isinstance(error, socket.gaierror)
    return isinstance(error, MemoryError) or (type(error) is RuntimeError and "start new thread" in str(error))


def _received(chain: Sequence[BaseException]) -> bool:
    """Whether a header that cannot be came from the other side: two lengths, for one."""
    return any(isinstance(link, urllib3.exceptions.InvalidHeader) for link in chain)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, what it wraps and what caused it; urllib3 and requests keep the cause in `reason` or `args`."""
    todo, seen = [error], set[int]()
    while todo:
        link = todo.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        todo += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]

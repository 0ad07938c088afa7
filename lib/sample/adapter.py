"""The sample as a transport of `requests`: a session that mounts it gets real responses, and no socket opens."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from io import BytesIO

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from lib.sample.api import respond


class SampleAdapter(BaseAdapter):
    """Mount it with `session.mount(SAMPLE_URL, SampleAdapter())`. `clock` returns seconds since 1970-01-01."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._clock = clock

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: None | float | tuple[float, float] | tuple[float, None] = None,
        verify: bool | str = True,
        cert: None | bytes | str | tuple[bytes | str, bytes | str] = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the sample's answer; what concerns a network (timeout, verify, cert, proxies) has no meaning here."""
        started = self._clock()
        headers = {key: str(value) for key, value in (request.headers or {}).items()}
        answer = respond(request.method or "GET", request.url or "", headers, _body(request), started)
        response = Response()
        response.status_code = answer.status
        response.reason = HTTPStatus(answer.status).phrase
        response.headers = CaseInsensitiveDict({**answer.headers, "Content-Length": str(len(answer.body))})
        response.raw = HTTPResponse(
            body=BytesIO(answer.body),
            headers=dict(response.headers),
            status=answer.status,
            reason=response.reason,
            preload_content=False,
        )
        response.encoding = "utf-8"
        response.url = request.url or ""
        response.request = request
        if not stream:
            response.content  # noqa: B018 - reads the body, as the adapter over HTTP does
        return response

    def close(self) -> None:
        """Nothing is open."""


def _body(request: PreparedRequest) -> bytes:
    body = request.body or b""
    return body.encode() if isinstance(body, str) else bytes(body)

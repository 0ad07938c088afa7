"""A network that is none: keeps what would have been sent, and answers what it is told to."""

from __future__ import annotations

from io import BytesIO

import requests
import urllib3
from requests.adapters import BaseAdapter


class Recorder(BaseAdapter):
    """Takes the place of the network: keeps what would have been sent, answers `status` and `body`."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []
        self.status, self.body = 200, b""

    def send(self, request, **more):
        self.sent.append(request)
        response = requests.Response()
        response.status_code = self.status
        response.raw = urllib3.HTTPResponse(BytesIO(self.body), preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is open."""

"""`python -m lib.sample [--port N]`: serves the sample over HTTP on 127.0.0.1, for curl and for tests."""

import argparse
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lib.sample.api import SAMPLE_TOKEN, respond


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(int(length) if length.isdecimal() else 0)
        answer = respond(self.command, self.path, dict(self.headers.items()), body, time.time())
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: URLs hold queries."""


def server(port: int) -> ThreadingHTTPServer:
    """Return a server bound to 127.0.0.1; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), _Handler)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m lib.sample", description=__doc__)
    parser.add_argument("--port", type=int, default=3000, help="0 takes a free one (default: 3000)")
    with server(parser.parse_args().port) as serving:
        print(f"http://127.0.0.1:{serving.server_address[1]}", flush=True)
        print(f"Authorization: Bearer {SAMPLE_TOKEN}", flush=True)
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            print("Stopped.")


if __name__ == "__main__":
    main()

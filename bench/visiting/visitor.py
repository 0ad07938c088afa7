"""One visitor: a web socket in place of a browser, that presses, chooses, types and downloads as a browser does."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from urllib.parse import urljoin, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from bench.visiting.page import Element, Page

PATIENCE = 60.0  # seconds until a visitor gives up
HOME = "127.0.0.1"  # where a visitor comes from; the whole of 127.0.0.0/8 is this machine
_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Gone(Exception):
    """The server has closed the connection, could not be reached, or took too long; the text says which."""


class Visitor:
    """Somebody with a tab open. What is done returns once the page is whole again; it raises Gone.

    `took`: the seconds that the last click took. `bytes`: how many were received. `page`: what is shown.
    """

    def __init__(self, socket: ClientConnection, url: str, patience: float = PATIENCE, home: str = HOME) -> None:
        self._socket, self._url, self._patience, self._home = socket, url, patience, home
        self._states: dict[str, WidgetState] = {}
        self._numbers = itertools.count(1)
        self.page = Page()
        self.took, self.bytes = 0.0, 0

    def open(self, path: str = "", query: str = "") -> None:
        """Comes to a page, as by its address: `path` is "" for the first, `query` what stands after `?`."""
        request = BackMsg()
        self.page.query = request.rerun_script.query_string = query
        if path in self.page.pages:
            request.rerun_script.page_script_hash = self.page.pages[path]
        else:
            request.rerun_script.page_name = path
        self._states.clear()
        self._run(request)

    def press(self, label: str) -> None:
        """Presses a button."""
        button = self.page.find("button", label)
        self._change(button, WidgetState(id=button.content.id, trigger_value=True))

    def choose(self, label: str, option: str) -> None:
        """Chooses in a row of pills."""
        pills = self.page.find("button_group", label)
        state = WidgetState(id=pills.content.id)
        state.string_array_value.data.append(option)
        self._change(pills, state)

    def select(self, label: str, option: str) -> None:
        """Chooses in a list that folds out."""
        box = self.page.find("selectbox", label)
        self._change(box, WidgetState(id=box.content.id, string_value=option))

    def type(self, label: str, text: str) -> None:
        """Writes into a field of text and leaves it."""
        area = self.page.find("text_area", label)
        self._change(area, WidgetState(id=area.content.id, string_value=text))

    def download(self, label: str) -> bytes:
        """Presses a download button; the file, which the server makes only now."""
        started = time.monotonic()
        request = BackMsg()
        asked = request.backend_operation_request
        asked.request_id, asked.session_id = str(next(self._numbers)), self.page.session
        asked.deferred_file.file_id = self.page.find("download_button", label).content.deferred_file_id
        self._send(request)
        while True:
            message = self._awaited(started + self._patience)
            if message.WhichOneof("type") == "backend_operation_response":
                break
            self.page.take(message)
        reply = message.backend_operation_response
        if reply.error_msg:
            raise Gone(f"no file: {reply.error_msg[:100]}")
        content = self._fetch(reply.deferred_file.url)
        self.took = time.monotonic() - started
        return content

    def _fetch(self, path: str) -> bytes:
        server = urlsplit(self._url)
        connection = HTTPConnection(server.hostname or "", server.port or 80, self._patience, (self._home, 0))
        with contextlib.closing(connection):
            try:
                connection.request("GET", urlsplit(urljoin(f"{self._url}/", path)).path)
                reply = connection.getresponse()
                content = reply.read()
            except (OSError, HTTPException) as error:
                raise Gone(f"no file: {type(error).__name__}") from error
        if reply.status != 200:
            raise Gone(f"no file: {reply.status}")
        self.bytes += len(content)
        return content

    def _change(self, element: Element, state: WidgetState) -> None:
        self._states[state.id] = state
        request = BackMsg()
        request.rerun_script.fragment_id = element.fragment
        self._run(request)

    def _run(self, request: BackMsg) -> None:
        """Asks for a run and reads until the page is whole: no run under way, none to come by itself."""
        started = time.monotonic()
        self._ask(request)
        self._until_done(started + self._patience)
        while self.page.repeats:
            self._repeat(started + self._patience)
        self.took = time.monotonic() - started

    def _ask(self, request: BackMsg) -> None:
        """Sends a request for a run with what a browser always sends: the address, and the state of every widget."""
        run = request.rerun_script
        run.query_string = run.query_string or self.page.query
        run.page_script_hash = run.page_script_hash or ("" if run.page_name else self.page.hash)
        run.context_info.timezone, run.context_info.url = "UTC", self._url
        run.widget_states.widgets.extend(self._states.values())
        self._send(request)

    def _repeat(self, deadline: float) -> None:
        """A fragment that runs by itself, as while an answer is awaited; the server may be drawing on its own."""
        fragment, interval = next(iter(self.page.repeats.items()))
        if self._began(time.monotonic() + interval):
            self._until_done(deadline)
            return
        if time.monotonic() > deadline:
            raise Gone("too late")
        request = BackMsg()
        request.rerun_script.fragment_id, request.rerun_script.is_auto_rerun = fragment, True
        self._ask(request)
        self._until_done(deadline)

    def _began(self, deadline: float) -> bool:
        """Whether the server begins a run by itself before the deadline."""
        while (message := self._receive(deadline)) is not None:
            self.page.take(message)
            if message.WhichOneof("type") == "new_session":
                return True
        return False

    def _until_done(self, deadline: float) -> None:
        """Reads to the end of a run that is not followed by another at once."""
        while True:
            message = self._awaited(deadline)
            self.page.take(message)
            if message.WhichOneof("type") == "script_finished":
                self._remember()
                if message.script_finished in _DONE:
                    return

    def _remember(self) -> None:
        """Widgets keep their values while they are shown, triggers do not; and the server may have set others."""
        shown = {each.content.id: each for each in self.page.elements.values() if hasattr(each.content, "id")}
        kept = {key: state for key, state in self._states.items() if state.WhichOneof("value") != "trigger_value"}
        self._states = {key: state for key, state in kept.items() if key in shown}
        for key, element in shown.items():
            if getattr(element.content, "set_value", False) and (state := _set_by_server(element)):
                self._states[key] = state

    def _send(self, request: BackMsg) -> None:
        try:
            self._socket.send(request.SerializeToString())
        except ConnectionClosed as error:
            raise Gone(_why(error)) from error

    def _awaited(self, deadline: float) -> ForwardMsg:
        message = self._receive(deadline)
        if message is None:
            raise Gone("too late")
        return message

    def _receive(self, deadline: float) -> ForwardMsg | None:
        """The next message; None when there is none by the deadline."""
        try:
            received = self._socket.recv(timeout=max(deadline - time.monotonic(), 0.001))
        except ConnectionClosed as error:
            raise Gone(_why(error)) from error
        except TimeoutError:
            return None
        content = received if isinstance(received, bytes) else received.encode()
        self.bytes += len(content)
        message = ForwardMsg()
        message.ParseFromString(content)
        return message


def _set_by_server(element: Element) -> WidgetState | None:
    content, state = element.content, WidgetState(id=element.content.id)
    if element.kind == "button_group":
        state.string_array_value.data.extend(content.raw_values)
    elif element.kind == "selectbox":
        state.string_value = content.raw_value
    elif element.kind in ("text_area", "text_input"):
        state.string_value = content.value
    elif element.kind == "checkbox":
        state.bool_value = content.value
    elif element.kind == "multiselect":
        state.string_array_value.data.extend(content.raw_values)
    else:
        return None
    return state


def _why(error: ConnectionClosed) -> str:
    return f"closed by the server: {error.rcvd.code}" if error.rcvd else "connection lost"


@contextlib.contextmanager
def visiting(url: str, patience: float = PATIENCE, home: str = HOME) -> Iterator[Visitor]:
    """Opens a tab for one `with`: subprotocol and origin are those of a browser. Raises Gone."""
    with contextlib.ExitStack() as stack:
        try:
            socket = stack.enter_context(_tab(url, patience, home))
        except (OSError, WebSocketException) as error:
            raise Gone(f"not let in: {type(error).__name__}") from error
        yield Visitor(socket, url, patience, home)


def _tab(url: str, patience: float, home: str) -> ClientConnection:
    return connect(
        f"ws://{urlsplit(url).netloc}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        origin=Origin(url),
        max_size=None,
        open_timeout=patience,
        close_timeout=1,
        ping_interval=None,
        source_address=(home, 0),
    )

"""What a browser may say over a web socket: the kinds of message that the app's pages need.

The others are not for visitors: one empties the caches of everybody, one reads where the code comes from.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg

# Not there: clear_cache, load_git_info, set_run_on_save, file_urls_request (of uploads), debug_...
HEARD = frozenset({"rerun_script", "stop_script", "app_heartbeat", "backend_operation_request"})
RUNS = frozenset({"rerun_script"})


def kind_of(frame: bytes) -> str:
    """The kind of message that a frame holds, as streamlit.proto calls it; "" where it is none."""
    message = BackMsg()
    try:
        message.ParseFromString(frame)
    except DecodeError:
        return ""
    return message.WhichOneof("type") or ""

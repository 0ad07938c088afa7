"""The first question, answered and drawn once before anybody comes: what a first call costs is paid by the server."""

from __future__ import annotations

import time

from lib.core.drawing import draw
from lib.core.merging import merge
from lib.core.preset_files import read_catalogue
from lib.core.question import Moments, Question
from lib.core.settings import Settings
from lib.core.time_range import DAY
from lib.core.view import Choices, view
from lib.sources import ask_all, connect
from lib.ui import answer, asking, controls, details, downloads, gallery, query_box  # noqa: F401 - imported to be warm


def rehearse() -> None:
    """Asks the built-in sample, whatever is configured: nothing leaves this process."""
    question = Question.of_preset(next(iter(read_catalogue().values())))
    now = time.time()
    put = Moments(now - 30 * DAY, now, now).put(question)[0]
    shown = view(merge(put.query, ask_all(connect(Settings()).sources, put.query)), question, Choices())
    draw(shown).to_json()

"""What servers remark: each warning and note once, with all clusters that made it."""

from __future__ import annotations

import re

from streamlit.testing.v1 import AppTest

PAGE = """
from lib.core.result import Report
from lib.ui import notices

late, counter = "store eu-1 did *not* answer", "metric might not be a counter"
alpha = Report("alpha", "a", warnings=(late,), infos=(counter,))
beta = Report("beta", "b", warnings=(late, "truncated"), infos=(counter,))
notices.remarks([alpha, beta, Report("gamma", "c", infos=tuple(f"note {number}" for number in range(9)))])
"""


def test_a_remark_stands_once_with_all_its_clusters_and_its_text_letter_for_letter():
    app = AppTest.from_string(PAGE).run()
    assert not app.exception
    shown = [re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", caption.value) for caption in app.caption]
    assert shown[:2] == [
        ":material/warning: alpha, beta: store eu-1 did *not* answer",
        ":material/warning: beta: truncated",
    ]
    assert shown[2] == ":small[alpha, beta: metric might not be a counter]"
    assert shown[-1] == "5 more remarks of the servers."
    assert r"did \*not\* answer" in app.caption[0].value

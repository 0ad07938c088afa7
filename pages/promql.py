"""Write PromQL, see its answer."""

import streamlit as st

from lib.core.view import Choices
from lib.ui import (
    answer,
    builder,
    controls,
    downloads,
    explain,
    frame,
    history,
    looks,
    metric_browser,
    preset_form,
    query_box,
    share,
    visitor,
)

scope = frame.scope()
visitor.demand()
frame.remember(asked="expr")

with st.container(width=1120):
    with st.container(gap="xxsmall"):
        st.title("Ask in PromQL", anchor=False)
        query_box.origin()
    box = query_box.draw(scope)
    with controls.quiet_row():
        query_box.add_button()
        metric_browser.open_button(scope)
        explain.open_button(scope)
        builder.open_button(scope)
        history.open_button(scope)
        preset_form.open_button()
    asked = query_box.ask(box, scope)

    look = Choices(st.session_state.get("by", ""), hide_staging=scope.hide_staging)
    shown = looks.look(asked, look)
    answer.completeness(asked, scope)
    with controls.bar():
        answer.split_control(shown)
        with controls.actions():
            downloads.csv_buttons(asked, shown, scope, primary=False)
            share.draw(asked, shown, look, scope)
            controls.open_chart()
    answer.subtitle(asked, scope, shown)
    answer.body(asked, shown, scope)

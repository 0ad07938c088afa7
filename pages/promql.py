"""Write PromQL, see its answer."""

import streamlit as st

from lib.core.question import Question
from lib.core.view import Choices, view
from lib.ui import answer, controls, downloads, frame, hints, messages

scope = frame.scope()
frame.remember(asked="expr")

with st.container(width=1120):
    with st.container(gap="xxsmall"):
        st.title("Ask in PromQL", anchor=False)
        controls.origin_of_query()
    typed = controls.edit_box()
    hints.show(types=hints.types_of(scope) if typed else None, instant=st.session_state.get("mode") == "now")
    if typed is None:
        st.stop()

    question = Question.of_expr(typed.expr, instant=typed.instant)
    asked = controls.ask_typed(question, scope)
    if refusal := answer.refused(asked):
        messages.show_query_error(refusal, question.expr)
        st.stop()

    shown = view(asked.result, question, Choices(st.session_state.get("by", ""), hide_staging=scope.hide_staging))
    answer.completeness(asked, scope)
    with controls.bar():
        answer.split_control(shown)
        with controls.actions():
            downloads.csv_buttons(asked, shown, scope, primary=False)
            controls.open_chart()
    answer.subtitle(asked, scope, shown)
    answer.body(asked, shown, scope)

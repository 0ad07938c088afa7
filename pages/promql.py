"""Write PromQL, see its answer."""

import streamlit as st

from lib.core.question import Question
from lib.core.view import Choices
from lib.ui import answer, controls, downloads, frame, looks, messages

scope = frame.scope()
frame.remember(asked="expr")

with st.container(width=1120):
    with st.container(gap="xxsmall"):
        st.title("Ask in PromQL", anchor=False)
        controls.origin_of_query()
    typed = controls.edit_box()
    if typed is None:
        st.stop()

    question = Question.of_expr(typed.expr, instant=typed.instant)
    asked = controls.ask_typed(question, scope)
    if refusal := answer.refused(asked):
        messages.show_query_error(refusal, question.expr)
        st.stop()

    shown = looks.look(asked, Choices(st.session_state.get("by", ""), hide_staging=scope.hide_staging))
    answer.completeness(asked, scope)
    with controls.bar():
        answer.split_control(shown)
        with controls.actions():
            downloads.csv_buttons(asked, shown, scope, primary=False)
            controls.open_chart()
    answer.subtitle(asked, scope, shown)
    answer.body(asked, shown, scope)

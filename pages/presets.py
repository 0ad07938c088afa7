"""The first page: choose a ready-made question, see its answer."""

import streamlit as st

from lib.core.question import Question
from lib.core.view import Choices
from lib.ui import answer, asking, choices, controls, downloads, frame, gallery, looks, messages, share, written

scope = frame.scope()
frame.remember(asked="preset")

with st.container(width=1120):
    preset = gallery.choose_preset(scope)
    question = Question.of_preset(preset, choices.choose_variables(preset, scope))
    asked = asking.ask(question, scope)
    look = Choices(st.session_state.get("by", ""), hide_staging=scope.hide_staging)
    shown = looks.look(asked, look)

    with st.container(gap="xxsmall"):
        st.title(messages.md(preset.question), anchor=False)
        answer.subtitle(asked, scope, shown)
    answer.numbers(asked, shown)
    answer.completeness(asked, scope)
    with controls.bar():
        answer.split_control(shown)
        with controls.actions():
            downloads.csv_buttons(asked, shown, scope)
            share.draw(asked, shown, look, scope)
            written.edit(question)
            controls.open_chart()
    answer.body(asked, shown, scope)

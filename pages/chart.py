"""The current question, large: choose how it is drawn and split, take the picture's data away."""

import streamlit as st

from lib.ui import answer, asking, controls, details, downloads, frame, looks, messages, share, written

scope = frame.scope()

with st.container(width=1120):
    question = written.current_question(scope)
    if question is None:
        st.stop()
    asked = asking.ask(question, scope)
    style = controls.choose_style(question)
    look = style.choices(hide_staging=scope.hide_staging)
    shown = looks.look(asked, look)

    with st.container(gap="xxsmall"):
        st.title(messages.md(question.title), anchor=False)
        answer.subtitle(asked, scope, shown)
    answer.completeness(asked, scope)
    with controls.bar():
        answer.split_control(shown)
        with controls.actions():
            downloads.csv_buttons(asked, shown, scope)
            share.draw(asked, shown, look, scope)
            written.edit(question)
    if style.table:
        details.values(asked, shown)
    else:
        answer.picture(asked, shown, scope, height=520)
        details.tabs(asked, shown, scope)

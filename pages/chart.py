"""The current question, large: choose how it is drawn and split, take the picture and its data away."""

import streamlit as st

from lib.ui import (
    answer,
    asking,
    captions,
    controls,
    details,
    downloads,
    frame,
    messages,
    pictures,
    share,
    transforms,
    written,
)

scope = frame.scope()

with st.container(width=1120):
    question = written.current_question(scope)
    if question is None:
        st.stop()
    asked = asking.ask(question, scope)

    with st.container(gap="xxsmall"):
        st.title("Chart", anchor=False)
        under_title = st.container(gap="xxsmall")
    answer.completeness(asked, scope)
    # The picture is the left column, so a phone has it first; what is chosen on the right decides how it is drawn.
    left, right = st.columns([68, 32], gap="medium")
    with left:
        kind = controls.choose_type(asked)
        picture, takeaway, below = st.container(border=True), controls.quiet_row(), st.container()
    with right:
        split = st.container()
        style = controls.choose_style(question, kind)
        look = style.choices(hide_staging=scope.hide_staging)
        shown = transforms.look(asked, look, scope)
        transforms.panel(shown)
    with split:
        answer.split_control(shown)

    with under_title:
        answer.subtitle(asked, scope, shown)
    framed = captions.frame_of(asked, shown, scope, style.title)
    with picture:
        if style.table:
            details.values(asked, shown)
        else:
            captions.head(framed)
            answer.picture(asked, shown, scope, **style.look)
            st.caption(messages.md(framed.stamp))
    with takeaway:
        if not style.table:
            pictures.buttons(asked, shown, framed, style.look)
        downloads.csv_buttons(asked, shown, scope, primary=style.table)
        share.draw(asked, shown, look, scope)
        written.edit(question)
    with below:
        answer.numbers(asked, shown)
        details.tabs(asked, shown, scope, table=not style.table)

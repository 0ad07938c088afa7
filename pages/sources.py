"""Which clusters are connected, how they are, and how to connect more."""

import streamlit as st

from lib import cache
from lib.ui import connections, frame, own_token_form, token_notes

scope = frame.scope()

with st.container(width=1120):
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Sources", anchor=False, width="content")
        connections.check_again_button(scope)
    summary = st.container()
    connections.unlisted(scope)  # known already, so nobody waits for the check to see it
    if own_token_form.is_wanted(scope.discovery):
        own_token_form.draw(scope.discovery)
    checked = connections.check(scope)
    with summary:
        connections.summary(checked, scope)
    connections.silent(checked, scope)
    notes = st.container()  # drawn last: what is asked about tokens may take a moment
    connections.healthy(checked)
    connections.first_chart(checked)
    connections.hubs(scope)
    if not own_token_form.is_wanted(scope.discovery):
        own_token_form.draw(scope.discovery)
    connections.how_to_connect(cache.settings())
    with notes:
        token_notes.draw(checked, scope)

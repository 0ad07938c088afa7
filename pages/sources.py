"""Which clusters are connected, how they are, and how to connect more."""

import streamlit as st

from lib import cache
from lib.ui import connections, frame, own_token_form, token_notes

scope = frame.scope()

with st.container(width=1120):
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Sources", anchor=False, width="content")
        connections.check_again_button(scope)
    checked = connections.check(scope)
    connections.summary(checked, scope)
    connections.troubles(checked, scope)
    wanted = own_token_form.is_wanted(scope.discovery)
    if wanted:
        own_token_form.draw(scope.discovery)
    notes = st.container()  # drawn last: what is asked about tokens may take a moment
    connections.healthy(checked)
    connections.first_chart(checked)
    connections.hubs(scope)
    if not wanted:
        own_token_form.draw(scope.discovery)
    connections.how_to_connect(cache.settings())
    with notes:
        token_notes.draw(checked, scope)

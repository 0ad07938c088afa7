"""What somebody sees who is not let in: one sentence and one button, in place of every page."""

from __future__ import annotations

import streamlit as st

from lib import cache
from lib.core.access import Access, Refusal, Why
from lib.ui import visitor
from lib.ui.messages import md

FAILED = "sign-in"  # the parameter of an address that says that signing in did not work
_WIDTH = 420  # pixels


def draw(refusal: Refusal) -> None:
    """The page of one who is not let in."""
    with st.container(horizontal_alignment="center"), st.container(width=_WIDTH, gap="medium"):
        st.space("large")
        st.image("static/logo.svg", width=180)
        if refusal.why is Why.ANONYMOUS:
            _sign_in()
        else:
            _refuse(refusal)


def _sign_in() -> None:
    if FAILED in st.query_params:
        contact = md(_contact())
        st.warning(
            f"**Signing in did not work.** Try again. If it stays so, tell {contact}: the log of the server says why.",
            icon=":material/warning:",
        )
    st.markdown("How JupyterHubs are used, for those who run and fund them. Sign in to see it.")
    providers = cache.settings().access.providers
    for place, name in enumerate(providers):
        st.button(
            f"Sign in with {md(_spoken(name))}" if name and len(providers) > 1 else "Sign in",
            key=f"_sign_in_{place}",
            type="primary" if place == 0 else "secondary",
            icon=":material/login:",
            width="stretch",
            on_click=st.login,
            args=(name or None,),
        )


def _contact() -> str:
    return cache.settings().access.contact or "whoever runs this deployment"


def _spoken(name: str) -> str:
    return name if any(map(str.isupper, name)) else name.capitalize()


def _refuse(refusal: Refusal) -> None:
    contact = _contact()
    person = refusal.person or "somebody"
    if refusal.why is Why.UNVERIFIED:
        st.markdown(f"Your provider has not verified that {md(person)} is yours. Verify it there, then sign in again.")
    elif refusal.why is Why.NO_ADDRESS:
        st.markdown(
            f"You are signed in as {md(person)}, but your provider says no e-mail address of yours. Ask {md(contact)}."
        )
    else:
        st.markdown(
            f"You are signed in as {md(person)}, but that address is not on the list of this deployment. "
            f"Ask {md(contact)} to add it."
        )
    _sign_out("_sign_out", width="stretch")


def who(access: Access) -> None:
    """In the sidebar: who is signed in, and the way out. Nothing where nobody signs in."""
    if access.person:
        with st.container(gap="xxsmall"):
            st.caption(md(access.person))
            _sign_out("_sign_out")


def _sign_out(key: str, width: str = "content") -> None:
    st.button(
        "Sign out",
        key=key,
        icon=":material/logout:",
        type="secondary" if width == "stretch" else "tertiary",
        width="stretch" if width == "stretch" else "content",
        on_click=visitor.sign_out,
    )

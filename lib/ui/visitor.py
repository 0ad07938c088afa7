"""Who is visiting, and what they may do: read anew at every run from the sign-in, never from the session's state.

A visitor who is not let in gets a page that says so, before any page is run and before anybody is asked anything. But
Streamlit runs callbacks, fragments and dialogs without that page around them; so each of those that shows an answer is
`gated`, and everything that is asked goes through `lib.ui.permitted`, which looks once more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import streamlit as st
from streamlit import config
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib import cache
from lib.core.access import Access, Refusal, access_of
from lib.core.access_settings import beyond_loopback
from lib.core.errors import AccessError, AppError, ConfigError
from lib.core.question import Question
from lib.core.settings import Settings
from lib.ui import under_way

Given = ParamSpec("Given")
Found = TypeVar("Found")
_TOLD = ("This deployment answers ready-made questions only.", "Choose one of the presets instead.")


def standing() -> Access | Refusal:
    """What this visitor may do, or why they are not let in. Raises ConfigError where nobody may be."""
    settings = cache.settings()
    check_reach(settings)
    if not settings.access.sign_in:
        return access_of(settings, {})
    claims = st.user.to_dict()
    return access_of(settings, {} if claims in cache.signed_out() else claims)


def check_reach(settings: Settings) -> None:
    """Raises ConfigError where somebody's data would be open to whoever reaches this server, without anybody having
    said so; and where a header of a request would overrule the sign-in."""
    rules = settings.access
    if rules.sign_in and config.get_option("server.trustedUserHeaders"):
        hint = "Take server.trustedUserHeaders out of Streamlit's settings, or [auth] out of secrets.toml."
        raise ConfigError("server.trustedUserHeaders lets a header say who somebody is, whoever signed in.", hint)
    if rules.sign_in or rules.open or settings.sample or not beyond_loopback(config.get_option("server.address")):
        return
    raise ConfigError(
        "This server can be reached from other machines, and nobody has to sign in.",
        "Set up sign-in (docs/access.md), or say HUBSCOPE_OPEN=yes where a proxy or the network decides who gets here.",
    )


def access() -> Access:
    """What this visitor may do. Raises AccessError for one who is not let in, and ConfigError."""
    found = standing()
    if isinstance(found, Refusal):
        raise AccessError("You are not signed in here any more.", "Reload the page to sign in.")
    return found


def asker() -> str:
    """What stands for whoever is asking, in all their tabs; their visit where nobody signs in. Raises as `access`."""
    context = get_script_run_ctx()
    return access().person or (f"visit {context.session_id}" if context else "")


def person() -> str:
    """The address of this visitor; "" where nobody signs in. Raises AccessError and ConfigError."""
    return access().person


def kept_out() -> bool:
    """Whether this visitor may see nothing; also where the settings are wrong."""
    try:
        return isinstance(standing(), Refusal)
    except ConfigError:
        return True


def may_write() -> bool:
    """Whether this visitor may write PromQL; for what is drawn. What is asked calls `demand`."""
    try:
        return access().promql
    except AppError:
        return False


def demand(question: Question | None = None) -> None:
    """Raises AccessError unless this visitor may ask a question; None is PromQL that is no ready-made question."""
    if not access().promql and not (question and question.ready_made):
        raise AccessError(*_TOLD)


def gated(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """For what Streamlit runs again by itself, under `st.fragment` and `st.dialog`: starts over with the whole page,
    which has the gate, for a visitor who is not let in any more."""

    @functools.wraps(function)
    def inside(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        if kept_out():
            st.rerun()
        return function(*args, **kwargs)

    return inside


def sign_out() -> None:
    """Ends the sign-in in every tab of this browser, what this visit asks for, and its own tokens. For callbacks.

    The rest of the visit's state is left to Streamlit, which frees it: the browser leaves for a new visit, and the gate
    stands before this one. Cleared here, widgets that the browser still has would look as if somebody had changed them,
    and their callbacks would look for values that are gone.
    """
    under_way.end_all()
    for grafana in tuple(cache.own_tokens()):
        cache.forget_token(grafana)
    cache.signed_out().add(st.user.to_dict())
    st.logout()

"""Pictures to take away: PNG and SVG, drawn by the browser, and a page that works alone. The frame is inside."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.core import takeaway
from lib.core.charts.framed import HEIGHT, WIDTH, Frame, framed
from lib.core.drawing import draw, unfit
from lib.core.export import file_name
from lib.core.palette import LIGHT
from lib.core.standalone import BUNDLE, standalone
from lib.core.view import View
from lib.ui import visitor
from lib.ui.asking import Asked
from lib.ui.static_files import address

NAME = "hubscope.picture"
_KINDS = (("png", "PNG", ":material/image:"), ("svg", "SVG", ":material/draw:"))
_WANTED = "_picture_wanted"
# Draws once for each order, whatever the page does afterwards.
_SCRIPT = """
const orders = (window.hubscopePictures ??= { done: new Set() });

const library = (address) => (orders.library ??= new Promise((resolve, reject) => {
  const script = document.createElement("script");
  script.src = new URL(address, document.location.origin).href;
  script.onload = () => resolve(window.Plotly);
  script.onerror = reject;
  document.head.append(script);
}));

async function take(order) {
  const plotly = await library(order.bundle);
  const { data, layout } = JSON.parse(order.figure);
  const size = { format: order.format, width: order.width, height: order.height, scale: order.scale };
  const link = document.createElement("a");
  link.href = await plotly.toImage({ data, layout }, size);
  link.download = order.name;
  link.click();
}

export default function ({ data, parentElement }) {
  if (!data || orders.done.has(data.order)) return;
  orders.done.add(data.order);
  take(data).catch(() => {
    delete orders.library;
    parentElement.querySelector("p").textContent = "The picture could not be drawn. Reload the page and try again.";
  });
}
"""


@st.fragment
@visitor.gated
def buttons(asked: Asked, view: View, frame: Frame, look: dict[str, Any]) -> None:
    """PNG, SVG and HTML of a view with its frame. `look`: how the page draws it, as `lib.core.drawing.draw` takes it.

    The browser is sent the drawing when somebody asks for a picture, not before.
    """
    if view.whole.empty or unfit(view):
        return
    with st.container(horizontal=True, gap="xsmall"):
        for kind, label, icon in _KINDS:
            st.button(
                label,
                key=f"_picture_{kind}",
                icon=icon,
                type="primary" if kind == "png" else "secondary",
                help=f"Save the picture with its title and sources as {label}",
                on_click=_order,
                args=(kind,),
            )
        st.download_button(
            "HTML",
            lambda: standalone(draw(view, **look, palette=LIGHT), frame).encode(),
            file_name=_name(asked, view, frame, "html"),
            mime="text/html",
            key="_picture_html",
            icon=":material/web:",
            on_click="ignore",
            help="Save the chart as a page that works without a network, also inside another page",
        )
    wanted = st.session_state.pop(_WANTED, None)
    if wanted:
        _take(view, frame, _name(asked, view, frame, wanted), wanted, look)


def _name(asked: Asked, view: View, frame: Frame, suffix: str) -> str:
    scope = [*([] if view.by == "series" else [view.by]), view.chart]
    days = takeaway.days(view)
    return file_name(asked.question.slug, scope, asked.result.grid, repr(frame).encode(), suffix, days)


def _order(kind: str) -> None:
    st.session_state[_WANTED] = kind
    st.session_state["_pictures_taken"] = st.session_state.get("_pictures_taken", 0) + 1


def _take(view: View, frame: Frame, name: str, kind: str, look: dict[str, Any]) -> None:
    figure = framed(draw(view, **look, palette=LIGHT), frame)
    st.components.v2.component(NAME, html="<p></p>", js=_SCRIPT)(
        key="_picture",
        data={
            "bundle": address(BUNDLE),
            "figure": figure.to_json(),
            "format": kind,
            "name": name,
            "width": WIDTH,
            "height": HEIGHT,
            "scale": 2 if kind == "png" else 1,
            "order": f"{st.session_state['_pictures_taken']} {name}",
        },
    )

"""A chart as one HTML file that needs no network: with its drawing library, its title and its notes."""

from __future__ import annotations

import functools
import gzip
import html
from base64 import b64encode
from pathlib import Path

import plotly.graph_objects as go

from lib.core.charts.framed import Frame

# plotly.js without maps, 3-D and the like, as its authors build and publish it (npm: plotly.js-cartesian-dist-min).
BUNDLE = Path(__file__).parents[2] / "static" / "plotly-cartesian.min.js"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0; background: #fff; color: #0f1a22;
  font-family: "Source Sans 3", "Source Sans Pro", "Helvetica Neue", Arial, sans-serif; }}
figure {{ margin: 0; padding: 16px; }}
h1 {{ font-size: 22px; line-height: 1.25; margin: 0 0 4px; }}
p, figcaption {{ color: #4d5b66; font-size: 14px; line-height: 1.45; margin: 0 0 12px; }}
figcaption {{ font-size: 13px; margin: 12px 0 0; }}
</style>
</head>
<body>
<figure>
<h1>{title}</h1>
<p>{subtitle}</p>
<div id="chart" role="img" aria-label="{title}" style="height: {height}px"></div>
<figcaption>{notes}<br>{stamp}</figcaption>
</figure>
<script id="library" type="text/plain">{library}</script>
<script id="drawing" type="application/json">{figure}</script>
<script>
(async () => {{
  const packed = Uint8Array.from(atob(document.getElementById("library").textContent), (c) => c.charCodeAt(0));
  const opened = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(opened).text();
  document.head.append(script);
  const figure = JSON.parse(document.getElementById("drawing").textContent);
  await window.Plotly.newPlot("chart", figure.data, figure.layout, {config});
}})();
</script>
</body>
</html>
"""


def standalone(figure: go.Figure, frame: Frame) -> str:
    """A page of about 0.7 MB and the figure, light, for a browser of 2023 or newer; it also works inside an iframe.

    The figure must have real colours, not placeholders. The same figure gives the same text.
    """
    height = figure.to_dict()["layout"]["height"]
    written = {name: html.escape(text) for name, text in vars(frame).items()}
    config = '{"displayModeBar": false, "responsive": true}'
    drawing = str(figure.to_json()).replace("<", "\\u003c")
    return _PAGE.format(height=height, library=_packed_library(), figure=drawing, config=config, **written)


@functools.cache
def _packed_library() -> str:
    return b64encode(gzip.compress(BUNDLE.read_bytes(), 9, mtime=0)).decode("ascii")

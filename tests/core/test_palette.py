"""Colours that everyone can tell apart, and the settings file that carries them to the browser."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest
from streamlit import config
from streamlit.elements.lib import streamlit_plotly_theme as placeholders

from lib.core.palette import DARK, DARK_STATES, LIGHT, LIGHT_STATES, SCREEN, Palette, States

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / ".streamlit" / "config.toml"
SHIPPED = tomllib.loads(SETTINGS.read_text("utf-8"))
Floats = npt.NDArray[np.float64]

# Machado, Oliveira, Fernandes 2009, table 1, severity 1.0: how linear RGB is seen.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]])
themes = pytest.mark.parametrize(
    ("theme", "palette", "states"), [("light", LIGHT, LIGHT_STATES), ("dark", DARK, DARK_STATES)], ids=["light", "dark"]
)


def linear(color: str) -> Floats:
    values = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2, relative luminance."""
    dark, light = sorted(float(linear(color) @ XYZ[1]) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(color: str, vision: str) -> Floats:
    t = XYZ @ np.clip(VISION[vision] @ linear(color), 0, 1) / XYZ.sum(axis=1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: Floats, other: Floats) -> float:
    """Sharma, Wu, Dalal 2005."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - np.sqrt(c7 / (c7 + 25.0**7)))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + h2 + (360 if abs(h1 - h2) > 180 else 0)) / 2
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = sum(
        k * np.cos(np.radians(n * hue + s)) for k, n, s in ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.2, 4, -63))
    )
    dl = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2) / (1 + 0.015 * chroma * (1 + t))
    bend = np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * bend
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh))


def closest(colors: tuple[str, ...], vision: str) -> float:
    seen = [lab(color, vision) for color in colors]
    return min(ciede2000(one, other) for one, other in itertools.combinations(seen, 2))


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
        ((50, -1, 2), (50, 0, 0), 2.3669),
    ],
)
def test_the_distance_is_that_of_the_published_examples(one: Floats, other: Floats, distance: float) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(distance, abs=1e-4)


@themes
@pytest.mark.parametrize("vision", VISION)
def test_ten_colours_and_others_are_told_apart(theme: str, palette: Palette, states: States, vision: str) -> None:
    assert len(palette.series) == 10
    assert closest((*palette.series, palette.others), vision) > 10


@themes
@pytest.mark.parametrize(("first", "least"), [(3, 14), (5, 12)])
def test_the_first_colours_are_further_apart(
    theme: str, palette: Palette, states: States, first: int, least: float
) -> None:
    assert min(closest(palette.series[:first], vision) for vision in VISION) > least


@themes
def test_every_colour_stands_out_from_the_page(theme: str, palette: Palette, states: States) -> None:
    assert min(contrast(color, palette.page) for color in (*palette.series, palette.others)) >= 3.1
    assert min(contrast(color, palette.page) for color in (states.good, states.warn, states.failed)) >= 3.1
    assert contrast(palette.text, palette.page) >= 4.5


@themes
def test_a_state_is_no_series(theme: str, palette: Palette, states: States) -> None:
    assert not {states.good, states.warn, states.failed} & set(palette.series)


@themes
def test_the_theme_has_the_same_colours(theme: str, palette: Palette, states: States) -> None:
    shipped = SHIPPED["theme"][theme]
    assert tuple(shipped["chartCategoricalColors"]) == palette.series
    assert tuple(shipped["chartSequentialColors"]) == palette.sequential
    assert shipped["backgroundColor"] == palette.page
    assert shipped["grayTextColor"] == palette.text
    assert (shipped["greenColor"], shipped["orangeColor"], shipped["redColor"]) == (
        states.good,
        states.warn,
        states.failed,
    )


def test_the_placeholders_are_those_of_the_installed_streamlit() -> None:
    assert SCREEN.series == tuple(getattr(placeholders, f"CATEGORY_{number}") for number in range(10))
    assert SCREEN.sequential == tuple(getattr(placeholders, f"SEQUENTIAL_{number}") for number in range(10))
    assert (SCREEN.text, SCREEN.page) == (placeholders.GRAY_90, placeholders.BG_COLOR)
    assert SCREEN.live and not LIGHT.live and not DARK.live


def test_the_browser_part_of_streamlit_replaces_every_placeholder() -> None:
    folder = Path(placeholders.__file__).parents[2] / "static" / "static" / "js"
    scripts = [path.read_text("utf-8") for path in folder.glob("PlotlyChart.*.js")]
    assert scripts, "Streamlit draws Plotly charts in another file now"
    for color in (*SCREEN.series, *SCREEN.sequential, SCREEN.text, SCREEN.grid, SCREEN.page):
        assert any(color in script for script in scripts), color


def test_every_setting_is_known_to_streamlit_and_accepted_without_a_warning() -> None:
    command = [sys.executable, "-m", "streamlit", "config", "show"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert "warning" not in shown.stderr.lower() and "not a valid" not in (shown.stdout + shown.stderr)
    known = {key.removeprefix("_") for key in config.get_config_options()}
    assert {key for key, _ in flat(SHIPPED)} <= known
    hidden = {key for key, option in config.get_config_options().items() if option.visibility == "hidden"}
    for key, value in flat(SHIPPED):
        if key in hidden:  # such as server.maxWidgetStateSize: accepted, and not listed
            continue
        if not isinstance(value, (list, dict)):
            assert re.search(rf"^{key.rpartition('.')[2]} = ", shown.stdout, re.MULTILINE), key


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("server.address", "127.0.0.1"),
        ("server.headless", True),
        ("server.showEmailPrompt", False),
        ("server.enableCORS", True),
        ("server.enableXsrfProtection", True),
        ("server.enableAgentApi", False),
        ("server.maxUploadSize", 1),
        ("server.disconnectedSessionTTL", 30),
        ("server.fileWatcherType", "none"),
        ("client.showErrorDetails", "none"),
        ("client.showErrorLinks", False),
        ("client.toolbarMode", "viewer"),
        ("client.disableDataExport", True),
        ("browser.gatherUsageStats", False),
        ("runner.magicEnabled", False),
    ],
)
def test_the_settings_that_keep_people_safe_are_shipped(key: str, value: object) -> None:
    assert dict(flat(SHIPPED))[key] == value


def test_the_menu_of_pages_is_not_switched_off() -> None:
    assert "showSidebarNavigation" not in SHIPPED["client"]


def test_every_line_of_the_settings_says_why() -> None:
    lines = SETTINGS.read_text("utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        setting = " = " in line and not line.startswith("#")
        assert not setting or re.search(r" # \w", line) or before.startswith("# "), line


@pytest.mark.parametrize(("name", "width"), [("logo.svg", 128), ("icon.svg", 32)])
def test_the_drawings_are_self_contained(name: str, width: int) -> None:
    path = ROOT / "static" / name
    root = ElementTree.parse(path).getroot()
    assert (root.get("width"), root.get("height")) == (str(width), "32")
    assert not re.search(r"href|url\(|<script|<text|font", path.read_text("utf-8"))
    assert min(contrast("#2c859e", page) for page in (LIGHT.page, DARK.page)) >= 4.2


def flat(table: dict[str, object], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in table.items():
        found += flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", value)]
    return found

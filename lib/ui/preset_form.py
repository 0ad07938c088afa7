"""The form that makes a preset of the queries in the fields: to download, or to put into the folder of one's own."""

from __future__ import annotations

import re
from dataclasses import replace

import streamlit as st

from lib import cache
from lib.core.charts import CHART_TYPES
from lib.core.errors import AppError, PresetError
from lib.core.paste import for_preset
from lib.core.preset_files import TABLE
from lib.core.preset_writing import checked, id_of, write_into
from lib.core.presets import SUBJECTS, Covers, NamedQuery, Preset
from lib.core.time_range import parse_duration
from lib.core.units import UNITS
from lib.core.variables import NumberVariable
from lib.core.written import Written, chosen_in, name_parameter, names_of
from lib.ui import draft, messages, visitor, written
from lib.ui.catalogue import known_presets

MOST_WORDS = 60  # of meaning and care together: what fits beside a chart
_COVERS = {
    Covers.INSTANT: "That moment",
    Covers.WINDOW: "A fixed time before it, such as 24 h",
    Covers.STEP: "The time since the point before",
}
_NEEDED = {
    "question": "question",
    "title": "short title",
    "id": "id",
    "means": "what the number means",
    "care": "read with care",
}
_RANGE = re.compile(r"now-[1-9][0-9]{0,3}[hdwMy]")
_WRITTEN = "_preset_written"


def open_button() -> None:
    """Opens the form, where there is something to save."""
    if st.button("Save as preset", key="_open_preset_form", icon=":material/bookmark_add:", type="tertiary"):
        st.session_state[_WRITTEN] = ""
        _dialog()


@st.dialog("Save as preset", width="medium")
@visitor.gated
def _dialog() -> None:
    panel()


def panel() -> None:
    """The whole form, and what it gives: what the dialog holds."""
    try:
        queries, numbers = _queries()
    except AppError as error:
        messages.show_error(error)
        return
    if not queries:
        st.markdown("The field is empty. Write a query first.")
        return
    preset = _filled_in(_from_what_is_known(queries, numbers))
    if st.session_state.get(_WRITTEN):
        st.success("It is in the folder, and among all questions of the Presets page.", icon=":material/check:")
        return
    if missing := [words for field, words in _NEEDED.items() if not getattr(preset, field)]:
        st.caption(messages.md(f"Still to fill in: {', '.join(missing)}."))
        return
    try:
        text = checked(preset)
    except PresetError as error:
        messages.show_error(error)
        return
    _take_away(preset, text)


def _queries() -> tuple[tuple[NamedQuery, ...], tuple[NumberVariable, ...]]:
    """What stands in the fields, with what a preset can leave open left so. Raises QueryError."""
    state = st.session_state
    typed = [
        Written(letter, text, str(state.get(name_parameter(letter)) or ""))
        for letter in written.letters()
        if (text := draft.text(letter)).strip()
    ]
    names = names_of(typed) if len(typed) > 1 else ("",)
    texts: list[str] = []
    numbers: dict[str, NumberVariable] = {}
    for each in typed:
        text, left_open = for_preset(each.text, chosen_in(state))
        texts.append(text.strip())
        numbers |= {number.name: number for number in left_open}
    return tuple(map(NamedQuery, names, texts)), tuple(numbers.values())


def _from_what_is_known(queries: tuple[NamedQuery, ...], numbers: tuple[NumberVariable, ...]) -> Preset:
    """A beginning: the preset that the text came from, else what the page says."""
    state = st.session_state
    start, step = str(state.get("from") or ""), str(state.get("step") or "")
    came_from = known_presets().get(str(state.get("preset") or ""))
    beginning = Preset(
        id="",
        question="",
        title="",
        subject=SUBJECTS[0],
        means="",
        care="",
        unit="short",
        chart=str(state.get("chart") or "lines"),
        queries=queries,
        range=start if _RANGE.fullmatch(start) else "now-30d",
        step=parse_duration(step) if step else 0,
        covers=Covers.INSTANT,
        adds=False,
        instant=state.get("mode") == "now",
        by=str(state.get("by") or ""),
        numbers=numbers,
    )
    if came_from is None or came_from.subject not in SUBJECTS:
        return beginning
    kept = {name: getattr(came_from, name) for name in ("subject", "unit", "chart", "covers", "adds", "means", "care")}
    return replace(beginning, **kept)


def _filled_in(known: Preset) -> Preset:
    """The form. What was typed stays while the dialog is open; what is known stands there at first."""
    question = st.text_input(
        "Question", key="_preset_question", placeholder="How many people used each hub?", max_chars=120
    )
    left, right = st.columns(2)
    title = left.text_input("Short title", key="_preset_title", placeholder="Daily users", max_chars=60)
    made = id_of(title)
    chosen_id = right.text_input("Id", key="_preset_id", placeholder=made or "daily-users", max_chars=64)
    means = st.text_area("What the number means", known.means, key="_preset_means", height=80)
    care = st.text_area("Read with care", known.care, key="_preset_care", height=80)
    if (count := len(f"{means} {care}".split())) > MOST_WORDS:
        st.caption(f"{count:,} words; at most 60 read well beside a chart.")
    left, middle, right = st.columns(3)
    charts = [*CHART_TYPES, TABLE]
    subject = left.selectbox("Subject", SUBJECTS, SUBJECTS.index(known.subject), key="_preset_subject")
    unit = middle.selectbox("Unit", list(UNITS), list(UNITS).index(known.unit), key="_preset_unit")
    chart = right.selectbox(
        "Chart",
        charts,
        charts.index(known.chart) if known.chart in charts else 0,
        key="_preset_chart",
        format_func=_chart_name,
    )
    covers = st.selectbox(
        "A value speaks of",
        list(_COVERS),
        list(_COVERS).index(known.covers),
        key="_preset_covers",
        format_func=_COVERS.__getitem__,
    )
    adds = st.toggle("Values of different hubs may be added up", known.adds, key="_preset_adds")
    synonyms = st.text_input("Other words to find it by", key="_preset_synonyms", placeholder="active people, DAU")
    return replace(
        known,
        id=chosen_id.strip() or made,
        question=question.strip(),
        title=title.strip(),
        means=means.strip(),
        care=care.strip(),
        subject=subject,
        unit=unit,
        chart=chart,
        covers=covers,
        adds=adds,
        by=known.by if adds or known.by == "series" else "",
        synonyms=tuple(word.strip() for word in synonyms.split(",") if word.strip()),
    )


def _chart_name(chart: str) -> str:
    return CHART_TYPES[chart].label if chart in CHART_TYPES else "Table"


def _take_away(preset: Preset, text: str) -> None:
    folder = cache.settings().presets
    with st.container(horizontal=True, gap="small"):
        if folder:
            st.button(
                "Save",
                key="_preset_save",
                type="primary",
                icon=":material/save:",
                help="Writes a file into the folder of your own presets",
                on_click=_save,
                args=(preset,),
            )
        st.download_button(
            "Download TOML",
            text,
            file_name=f"{preset.id}.toml",
            mime="application/toml",
            key="_preset_download",
            icon=":material/download:",
            type="secondary" if folder else "primary",
            on_click="ignore",
        )
    if refusal := st.session_state.pop(_REFUSED, None):
        messages.show_error(refusal)
    st.code(text, language="toml", wrap_lines=True)


_REFUSED = "_preset_refused"


def _save(preset: Preset) -> None:
    try:
        write_into(cache.settings().presets, preset, known_presets())
        st.session_state[_WRITTEN] = preset.id
    except PresetError as error:
        st.session_state[_REFUSED] = error

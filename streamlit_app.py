"""The entry point: page settings, then the frame, which draws everything else."""

import streamlit as st

from lib.ui import frame

st.set_page_config(page_title="Hubscope", page_icon="static/icon.svg", layout="wide")
frame.draw()

"""Visitors without a browser: a client of Streamlit's web socket that reads every number it is sent, and checks it."""

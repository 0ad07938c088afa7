"""Widgets in, core values out: what the pages share of the screen."""

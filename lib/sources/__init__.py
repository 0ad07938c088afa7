"""The only sockets: what can be asked, how to find it, and how to ask all of it at once.

To add a kind of data source, add a module here with a function under `@source_kind("name")` that turns `Settings`
into `Discovery`; settings decide which kinds have work to do.
"""

from __future__ import annotations

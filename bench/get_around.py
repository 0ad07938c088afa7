"""How many queries see hubs that they may not: `python -m bench.get_around` keeps a JSON line per kind of server."""

from __future__ import annotations

import sys

from bench.record import keep_line
from tests.promql.get_around import GET_AROUND
from tests.sources.walls import SERVERS, opened, tried


def main() -> int:
    """Tries every query on each kind of server, prints and keeps what came of it. 1 where one got around the fence."""
    leaked = 0
    for server in SERVERS:
        with opened(server) as sides:
            found = [tried(sides, text) for text in GET_AROUND.values()]
        line = {
            "server": server,
            "tried": len(found),
            "answered": sum(each.rows > 0 for each in found),
            "refused": sum(bool(each.refusals) for each in found),
            "rows": sum(each.rows for each in found),
            "rows_of_a_forbidden_hub": sum(len(each.leaks) for each in found),
        }
        leaked += line["rows_of_a_forbidden_hub"]
        keep_line("fence", line)
        print(f"{server}: get-around queries: {line['tried']} tried, {leaked} rows of a forbidden hub", flush=True)
    return int(leaked > 0)


if __name__ == "__main__":
    sys.exit(main())

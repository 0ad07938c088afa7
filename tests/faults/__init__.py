"""Every fault that a data source may show, what must become of it, and a judge: see `cases`, `situations`, `judge`."""

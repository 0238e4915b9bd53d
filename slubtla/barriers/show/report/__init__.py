"""One HTML file that shows runs to a person: the answer, the matrix, the traces, the provenance."""

from __future__ import annotations

from slubtla.barriers.show.html import explorer_css, explorer_js
from slubtla.barriers.show.html.explorer import ExplorerData, explorer_data
from slubtla.barriers.show.report.page import html_report, write_report

__all__ = [
    "ExplorerData",
    "explorer_css",
    "explorer_data",
    "explorer_js",
    "html_report",
    "write_report",
]

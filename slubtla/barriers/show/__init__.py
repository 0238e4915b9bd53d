"""Views of results: terminal, files, plots, HTML report, notebook."""

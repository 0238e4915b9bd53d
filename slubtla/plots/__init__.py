"""Pictures with matplotlib: swim lanes of a trace, and plots of numbers.

Every function that draws takes ``ax=None`` and returns the :class:`~matplotlib.axes.Axes`; without
one it makes a figure of its own, which never opens a window. matplotlib is loaded when something
is drawn, and not before.
"""

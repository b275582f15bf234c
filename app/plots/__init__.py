"""Curves of recorded steps, with pyqtgraph; imported when one is first looked at."""

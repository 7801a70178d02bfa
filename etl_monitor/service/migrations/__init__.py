"""Schema changes, in order. A new one: `versions/NNNN_what.py` after the newest."""

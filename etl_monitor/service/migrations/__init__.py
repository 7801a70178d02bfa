"""Schema changes, in order. Add a new one as `versions/NNNN_what.py` after the newest."""

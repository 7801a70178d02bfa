"""Files to download: buttons on a page, and the plain routes that send the files.

A route streams while it makes the file. Streamlit's own download button keeps the file in its media
store, which removes it when another page runs.
"""

"""REST and feed over HTTP: one module for each noun, the frame of every reply in `envelope`."""

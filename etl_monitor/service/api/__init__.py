"""REST and feed over HTTP: a module for each noun; `responses` has the frame of every reply."""

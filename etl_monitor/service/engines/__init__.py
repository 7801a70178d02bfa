"""What runs the jobs: `base` says what an engine is, `local` is one of worker processes."""

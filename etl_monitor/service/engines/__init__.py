"""Engines run the jobs: `base` is their interface, `local` the one with worker processes, `remote`
the one with workers of Celery."""

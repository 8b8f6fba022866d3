"""Where `celery -A worker` looks for the app."""

from worker.entrypoints.tasks import app

__all__ = ["app"]

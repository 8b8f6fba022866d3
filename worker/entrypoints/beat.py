"""Beat's scheduler: Celery's own, which expects the folder of its file to be there, and a clock that only goes on."""

import os
from datetime import timedelta
from typing import Any

import structlog
from celery.beat import PersistentScheduler

from worker.entrypoints import process, worker_pulse
from worker.telemetry import Log

log = structlog.get_logger()


class Scheduler(PersistentScheduler):  # type: ignore[misc] # Celery has no types
    """Keeps what it sent last in `DATA_DIR`, and makes that folder first."""

    def setup_schedule(self) -> None:
        """Open the file; ends the process with a sentence if its folder cannot be made."""
        folder = process.settings().data_dir
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            process.leave(f"{folder} (COLETA_DATA_DIR) cannot be made: {error.strerror}; name a directory that can")
        os.umask(0o077)  # the file has no mode of its own
        super().setup_schedule()

    def tick(self, *args: Any, **options: Any) -> float:  # noqa: ANN401 - Celery's
        """Do what is due, and note that the loop turns."""
        worker_pulse.did("turned")
        self._mind_the_clock()
        return float(super().tick(*args, **options))

    def _mind_the_clock(self) -> None:
        """Let what ran in the future run now: the clock was set back, and Celery would wait until it has caught up.

        Its file remembers that moment as well, so that a restart would change nothing.
        """
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at > now:
                log.warning(
                    Log.CLOCK_SET_BACK, task=entry.task, seconds=round((entry.last_run_at - now).total_seconds())
                )
                # What Celery brings along runs at an hour of the day, and has no interval.
                entry.last_run_at = now - getattr(entry.schedule, "run_every", timedelta())
                self._heap = None

    def apply_async(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - Celery's
        """Send a message, and note that it was sent."""
        sent = super().apply_async(*args, **options)
        worker_pulse.did("sent")
        return sent

    def close(self) -> None:
        """Close the file, and say good-bye."""
        super().close()
        worker_pulse.end()

"""Beat's scheduler: Celery's own, which expects the folder of its file to be there."""

import os
from typing import Any

from celery.beat import PersistentScheduler

from worker.entrypoints import process, worker_pulse


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
        return float(super().tick(*args, **options))

    def apply_async(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - Celery's
        """Send a message, and note that it was sent."""
        sent = super().apply_async(*args, **options)
        worker_pulse.did("sent")
        return sent

    def close(self) -> None:
        """Close the file, and say good-bye."""
        super().close()
        worker_pulse.end()

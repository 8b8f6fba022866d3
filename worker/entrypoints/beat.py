"""Beat's scheduler: Celery's own, which expects the folder of its file to be there."""

import os

from celery.beat import PersistentScheduler

from worker.entrypoints import process


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

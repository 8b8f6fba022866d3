"""The `coleta` command: thin, and quick to start, since a command's work is imported when it runs."""

from worker.entrypoints.cli.app import app


def main() -> None:
    """Run the command that the process's arguments name."""
    app()

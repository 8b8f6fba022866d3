"""What the state's server is called where a person reads it."""

from config.settings import Settings
from config.urls import redis_named, without_password
from worker.entrypoints.embedded.folder import Folder


def server_named(settings: Settings) -> str:
    """Return the words for the server that the settings name, or that `coleta up` runs: each is mended elsewhere."""
    url = settings.redis_url or ""
    own = Folder(settings.data_dir.absolute()).read_address()
    if own is not None and own.url == url:
        return f"the embedded server in {settings.data_dir} ({without_password(url)})"
    return redis_named(url)

"""Where `coleta up --sandbox` lives: a directory of its own in DATA_DIR, with a stores file of its own."""

from config.settings import Settings


def in_sandbox(settings: Settings) -> Settings:
    """Return the settings of the sandbox that belongs to these."""
    home = settings.data_dir / "sandbox"
    return settings.model_copy(update={"data_dir": home, "stores_file": home / "stores.toml"})

"""A stores file that is followed, on a clock that a test moves."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from config.stores import Stores, StoresError
from config.watched_stores import WatchedStores

LOOK_SECONDS = 1.0
TRY_SECONDS = 10.0


class Variables(Mapping[str, str]):
    """An environment in which something may happen while a file's secrets are being resolved."""

    def __init__(self) -> None:
        self.values_by_name = {"KEY": "the-secret"}
        self.meanwhile: list[Callable[[], object]] = []

    def __getitem__(self, name: str) -> str:
        if self.meanwhile:
            self.meanwhile.pop()()
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


class Watch:
    """A stores file in a folder, and the process that follows it. `reads` counts how often it was read."""

    def __init__(self, folder: Path, text: str, environ: Callable[[], Mapping[str, str]] = Variables) -> None:
        self.file = folder / "stores.toml"
        self.file.write_text(text)
        self.now = 100.0
        self.reads = 0
        self._environ = environ
        self.changes: list[tuple[list[str], list[str]]] = []
        self.refusals: list[str] = []
        self.stores = WatchedStores(
            self.file,
            self.environ,
            changed=lambda before, after: self.changes.append((sorted(before), sorted(after))),
            refused=self.refuse,
            clock=lambda: self.now,
        )

    def environ(self) -> Mapping[str, str]:
        self.reads += 1
        return self._environ()

    def refuse(self, error: StoresError) -> None:
        self.refusals.append(str(error))

    def after(self, seconds: float) -> Stores:
        """Return the stores as the process sees them so much later."""
        self.now += seconds
        return self.stores.current()

    def key(self, name: str = "acme") -> str:
        """Return the SkyHub key of a store, a look later."""
        return self.after(LOOK_SECONDS)[name].skyhub.api_key

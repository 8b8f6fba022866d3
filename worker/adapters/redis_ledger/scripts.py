"""The Lua scripts of this package: loaded once a server, called by their digest, loaded again where one forgot them."""

from collections.abc import Callable
from hashlib import sha1
from importlib import resources
from typing import Any, TypeVar, cast
from uuid import uuid4

from redis import Redis
from redis.client import Pipeline
from redis.cluster import RedisCluster
from redis.exceptions import NoScriptError

Client = Redis | RedisCluster
Answer = TypeVar("Answer")


def _source(name: str) -> str:
    """Return a script with what all of them may use before it."""
    package = resources.files(__package__)
    return "".join(package.joinpath(f"{part}.lua").read_text() for part in ("server", name))


def sendable(text: str) -> bytes:
    """Return a text as it may go to Redis: hiredis refuses one that was cut in two within a character."""
    return text.encode(errors="replace")


def write_id() -> str:
    """Return an id by which a script knows its own earlier call again."""
    return uuid4().hex[:12]


class Scripts:
    """Calls scripts by name, alone or in a pipeline. Every script may be repeated, so a pipeline may be too."""

    def __init__(self, client: Client) -> None:
        self._client = client
        names = (
            "append",
            "attempt",
            "count",
            "drop",
            "forget",
            "forward",
            "lease",
            "now",
            "once",
            "retire",
            "save",
            "stamp",
            "standing",
            "walk",
        )
        self.sources = {name: _source(name) for name in names}
        self.digests = {
            name: sha1(text.encode(), usedforsecurity=False).hexdigest() for name, text in self.sources.items()
        }

    def call(self, name: str, keys: list[str], args: list[str | int]) -> Any:  # noqa: ANN401 - what a script returns
        """Run one script and return its answer."""
        try:
            return self.add(self._client, name, keys, args)
        except NoScriptError:
            self._load()
            return self.add(self._client, name, keys, args)

    def add(self, pipe: "Pipeline | Client", name: str, keys: list[str], args: list[str | int]) -> Any:  # noqa: ANN401 - as above
        """Put a script's call into a pipeline, or send it alone: a pipeline of one costs a fifth more."""
        parts = [sendable(part) if isinstance(part, str) else part for part in (*keys, *args)]
        # Not `evalsha`: a cluster's pipeline blocks that method, not the command. It has no types.
        return cast("Any", pipe).execute_command("EVALSHA", self.digests[name], len(keys), *parts)

    def pipeline(self, fill: Callable[["Pipeline"], None], *, raising: bool = True) -> list[Any]:
        """Run what `fill` puts into a pipeline, in one round trip, and return the answers.

        With `raising` the first error is raised, else they stand among the answers: a cluster's node may be away.
        """
        answers = self._run(fill)
        if any(isinstance(answer, NoScriptError) for answer in answers):
            self._load()
            answers = self._run(fill)
        for answer in answers if raising else ():
            if isinstance(answer, Exception):
                raise answer
        return answers

    def _load(self) -> None:
        for text in self.sources.values():
            self._client.script_load(text)

    def _run(self, fill: Callable[["Pipeline"], None]) -> list[Any]:
        # A cluster's pipeline is no subclass; what is used here, both can.
        with cast("Pipeline", self._client.pipeline(transaction=False)) as pipe:
            fill(pipe)
            return pipe.execute(raise_on_error=False)

"""What became of many things that were asked for: counted, told as it goes, summed up in the end."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import typer

from worker.entrypoints.cli.interruption import Interruption, interruptible
from worker.entrypoints.cli.terminal import Shown, showing, silent, tell


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of what was `done` (as `verb` says it), what held already, and what was refused, of so many `wanted`.

    `keys` name what a refusal is about in JSON, as "store" and "order_id"; `so_before` says what held already.
    """

    verb: str
    keys: tuple[str, ...]
    wanted: int
    so_before: str = ""
    dry_run: bool = False
    as_json: bool = False
    done: int = 0
    held: int = 0
    refused: int = 0
    _refusals: list[Mapping[str, str | None]] = field(default_factory=list)
    _shown: Shown = field(default_factory=silent)

    @contextmanager
    def working(self, words: str) -> Iterator[Interruption]:
        """Show how far it is while the block lasts, then print the sum, whatever ends it.

        Ends the process with 1 if anything was refused, and as a signal does if one came.
        """
        try:
            still = self.dry_run and not self.as_json  # its lines are on standard output
            with showing(words, self.wanted, still=still) as self._shown, interruptible() as interruption:
                yield interruption
        finally:
            self._report()
        interruption.leave_if_told()
        if self.refused:
            raise SystemExit(1)

    def do(self, said: str = "") -> None:
        """Count one that was done; in a dry run `said` is what it would be."""
        self.done += 1
        if self.dry_run and not self.as_json:
            tell(said)
        self._shown.advance()

    def hold(self) -> None:
        """Count one that was as wished already."""
        self.held += 1
        self._shown.advance()

    def refuse(self, reason: str, *names: str | None) -> None:
        """Count one that was refused, and say why; a name may be of nothing."""
        self.refused += 1
        if self.as_json:
            self._refusals.append({**dict(zip(self.keys, names, strict=True)), "reason": reason})
        else:
            self._shown.say(f"{' '.join(filter(None, names))}: {reason}")
        self._shown.advance()

    def _report(self) -> None:
        left = self.wanted - self.done - self.held - self.refused
        if self.as_json:
            counts = {self.verb.replace(" ", "_"): self.done, "held": self.held, "left": left}
            typer.echo(json.dumps({**counts, "dry_run": self.dry_run, "refused": self._refusals}, ensure_ascii=False))
            return
        said = [f"{self.verb} {self.done:,}"]
        said += [f"{self.so_before or f'{self.verb} before'} {self.held:,}"] if self.held else []
        said += [f"refused {self.refused:,} ({'each ' * (self.refused > 1)}said above)"] if self.refused else []
        said += [f"left as they were {left:,}"] if left else []
        tell("dry run, nothing was changed: " * self.dry_run + ", ".join(said))

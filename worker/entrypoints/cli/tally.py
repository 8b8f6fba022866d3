"""What became of many things that were asked for: counted, told as it goes, summed up in the end."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import typer

from worker.entrypoints.cli.agreeing import agree
from worker.entrypoints.cli.interruption import Interruption, interruptible
from worker.entrypoints.cli.options import How
from worker.entrypoints.cli.terminal import Shown, complain, showing, silent, tell


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of what was `done` (as `verb` says it), what held already, and what was refused, of so many `wanted`.

    What was `missed` is of stores whose server went away: it was not reached, or the answer was lost. `keys` name what
    a refusal is about in JSON, as "store" and "order_id"; `so_before` says what held already.
    """

    verb: str
    things: str
    keys: tuple[str, ...]
    wanted: int
    how: How
    so_before: str = ""
    done: int = 0
    held: int = 0
    refused: int = 0
    missed: int = 0
    _refusals: list[Mapping[str, str | None]] = field(default_factory=list)
    _misses: list[Mapping[str, str | int | None]] = field(default_factory=list)
    _shown: Shown = field(default_factory=silent)

    @contextmanager
    def working(self, words: str, question: str = "") -> Iterator[Interruption]:
        """Ask, if there is a question; show how far it is while the block lasts; then print the sum, whatever ends it.

        Ends the process with 1 if the answer is no or anything was refused or missed, and as a signal does if one
        came. Where nothing is wanted that is said, and the block finds nothing to do.
        """
        if not self.wanted and not self.how.as_json:
            complain(f"no such {self.things}: nothing to do")
            yield Interruption()
            return
        if question and self.wanted and not self.how.dry_run:
            agree(f"{question}?", yes=self.how.yes)
        try:
            still = self.how.dry_run and not self.how.as_json  # its lines are on standard output
            with showing(words, self.wanted, still=still) as self._shown, interruptible() as interruption:
                yield interruption
        finally:
            self._report()
        interruption.leave_if_told()
        if self.refused or self.missed:
            raise SystemExit(1)

    @property
    def counted(self) -> int:
        """How many were told of one by one."""
        return self.done + self.held + self.refused

    def do(self, said: str = "") -> None:
        """Count one that was done; in a dry run `said` is what it would be."""
        self.done += 1
        if self.how.dry_run and not self.how.as_json:
            tell(said)
        self._shown.advance()

    def hold(self) -> None:
        """Count one that was as wished already."""
        self.held += 1
        self._shown.advance()

    def refuse(self, reason: str, *names: str | None) -> None:
        """Count one that was refused, and say why; a name may be of nothing."""
        self.refused += 1
        if self.how.as_json:
            self._refusals.append({**dict(zip(self.keys, names, strict=True)), "reason": reason})
        else:
            self._shown.say(named(reason, *names))
        self._shown.advance()

    def miss(self, store: str | None, number: int, reason: str) -> None:
        """Count what of a store was missed, and why, to be said in the end; None: what is of no store."""
        if number:
            self.missed += number
            self._misses.append({"store": store, "left": number, "reason": reason})

    def _report(self) -> None:
        left = self.wanted - self.counted
        if self.how.as_json:
            counts = {self.verb.replace(" ", "_"): self.done, "held": self.held, "left": left}
            told = {"dry_run": self.how.dry_run, "refused": self._refusals, "missed": self._misses}
            typer.echo(json.dumps({**counts, **told}, ensure_ascii=False))
            return
        for each in self._misses:
            whose = f"store {each['store']}" if each["store"] else "of no store"
            complain(f"{whose}: {each['left']:,} not reached: {each['reason']}")
        if self.missed:
            complain("once that is mended, give the command again: what was done stays as it is")
        left -= self.missed
        said = [f"{self.done:,} would be {self.verb}" if self.how.dry_run else f"{self.verb} {self.done:,}"]
        said += [f"{self.so_before or f'{self.verb} before'} {self.held:,}"] if self.held else []
        said += [f"refused {self.refused:,} ({'each ' * (self.refused > 1)}said above)"] if self.refused else []
        said += [f"not reached {self.missed:,} (said above)"] if self.missed else []
        said += [f"left as they were {left:,}"] if left else []
        tell("dry run, nothing was changed: " * self.how.dry_run + ", ".join(said))


def named(said: str, *names: str | None) -> str:
    """Return a line on one thing, which begins with its names: "acme 1795176000000-0: it would be discarded"."""
    return f"{' '.join(filter(None, names))}: {said}"

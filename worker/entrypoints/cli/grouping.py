"""Groups of commands that take the words in an operator's order too: first the thing, then what to do with it."""

import difflib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup, TyperOption

# Longer than any first sentence.
_WHOLE = 1000


class Command(TyperCommand):
    """A command whose usage names what it needs without braces: they are nothing to type."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401 - typer keeps the class to itself
        """Return the words of the usage line."""
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]


class Group(TyperGroup):
    """A group whose help says the first sentence of each command whole, however narrow the terminal."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - typer keeps the classes to itself
        """Write a line or a few on each command."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, command.get_short_help_str(_WHOLE)) for name, command in commands if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class MainGroup(Group):
    """The commands in an operator's order, whether or not they have commands of their own."""

    first = ("up", "demo", "send", "orders", "order", "failed", "stores", "rejected", "doctor")

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - typer keeps the class to itself
        """Return the commands' names, those of every day first."""
        names = super().list_commands(ctx)
        return [*(name for name in self.first if name in names), *(name for name in names if name not in self.first)]


class ThingFirst(Group):
    """A group whose command may stand behind the things it is for; where none is named, `otherwise` is meant."""

    otherwise = ""
    things = 0
    """How many things `otherwise` is for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer keeps the class to itself
        """Put the command in front, where typer looks for it."""
        valued = _valued_options(self.commands.values())
        places = list(_positionals(args, valued))
        words = command_first(args, places, self.commands, self.things + 1)
        if words is None:
            if len(places) > self.things:
                ctx.fail(self._no_command([args[place] for place in places[: self.things + 1]]))
            known = places or any(word.startswith("--") and word != "--help" for word in args)
            words = [self.otherwise, *args] if known or not (args or self.no_args_is_help) else args
        return super().parse_args(ctx, words)

    def _no_command(self, words: Sequence[str]) -> str:
        near = [match for word in words for match in difflib.get_close_matches(word, self.commands, n=1)]
        meant = f"; did you mean {near[0]}?" if near else ""
        found = f"{words[0]!r} is not" if len(words) == 1 else f"none of {', '.join(map(repr, words))} is"
        return f"{found} one of {', '.join(self.commands)}{meant}"


class OrderGroup(ThingFirst):
    """`coleta order STORE ORDER_ID` shows; an action goes before the store or behind the order."""

    otherwise = "show"
    things = 2


class StoresGroup(ThingFirst):
    """`coleta stores` lists."""

    otherwise = "list"


def command_first(
    words: Sequence[str], places: Sequence[int], commands: Collection[str], reach: int
) -> list[str] | None:
    """Return the words with the command in front that stands first at one of so many `places`; None: there is none."""
    for place in places[:reach]:
        if words[place] in commands:
            return [words[place], *words[:place], *words[place + 1 :]]
    return None


def _positionals(words: Sequence[str], valued: Collection[str]) -> Iterator[int]:
    """Yield where the words stand that are neither an option nor an option's value."""
    taken = only_positionals = False
    for place, word in enumerate(words):
        if taken:
            taken = False
        elif only_positionals or not word.startswith("-") or word == "-":
            yield place
        elif word == "--":
            only_positionals = True
        else:
            taken = word in valued


def _valued_options(commands: Collection[Any]) -> set[str]:
    options = [param for command in commands for param in command.params if isinstance(param, TyperOption)]
    return {name for option in options if not option.is_flag for name in option.opts}

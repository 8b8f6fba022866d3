"""Who looks at the pages."""

from dataclasses import dataclass, field

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person at the pages: `name` as typed, `store` whose pages are open (None: all, the administrator).

    `csrf` belongs into every form, as the field of that name.
    """

    name: str
    store: str | None
    csrf: str = field(repr=False)

    def may_see(self, store: str) -> bool:
        """Whether the pages of this store are open to them; `_` stands for no store."""
        return self.store is None or self.store == store


def is_refresh(request: Request) -> bool:
    """Whether a page asks by itself, to stay fresh: its script says so.

    Browsers would say it in `Sec-Fetch-Dest`, but not over plain HTTP
    (https://w3c.github.io/webappsec-fetch-metadata/#fetch-metadata-headers).
    """
    return "x-live" in request.headers

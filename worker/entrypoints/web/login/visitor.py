"""Who looks at the pages."""

from dataclasses import dataclass, field


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

"""How often a password may be tried, in ten minutes: beyond that none is even compared.

Who entered from a browser before has a limit of its own there: somebody who tries passwords from the same address, or
from a thousand, keeps them out of nothing. Browsers that entered one scope share a second limit, or whoever knows a
store's password could make himself browsers without end, and try the administrator's with each.
"""

from worker.adapters.redis_ledger.visits import Counter
from worker.entrypoints.web.login.tokens import Browser

WINDOW_MS = 10 * 60 * 1000
# A person mistypes three times; behind one address there may be a company.
_OF_AN_ADDRESS = 10
_OF_ALL_ADDRESSES = 100
_OF_A_BROWSER = 10
_OF_A_SCOPES_BROWSERS = 50


def counters(address: str, browser: Browser | None) -> list[Counter]:
    """Return what a try is counted by."""
    if browser is not None:
        return [
            Counter(f"browser:{browser.id}", _OF_A_BROWSER),
            Counter(f"browsers:{browser.scope}", _OF_A_SCOPES_BROWSERS),
        ]
    return [Counter(f"address:{address}", _OF_AN_ADDRESS), Counter("addresses", _OF_ALL_ADDRESSES)]

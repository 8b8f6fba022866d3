"""What the sandbox tells a person who opens its address."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse

TEXT = """\
The simulated outside world of Coleta. Nothing here reaches the real one, and all of it is gone when it stops.

  SkyHub          this address           skyhub.base_url of a store
  VTEX OMS        /vtex                  vtex.base_url
  Pick and Pack   /pick-and-pack         pick_and_pack.base_url; its auth_url: /pick-and-pack/auth

What steers it: JSON, without a password. worker/sandbox/control_api.py names every field, docs/rehearsal.md shows some.

  GET         /_sandbox/report                  the verdict: requested early, twice, by the wrong carrier, or never
  POST        /_sandbox/sales                   sells orders to SkyHub, the OMS and, if asked, Pick and Pack
  POST        /_sandbox/faults                  makes calls go wrong
  GET         /_sandbox/faults                  those that are planned, and how many calls each has met
  DELETE      /_sandbox/faults                  ends all; /_sandbox/faults/{fault_id} ends one
  GET PATCH   /_sandbox/settings                late lists, slow calls, limits, odd answers
  PATCH       /_sandbox/doors/{door}            loses, repeats or holds back what a hook, connector or webhook sends
  POST        /_sandbox/reset                   forgets everything
  GET         /_sandbox/health                  it runs

  POST        /_sandbox/accounts                an account at SkyHub
  POST PATCH  /_sandbox/orders                  orders at SkyHub alone

  POST        /_sandbox/vtex/accounts           an account at the OMS
  POST        /_sandbox/vtex/orders             orders at the OMS alone
  POST        /_sandbox/vtex/packages           invoices an order
  POST        /_sandbox/vtex/tracking           fills in an invoice's tracking
  POST        /_sandbox/vtex/pushes             pushes an invoice once more
  POST        /_sandbox/vtex/cancels            cancels an order
  POST        /_sandbox/vtex/changes            changes an order's items
  POST        /_sandbox/vtex/statuses           forces an order's status
  PUT         /_sandbox/vtex/feed               the Orders feed: there, or not
  PUT         /_sandbox/vtex/hook               where the Orders hook calls
  PUT         /_sandbox/vtex/connector          where the connector pushes

  POST        /_sandbox/pick-and-pack/accounts  an account at Pick and Pack
  POST PATCH  /_sandbox/pick-and-pack/orders    orders there, and their status
  POST        /_sandbox/pick-and-pack/expiries  lets all tokens expire
  PUT         /_sandbox/pick-and-pack/webhook   where statuses go
"""


async def front_page(_request: Request) -> PlainTextResponse:
    """Answer `GET /` with `TEXT`."""
    return PlainTextResponse(TEXT)

"""Documents as few bytes: deflated over a dictionary of what most of them say, in base64, for clients that read text.

A document of two items takes a third of its JSON so (docs/performance.md).
"""

import zlib
from binascii import a2b_base64, b2a_base64

# Part of the format, for good: what was deflated over it cannot be read without it. A better one gets a mark of its own
# before the text, and this one stays for what was written before. The likeliest stands last.
_DICTIONARY = (
    b'"H":[1","P":["ready-for-handling","PACKED","D":1","X":"canceled in the VTEX OMS","x":17"u":true,"L":true,"F":1'
    b'"A":["listed_after_request","unknown_sku","over_invoiced"order.doubted"order.failed"refused: operator.retried'
    b'operator.released"operator.requested_again"outcome not known: '
    b"the request's outcome is not known; SkyHub's lists will tell"
    b'fulfilment.changed"order.canceled","correios: ships by Correios, never requested"order.skipped"correios"'
    b',"O":"handling","invoiced","w":17"hook: invoiced"feed: invoiced"order.announced","y":[17,"b":12,"e":"'
    b"found among SkyHub's requested orders"
    b'"not collectable yet: SkyHub waits for the label (invoice processed, label grouped and printed)"order.not_yet"'
    b'invoice.replaced"the carrier is not known yet"of units invoiced","t":1,"V":"'
    b'BWW-Shoptime_Submarino_Lojas_Americanas-"skyhub":["direct"{"c":"Shoptime-{"c":"Submarino-'
    b'{"c":"Lojas Americanas-28","r":"28","f":true,"R":"1 of 2 units invoiced","R":"accepted by SkyHub","n":179'
    b'","q":179,"U":179,"m":[","a":1,"g":["28"],"o":{"":1,"":2},"N":[179000,null],"i":[["-1",{":1},179000,179000,null,1,1],["'
    b'000,null,null,1,1]],"k":{"event":["direct",179000]},"h":[[0,"order.opened"],[0,"invoice.recorded","-0: x1"],'
    b'[0,"order.due"],[1,"order.requesting"],[2,"order.requested","accepted by SkyHub"]]}'
)
_WINDOW_BITS = 11
_MEMORY = 2


def compact(text: str) -> str:
    """Return a text that `expand` gives back."""
    deflate = zlib.compressobj(level=9, wbits=_WINDOW_BITS, memLevel=_MEMORY, zdict=_DICTIONARY)
    return b2a_base64(deflate.compress(text.encode(errors="replace")) + deflate.flush(), newline=False).decode()


def expand(compacted: str) -> str:
    """Return the text that was compacted; raises `ValueError` if it is none, or damaged."""
    inflate = zlib.decompressobj(wbits=_WINDOW_BITS, zdict=_DICTIONARY)
    try:
        text = inflate.decompress(a2b_base64(compacted))
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not inflate.eof:
        raise ValueError("a compacted document ends too soon")
    return text.decode()

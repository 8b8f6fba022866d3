"""What an address of Redis or of the broker may say about TLS: whom to trust, and never that nobody is looked at.

kombu asks `rediss://` for no certificate and `amqps://` for no name by default, so that both are always told to.
"""

import ssl
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from config import groups

# With TLS, by what they are without.
_ENCRYPTED = {"redis": "rediss", "sentinel": "sentinels", "redis+cluster": "rediss+cluster", "amqp": "amqps"}

# Whose certificates are trusted, and this side's own; of each the broker's library has its name for it, too.
_CLIENTS = {"ssl_ca_certs": "ca_certs", "ssl_certfile": "certfile", "ssl_keyfile": "keyfile"}
_OF_REDIS_ONLY = frozenset({"ssl_ca_path", "ssl_ca_data", "ssl_password"})
# What says again what holds anyhow, and nothing else.
_REPEATED = {"ssl_cert_reqs": ("required", "CERT_REQUIRED"), "ssl_check_hostname": ("true", "True", "1", "yes")}
_KEEP_IT = (
    "the server's certificate and name are always checked; leave it out, and name a CA of your own as"
    " ?ssl_ca_certs=/path/ca.pem"
)


def problem(url: str) -> str | None:
    """Return what is wrong with one address's options of TLS, never with a value of them; None where they are sound."""
    scheme, given = urlsplit(url).scheme, _given(url)
    named = [name for name, _ in given if name.lower().startswith("ssl") or name.lower() in {"verify", "transport"}]
    if not named:
        return None
    if scheme in _ENCRYPTED:
        mend = f"begin it with {_ENCRYPTED[scheme]}://"
        return f"its option {named[0]} has no meaning with {scheme}://, where nothing is encrypted; {mend}"
    known = {*_CLIENTS, *_REPEATED, *(_OF_REDIS_ONLY if scheme != "amqps" else ())}
    for name, value in given:
        if name in named and (name not in known or value not in _REPEATED.get(name, (value,))):
            return f"its option {name} is not taken, or not with this value: {_KEEP_IT}"
    if len(named) > len(set(named)):  # redis-py takes the first of two, kombu the last
        return "it has an option of TLS twice; leave one of them out"
    return _unreadable(dict(given))


def differences(addresses: list[str]) -> str | None:
    """Return why several addresses cannot be one broker; None where they can: all of them get the first one's TLS."""
    if len({urlsplit(address).scheme for address in addresses}) > 1:
        return "its addresses must all begin alike: TLS for one is TLS for all"
    if groups.is_sentinel(addresses[0]):
        return None  # its options stand once
    if len({urlencode(sorted(_of_tls(address).items())) for address in addresses}) > 1:
        return "its addresses must all have the same ssl_ options"
    if urlsplit(addresses[0]).scheme == "amqps" and len({urlsplit(address).hostname for address in addresses}) > 1:
        return "amqps:// takes one host, whose name the certificate must bear; put the servers behind one name"
    return None


def broker_options(url: str) -> dict[str, object] | None:
    """Return Celery's `broker_use_ssl` for a broker, which checks certificate and name; None where there is no TLS."""
    parts = urlsplit(url.partition(";")[0])
    given = groups.options(url) if groups.is_sentinel(url) else _of_tls(url.partition(";")[0])
    chosen = {name: value for name, value in given.items() if name.startswith("ssl_") and name not in _REPEATED}
    if parts.scheme in {"rediss", "sentinels"}:
        return {**chosen, "ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    if parts.scheme == "amqps":
        renamed = {_CLIENTS[name]: value for name, value in chosen.items()}
        # Without a name to expect, py-amqp looks at none.
        return {**renamed, "cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname}
    return None


def without_options(url: str) -> str:
    """Return a broker's addresses without their options of TLS, which kombu would take instead of ours."""
    return ";".join(map(_bare, url.split(";")))


def _bare(address: str) -> str:
    if not _of_tls(address):
        return address
    query = [(key, value) for key, value in parse_qsl(urlsplit(address).query) if not key.startswith("ssl")]
    return urlunsplit(urlsplit(address)._replace(query=urlencode(query)))


def _given(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query, keep_blank_values=True)


def _of_tls(address: str) -> dict[str, str]:
    return {name: value for name, value in _given(address) if name.startswith("ssl")}


def _unreadable(given: dict[str, str]) -> str | None:
    """Return what is wrong with the files: each connection would fail with less of a word."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if "ssl_ca_certs" in given:
            context.load_verify_locations(given["ssl_ca_certs"])
    except OSError:  # an SSLError is one, too
        return "its option ssl_ca_certs must name a file with certificates (PEM) that this process can read"
    try:
        if "ssl_certfile" in given:
            context.load_cert_chain(
                given["ssl_certfile"], given.get("ssl_keyfile"), given.get("ssl_password") or _no_password
            )
    except (OSError, ValueError):
        return "its options ssl_certfile and ssl_keyfile must name a certificate and its key (PEM) that can be read"
    return None


def _no_password() -> str:
    raise ValueError  # instead of a question on the terminal

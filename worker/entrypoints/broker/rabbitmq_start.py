"""What RabbitMQ refuses at the start, and how to mend it: Celery would ask again for ever, and not say it."""

from shlex import quote

from kombu import Connection, Queue

from config.celeryconfig import DEAD_LETTERS, celery_settings
from config.settings import Settings
from config.urls import scheme, without_password

# A broker that is away or silent may hold the start up for a few of these.
_SECONDS = 3.0
_ACCESS_REFUSED, _PRECONDITION_FAILED, _NOT_ALLOWED = 403, 406, 530


def rabbitmq_refusal(settings: Settings) -> str | None:
    """Ask the broker once for all that a worker needs there, and return the sentence on what it refuses for good.

    None where it refuses nothing, is away (the workers wait for it), or is no RabbitMQ.
    """
    if settings.broker_url is None or not scheme(settings.broker_url).startswith("amqp"):
        return None
    configured = celery_settings(settings)
    queues: list[Queue] = [*configured["task_queues"], DEAD_LETTERS]  # type: ignore[misc] # we wrote them there
    connection = Connection(
        configured["broker_url"],
        ssl=configured.get("broker_use_ssl", False),
        connect_timeout=_SECONDS,
        transport_options=configured["broker_transport_options"],
    )
    vhost, asked = connection.virtual_host or "/", ""
    try:
        with connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            channel = connection.channel()
            for queue in (each(channel) for each in queues):
                asked = f"exchange {queue.exchange.name}"
                queue.exchange.declare()
                asked = f"queue {queue.name}"
                queue.queue_declare()
                queue.queue_bind()
    except Exception as error:  # noqa: BLE001 - what is no refusal is waited for later, whatever kombu makes of it
        code, found = getattr(error, "reply_code", None), str(getattr(error, "reply_text", ""))
        mend = mend_of(code, found, asked, quote(vhost))
        where = f"RabbitMQ at {without_password(settings.broker_url)} (COLETA_BROKER_URL)"
        return mend and f"{where} refuses this service ({found}): {mend}"
    return None


def mend_of(code: int | None, found: str, asked: str, vhost: str) -> str | None:
    """Return what mends a refusal with this code and text; None where it may pass by itself.

    `asked` is what was declared, as "queue inbox", empty while connecting; `vhost` is quoted for a shell.
    """
    rights = f"""`rabbitmqctl set_permissions -p {vhost} USER ".*" ".*" ".*"`"""
    if "is reached" in found:  # a limit, of connections for instance: somebody may make room
        return None
    if code == _ACCESS_REFUSED and not asked:
        return "correct the user and the password in COLETA_BROKER_URL"
    if code == _NOT_ALLOWED and "not found" in found:
        return (
            f"create the virtual host with `rabbitmqctl add_vhost {vhost}` and let the user in with {rights},"
            " or name another one at the end of COLETA_BROKER_URL"
        )
    if code in {_ACCESS_REFUSED, _NOT_ALLOWED}:
        return f"give the user its rights with {rights}"
    if code == _PRECONDITION_FAILED and "inequivalent" in found:
        return _foreign(asked, vhost)
    return None


def _foreign(asked: str, vhost: str) -> str:
    kind, name = asked.split(" ")
    made = f"somebody else made the {kind} `{name}` with other properties; "
    if kind == "exchange":
        return f"{made}delete it (`rabbitmqadmin -V {vhost} delete exchange name={name}`), a worker makes it anew"
    return (
        f"{made}send again what it holds, and delete it once it is empty (`rabbitmqctl delete_queue {name} -p {vhost}"
        " --if-empty`), a worker makes it anew; producers must not name the queue, but the exchange `coleta` and the"
        " routing key `inbox`"
    )

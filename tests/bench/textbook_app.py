"""The textbook worker: the same job as a competent team would do it in a day, with the usual means of Celery and Redis.

A task an event; a hash an order holds its invoiced units; who completes it sets an idempotency key and makes one POST.
It believes what the event says of items and carrier, and one confirmation at a time is all that it knows of batches.
"""

import os
import time
from typing import Any

import httpx
from celery import Celery
from redis import Redis
from redis.exceptions import RedisError

ORDER_INVOICED = "textbook.order_invoiced"
QUEUE = "textbook"
# SkyHub allows 9 calls a second. Slots a ninth of a second apart would now and then be ten a second at its door, since
# no two calls are equally long on their way: this bears 50 ms of difference.
SECONDS_BETWEEN_CALLS = 1.05 / 9
_CALL_SECONDS = 20
_KEPT_SECONDS = 90 * 86_400
# Takes the next free slot, and tells how many microseconds are left until then.
_NEXT_SLOT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local slot = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', slot + ARGV[1]), 'PX', 60000)
return slot - now
"""

app = Celery("textbook", broker=os.environ.get("TEXTBOOK_BROKER_URL", "memory://"), set_as_current=False)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_default_queue=QUEUE,
    worker_pool="threads",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)

_redis: Redis = Redis.from_url(os.environ.get("TEXTBOOK_REDIS_URL", "redis://localhost"), decode_responses=True)
_next_slot = _redis.register_script(_NEXT_SLOT)
_skyhub = httpx.Client(
    base_url=os.environ.get("TEXTBOOK_SKYHUB_URL", ""),
    headers={
        "X-User-Email": os.environ.get("TEXTBOOK_USER_EMAIL", ""),
        "X-Api-Key": os.environ.get("TEXTBOOK_API_KEY", ""),
        "X-Accountmanager-Key": os.environ.get("TEXTBOOK_MANAGER_KEY", ""),
        "Accept": "application/json",
    },
    timeout=_CALL_SECONDS,
    trust_env=False,
)


@app.task(  # type: ignore[untyped-decorator]
    name=ORDER_INVOICED,
    autoretry_for=(httpx.HTTPError, RedisError),
    max_retries=None,
    retry_backoff=True,
    retry_backoff_max=600,
    retry_jitter=True,
)
def order_invoiced(event: dict[str, Any]) -> None:
    """Count the invoice; request the pickup if it was the order's last. Raises what Celery retries."""
    order = f"textbook:{event['store']}:{event['order_id']}"
    if event["order"]["carrier"] != "direct" or not _is_complete(order, event):
        return
    key = f"{order}:requested"
    if not _redis.set(key, "1", nx=True, ex=_KEPT_SECONDS):
        return
    try:
        _request(event["order_id"].partition("-")[2])
    except httpx.HTTPError:
        _redis.delete(key)
        raise


def _is_complete(order: str, event: dict[str, Any]) -> bool:
    """Keep the units of the invoice, so that a repeat counts once; tell whether every ordered unit is there."""
    invoice = event["invoice"]
    units: dict[Any, int] = {f"{item['sku']}:{invoice['number']}": item["quantity"] for item in invoice["items"]}
    with _redis.pipeline() as pipe:
        pipe.hset(order, mapping=units)
        pipe.expire(order, _KEPT_SECONDS)
        pipe.hgetall(order)
        known = pipe.execute()[-1]
    invoiced: dict[str, int] = {}
    for field, quantity in known.items():
        sku = field.partition(":")[0]
        invoiced[sku] = invoiced.get(sku, 0) + int(quantity)
    return all(invoiced.get(item["sku"], 0) >= item["quantity"] for item in event["order"]["items"])


def _request(remote_code: str) -> None:
    """Confirm one pickup in its slot; raises httpx's errors, of an answer other than 2xx too."""
    wait = _next_slot(["textbook:slot"], [round(SECONDS_BETWEEN_CALLS * 1_000_000)])
    time.sleep(max(0, wait) / 1_000_000)
    answer = _skyhub.post("/shipments/b2w/confirm_collection", json={"order_codes": [remote_code]})
    answer.raise_for_status()

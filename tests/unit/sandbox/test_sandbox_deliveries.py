"""The one machine behind hook, connector and webhook: repeated until accepted, lost or dropped on demand."""

from collections.abc import Callable

import pytest

from tests.unit.sandbox.manual_time import ManualTime
from tests.unit.sandbox.receiver import HANG, Receiver, settle, wait_for
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.deliveries import AT_ONCE, DOORS, Door, DoorRules
from worker.sandbox.pick_and_pack.bodies import NewPickingOrder, WebhookConfig
from worker.sandbox.vtex.bodies import ConnectorConfig, HookConfig, Line, NewOmsOrder, NewPackage, of_skus

ORDER = "BWW-S-1"
NAMES = {"hook": "State", "connector": "invoiceNumber", "webhook": "newStatus"}

Sender = Callable[[Door, str], None]


@pytest.fixture(autouse=True)
def send(control: SandboxControl, store: str, receiver: Receiver) -> Sender:
    """Return what lets one message go out by a door, with a text in it."""
    control.vtex.register_orders(store, [NewOmsOrder(marketplace_order_id="S-1", lines=(Line(sku="A"),))])
    control.pick_and_pack.register_orders(store, [NewPickingOrder(order_id=ORDER)])
    control.vtex.configure_hook(store, HookConfig(url=f"{receiver.url}/hook"))
    control.vtex.configure_connector(store, ConnectorConfig(endpoint=f"{receiver.url}/connector"))
    control.pick_and_pack.configure_webhook(store, WebhookConfig(url=f"{receiver.url}/webhook"))
    receiver.forget()

    def by(door: Door, text: str) -> None:
        if door == "hook":
            control.vtex.force_status(store, ORDER, text)
        elif door == "connector":
            control.vtex.invoice(store, ORDER, NewPackage(number=text, items=of_skus({"A": 1}), silent=True))
            control.vtex.push_again(store, ORDER, text)
        else:
            control.pick_and_pack.set_status(store, ORDER, text)

    return by


def texts(receiver: Receiver, door: Door) -> list[str]:
    """Return the texts of the messages that came."""
    return [call.body[NAMES[door]] for call in receiver.calls]


@pytest.mark.parametrize("door", DOORS)
def test_a_message_is_repeated_with_growing_pauses(
    control: SandboxControl, store: str, receiver: Receiver, time: ManualTime, send: Sender, door: Door
) -> None:
    """The same body each time, until it is accepted; pauses grow up to the longest."""
    control.door(door, first_delay_seconds=1, delay_growth=3, longest_delay_seconds=5)
    receiver.planned.extend([503, 401, 404])
    send(door, "X")
    settle(control)
    report = control.report(store)
    assert report.deliveries == {door: {"sent": 4, "retried": 3, "accepted": 1}}
    assert report.door_answers == {door: {"503": 1, "401": 1, "404": 1, "200": 1}}
    assert time.slept == [1, 3, 5]
    assert [call.body for call in receiver.calls] == [receiver.calls[0].body] * 4


@pytest.mark.parametrize("door", DOORS)
def test_a_message_is_dropped_in_the_end(control: SandboxControl, receiver: Receiver, send: Sender, door: Door) -> None:
    """After the last attempt; the next message is sent as if nothing had been."""
    control.door(door, attempts=3)
    receiver.planned.extend([500] * 3)
    send(door, "X")
    settle(control)
    assert control.report().deliveries[door] == {"sent": 3, "retried": 2, "dropped": 1}
    send(door, "Y")
    settle(control)
    assert control.report().deliveries[door] == {"sent": 4, "retried": 2, "dropped": 1, "accepted": 1}


@pytest.mark.parametrize(("door", "accepted"), [("hook", False), ("connector", False), ("webhook", True)])
def test_only_the_webhook_takes_any_good_status(
    control: SandboxControl, receiver: Receiver, send: Sender, door: Door, *, accepted: bool
) -> None:
    """VTEX's own calls need 200."""
    receiver.planned.append(202)
    send(door, "X")
    settle(control)
    assert control.report().deliveries[door]["sent"] == (1 if accepted else 2)
    assert control.report().door_answers[door] == ({"202": 1} if accepted else {"202": 1, "200": 1})


def test_an_answer_that_takes_too_long_is_a_failure(control: SandboxControl, receiver: Receiver, send: Sender) -> None:
    """The message is sent again, and the hanging call is given up."""
    assert control.door("hook").timeout_seconds == 5
    control.door("hook", timeout_seconds=0.1)
    receiver.planned.append(HANG)
    send("hook", "X")
    settle(control)
    assert control.report().door_answers == {"hook": {"timeout": 1, "200": 1}}


def test_a_receiver_may_be_away(control: SandboxControl, store: str, send: Sender) -> None:
    """A closed port is a failure like any other, and so is a call that cannot even be written."""
    control.door("webhook", attempts=1)
    away = WebhookConfig(url="http://127.0.0.1:1/")
    for webhook in (away, WebhookConfig(url="no url"), WebhookConfig(url=away.url, headers={"X-Own": "não"})):
        control.pick_and_pack.configure_webhook(store, webhook)
        send("webhook", "X")
        settle(control)
    assert control.report().door_answers == {"webhook": {"unreachable": 3}}
    assert control.report().deliveries == {"webhook": {"sent": 3, "dropped": 3}}


@pytest.mark.parametrize("door", DOORS)
def test_a_message_can_be_sent_twice(control: SandboxControl, receiver: Receiver, send: Sender, door: Door) -> None:
    """Each copy is a message of its own."""
    control.door(door, twice=True)
    send(door, "X")
    settle(control)
    assert texts(receiver, door) == ["X", "X"]
    assert control.report().deliveries[door] == {"sent": 2, "accepted": 2}


@pytest.mark.parametrize("door", DOORS)
def test_a_message_can_be_overtaken(
    control: SandboxControl, receiver: Receiver, time: ManualTime, send: Sender, door: Door
) -> None:
    """Every other message is held back, and the ones after it come first."""
    control.door(door, held_back_seconds=2)
    time.hold()
    for text in ("X", "Y", "Z", "W"):
        send(door, text)
    wait_for(lambda: control.report().under_way == 2)
    assert time.slept == [2, 2]
    time.release()
    settle(control)
    came = texts(receiver, door)
    assert (sorted(came[:2]), sorted(came[2:])) == (["W", "Y"], ["X", "Z"])


@pytest.mark.parametrize("door", DOORS)
def test_messages_can_be_lost_in_mid_run(control: SandboxControl, receiver: Receiver, send: Sender, door: Door) -> None:
    """From the moment the door is switched off until it is switched on; they never come later."""
    for text, lost in (("X", False), ("Y", True), ("Z", False)):
        control.door(door, lost=lost)
        send(door, text)
        settle(control)
    assert texts(receiver, door) == ["X", "Z"]
    assert control.report().deliveries[door] == {"sent": 2, "accepted": 2, "lost": 1}


def test_what_waits_for_another_attempt_can_be_lost(
    control: SandboxControl, receiver: Receiver, time: ManualTime, send: Sender
) -> None:
    """A door that is switched off sends no repetition either."""
    receiver.planned.append(503)
    time.hold()
    send("hook", "X")
    wait_for(lambda: len(time.slept) == 1)
    control.door("hook", lost=True)
    time.release()
    settle(control)
    assert control.report().deliveries["hook"] == {"sent": 1, "retried": 1, "lost": 1}


def test_doors_do_not_wait_for_one_another(control: SandboxControl, receiver: Receiver, send: Sender) -> None:
    """A door whose calls all hang takes nothing from the others."""
    control.door("hook", timeout_seconds=60)
    receiver.planned.extend([HANG] * AT_ONCE)
    for _ in range(AT_ONCE + 1):
        send("hook", "X")
    wait_for(lambda: len(receiver.calls) == AT_ONCE)
    send("webhook", "Y")
    wait_for(lambda: control.report().deliveries["webhook"].get("accepted") == 1)
    assert control.report().deliveries["hook"] == {"sent": AT_ONCE, "waiting": AT_ONCE + 1}


def test_a_reset_ends_what_is_under_way(
    control: SandboxControl, receiver: Receiver, time: ManualTime, send: Sender
) -> None:
    """Nothing of it is counted or sent afterwards, and the rules are the first ones again."""
    control.door("hook", attempts=2)
    receiver.planned.append(503)
    time.hold()
    send("hook", "X")
    wait_for(lambda: len(time.slept) == 1)
    control.reset()
    time.release()
    report = control.report()
    assert (report.deliveries, report.under_way, len(receiver.calls)) == ({}, 0, 1)
    assert control.door("hook") == DoorRules()


@pytest.mark.parametrize(
    "change", [{"attempts": 0}, {"timeout_seconds": 0}, {"delay_growth": 0.5}, {"held_back_seconds": -1}, {"x": 1}]
)
def test_impossible_rules_are_refused(control: SandboxControl, change: dict[str, float]) -> None:
    """A 400, and nothing changes; an unknown door too."""
    with pytest.raises(SandboxError, match="400"):
        control.door("hook", **change)
    with pytest.raises(SandboxError, match="door: Input should be 'hook', 'connector' or 'webhook'"):
        control.door("window")  # type: ignore[arg-type]
    assert control.door("hook") == DoorRules()

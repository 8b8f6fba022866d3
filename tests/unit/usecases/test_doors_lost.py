"""With every hook, push and feed lost, the looks at SkyHub and the OMS alone bring every order to its pickup."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.domain.builders import SECOND
from tests.unit.usecases.world import STORE, TimedWorld, at_skyhub, in_oms, order_id, skyhub_code
from worker.domain.facts import Carrier
from worker.domain.invoices import Items
from worker.domain.order import Status
from worker.ports import Drain, PermanentError, TransientError
from worker.usecases.sweep import Timed

QUARTER = 900
ORDERED = {"a": 2, "b": 1}
PACKAGES: tuple[tuple[Items, ...], ...] = (({"a": 2, "b": 1},), ({"a": 1}, {"a": 1, "b": 1}), ({"a": 2}, {"b": 1}))
PARTS: tuple[tuple[Items, ...], ...] = ((), ({"a": 2},), ({"a": 1, "b": 1},))
FAULTS = (TransientError("503"), TransientError("429", 60.0), PermanentError("401"))


def by_the_clock(timed: TimedWorld) -> None:
    """Let beat reconcile every quarter of an hour, in a store with an OMS and nothing else."""
    timed.with_oms()
    timed.timed = {Drain.RECONCILE: Timed([STORE], QUARTER * SECOND)}


def sold(timed: TimedWorld, code: str, packages: tuple[Items, ...], carrier: Carrier = Carrier.DIRECT) -> None:
    """Let SkyHub list an order that the OMS knows with these packages; the ledger hears nothing of it."""
    timed.skyhub.label(code)
    timed.skyhub.orders[skyhub_code(code)] = at_skyhub(code, carrier)
    timed.oms.orders[order_id(code)] = in_oms(code, *packages, ordered=ORDERED, status="invoiced")


def test_every_complete_direct_order_is_requested_once_by_reconcile_alone(timed: TimedWorld) -> None:
    """The complete ones within a quarter of an hour, an incomplete one after its last package, Correios never."""
    by_the_clock(timed)
    complete = [str(number) for number in range(100, 140)]
    for number, code in enumerate(complete):
        sold(timed, code, PACKAGES[number % 3])
    sold(timed, "1", ({"a": 2},))
    sold(timed, "2", PACKAGES[0], Carrier.CORREIOS)
    timed.sweeps(QUARTER)
    assert timed.requests(*complete, "1", "2") == [1] * 40 + [0, 0]
    sold(timed, "1", PACKAGES[2])
    timed.sweeps(2 * QUARTER)
    assert timed.requests(*complete, "1", "2") == [1] * 41 + [0]
    timed.sweeps(4 * QUARTER)
    assert timed.requests(*complete, "1", "2") == [1] * 41 + [0]


def test_an_order_that_skyhub_names_late_is_requested_all_the_same(timed: TimedWorld) -> None:
    """Listed by its code before the list of invoiced orders shows its name."""
    by_the_clock(timed)
    sold(timed, "1", PACKAGES[0])
    del timed.skyhub.orders[skyhub_code("1")]
    timed.sweeps(QUARTER)
    assert timed.requests("1") == [0]
    sold(timed, "1", PACKAGES[0])
    timed.sweeps(3 * QUARTER)
    assert timed.requests("1") == [1]


def test_boxes_are_waited_for_without_a_webhook_too(timed: TimedWorld) -> None:
    """A store that requires packing loses nothing with the webhook but time."""
    by_the_clock(timed)
    timed.with_boxes()
    sold(timed, "1", PACKAGES[1])
    timed.sweeps(QUARTER)
    assert timed.requests("1") == [0]
    timed.boxes.statuses[order_id("1")] = "INVOICED"
    timed.sweeps(QUARTER)
    assert timed.requests("1") == [1]


CODES = tuple(str(number) for number in range(10, 30))


class Silence:
    """A store of which no door tells anything: orders come and grow, and whoever is asked fails now and then."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a game
        self.timed = TimedWorld()
        by_the_clock(self.timed)
        self.packages: dict[str, tuple[Items, ...]] = {}
        some = (Carrier.DIRECT, Carrier.DIRECT, Carrier.CORREIOS)
        self.carriers = {code: self.random.choice(some) for code in CODES}
        self.boxed = self.random.random() < 0.3
        if self.boxed:
            self.timed.with_boxes()
        self.timed.skyhub.watch = self.check

    def check(self, code: str) -> None:
        """Fail if this pickup may not be taken now."""
        assert self.packages[code] in PACKAGES, f"{code} was requested early"
        assert self.carriers[code] is Carrier.DIRECT
        assert not self.boxed or self.timed.boxes.statuses.get(order_id(code)) == "INVOICED", f"{code} is not packed"
        assert self.timed.requests(code) == [0], f"{code} was requested twice"

    def play(self, steps: int) -> None:
        """Let so many things happen."""
        for _ in range(steps):
            self.random.choice((self.sell, self.sell, self.sell, self.pack, self.fail, self.mend, self.restart))()
            self.timed.sweeps(self.random.choice((20, 200, 1000)), every_ms=20_000)

    def sell(self) -> None:
        """Let an order come, or its packages grow."""
        code = self.random.choice(CODES)
        if self.packages.get(code) not in PACKAGES:
            self.invoice(code, self.random.choice(PARTS + PACKAGES))

    def invoice(self, code: str, packages: tuple[Items, ...]) -> None:
        """Let the OMS know these packages of an order, and SkyHub list it."""
        self.packages[code] = packages
        self.timed.oms.orders[order_id(code)] = in_oms(code, *packages, ordered=ORDERED, status="invoiced")
        self.timed.skyhub.orders[skyhub_code(code)] = at_skyhub(code, self.carriers[code])
        if code not in self.timed.skyhub.deliveries:
            self.timed.skyhub.label(code)

    def pack(self) -> None:
        """Let some boxes be packed, and others begun."""
        for code in self.random.choices(CODES, k=4):
            known = self.timed.boxes.statuses.get(order_id(code))
            self.timed.boxes.statuses[order_id(code)] = "PACKING" if known is None else "INVOICED"

    def fail(self) -> None:
        """Let everybody who is asked fail in some way."""
        self.timed.skyhub.faults[self.random.choice(("", "false:1", "invoiced:1"))] = self.random.choice(FAULTS)
        self.timed.oms.faults[self.random.choice(("", *map(order_id, CODES)))] = self.random.choice(FAULTS)
        self.timed.boxes.fault = self.random.choice(FAULTS)

    def mend(self) -> None:
        """Let everybody answer again."""
        self.timed.skyhub.faults.clear()
        self.timed.oms.faults.clear()
        self.timed.boxes.fault = None

    def restart(self) -> None:
        """Let another Redis server answer."""
        self.timed.fleet.server_id += "'"

    def come_to_rest(self) -> None:
        """Complete and pack every order, and let time pass."""
        self.mend()
        for code in CODES:
            if self.packages.get(code) not in PACKAGES:
                self.invoice(code, PACKAGES[0])
        self.timed.boxes.statuses |= {order_id(code): "INVOICED" for code in CODES}
        self.timed.sweeps(4 * 3600, every_ms=60_000)


@settings(max_examples=settings().max_examples // 4)  # each plays a working day
@given(seed=st.integers(0, 2**32))
def test_whatever_fails_meanwhile_every_complete_direct_order_is_requested_once(seed: int) -> None:
    """SkyHub, OMS and Pick and Pack down in turn, another Redis server, orders that come in parts: never early."""
    silence = Silence(seed)
    silence.play(40)
    silence.come_to_rest()
    direct = [code for code in CODES if silence.carriers[code] is Carrier.DIRECT]
    assert silence.timed.requests(*CODES) == [int(code in direct) for code in CODES]
    assert silence.timed.statuses(*direct) == [Status.REQUESTED] * len(direct)

"""Everything that `coleta doctor` can find: its level, what it means, what to do. docs/doctor.md has the same table."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Level(StrEnum):
    """How bad a finding is, the least first."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"


LEVELS = tuple(Level)
_O, _N, _W, _P = LEVELS
_KEYS = (
    "the three values stand in SkyHub's panel; the store goes on by itself once they work, nothing is to be restarted"
)
_PAUSE = "pause the store (`coleta stores pause {store}`) and report it: no pickup would be requested rightly"
_REPORT = "nothing to do here; report it, so that docs and defaults can follow"
_REDIS_CONF = "as config/redis.conf does; CONFIG SET works at once, and write it into the server's file as well"
_START_WORKER = "start workers: `celery -A worker worker` on each core, or `coleta up`"
_START_BEAT = "start one beat: `celery -A worker beat`, or `coleta up`"


class Check(Enum):
    """A kind of finding: its name, its level, what it means, what to do; `{store}` is the store's name."""

    SETTINGS_OK = ("settings.ok", _O, "Settings and stores file can be used.", "")
    SETTINGS_REFUSED = (
        "settings.refused",
        _P,
        "A setting cannot be used, or two contradict each other.",
        "correct it as the line says; what runs goes on as it is, and would not start again",
    )
    SETTINGS_DOUBTED = (
        "settings.doubted",
        _W,
        "A setting has no effect or does harm, a secret is written out, or others can read it.",
        "do as the line says",
    )
    SETTINGS_OUTRANKED = (
        "settings.outranked",
        _W,
        "A variable of this shell has another value than in `.env`: the shell's counts, perhaps an older one.",
        "if `.env` is right: `unset` the variable, or open a new shell; what runs goes by its own environment",
    )
    STORES_REFUSED = (
        "stores.refused",
        _P,
        "The stores file, or a secret that it names, cannot be used.",
        "correct it as the line says; until then what runs goes on with the stores it had, and would not start again",
    )
    REDIS_OK = ("redis.ok", _O, "Redis holds what it is given.", "")
    REDIS_NOT_NAMED = (
        "redis.not_named",
        _P,
        "No Redis server is named, and no embedded one runs.",
        "start one with `coleta up`, or set COLETA_REDIS_URL, for instance redis://localhost:6379/0",
    )
    REDIS_UNREACHABLE = (
        "redis.unreachable",
        _P,
        "Redis does not answer; of processes and orders nothing is known.",
        "start the server there, or name another one in COLETA_REDIS_URL; doors say 503 meanwhile, nothing is lost",
    )
    REDIS_WRONG_PASSWORD = (
        "redis.wrong_password",
        _P,
        "Redis does not accept the user or the password.",
        "correct the user and the password in COLETA_REDIS_URL, percent-encoded",
    )
    REDIS_REFUSES = (
        "redis.refuses",
        _P,
        "Redis refuses a command that is needed, or is still loading.",
        "give the user of COLETA_REDIS_URL the rights of `coleta` in config/redis-users.conf; wait while it loads",
    )
    REDIS_OLD = (
        "redis.old",
        _P,
        "Redis is older than 6.2.",
        "upgrade to Redis 6.2 or newer, or to Valkey",
    )
    REDIS_FORGETS = (
        "redis.forgets",
        _P,
        "Redis keeps no append-only file: a restart loses orders.",
        f"set appendonly yes and appendfsync always, {_REDIS_CONF}",
    )
    REDIS_WRITES_LATE = (
        "redis.writes_late",
        _W,
        "Redis writes its file later than it answers: a crash loses up to a second of events.",
        f"set appendfsync always, {_REDIS_CONF}",
    )
    REDIS_EVICTS = (
        "redis.evicts",
        _P,
        "Redis throws keys away when its memory is full: orders, and what keeps them from being requested twice.",
        f"set maxmemory-policy noeviction, {_REDIS_CONF}",
    )
    REDIS_HAS_EVICTED = (
        "redis.has_evicted",
        _W,
        "Redis has thrown keys away since its start.",
        "set maxmemory-policy noeviction if it is not, then `coleta reconcile`: it finds what SkyHub still lists",
    )
    REDIS_HIDDEN = (
        "redis.hidden",
        _N,
        "Redis does not let its CONFIG be read, as with many providers.",
        "make sure at the provider of appendonly yes, appendfsync always and maxmemory-policy noeviction",
    )
    REDIS_SLOW = (
        "redis.slow",
        _W,
        "A round trip to Redis takes long.",
        "run workers and web in Redis's own network; here alone it is slow, look from their machine",
    )
    REDIS_CLOCK = (
        "redis.clock",
        _W,
        "The clocks of Redis and of this machine differ.",
        "let both follow NTP: times in logs, and of events without a date of their own, are wrong by that much",
    )
    REDIS_MEMORY_SHORT = (
        "redis.memory_short",
        _W,
        "Redis has used most of its memory.",
        "raise maxmemory, or give the machine more; `coleta stores` shows which inbox grows",
    )
    REDIS_MEMORY_FULL = (
        "redis.memory_full",
        _P,
        "Redis has next to no memory left: soon it takes nothing more, and doors say 503.",
        "raise maxmemory, or give the machine more, now; nothing that was accepted is lost",
    )
    REDIS_WRITE_FAILED = (
        "redis.write_failed",
        _P,
        "Redis could not write its append-only file.",
        "look at its log and at the free space of its disk; it takes no writes until that works",
    )
    REDIS_SNAPSHOT_FAILED = (
        "redis.snapshot_failed",
        _W,
        "Redis could not write its last snapshot, or rewrite its append-only file.",
        "look at its log, at the free space of its disk, and that it may fork (vm.overcommit_memory=1)",
    )
    REDIS_REPLICA = (
        "redis.replica",
        _P,
        "The server is a replica: it takes no writes.",
        "name the master in COLETA_REDIS_URL",
    )
    REDIS_NODE_AWAY = (
        "redis.node_away",
        _P,
        "A node of the cluster does not answer: its stores rest, the others go on.",
        "start the node again, or let a replica take its place; its stores then go on by themselves",
    )
    REDIS_FULL_COVERAGE = (
        "redis.full_coverage",
        _W,
        "One node that is away would stop every store.",
        "set cluster-require-full-coverage no on every node, by CONFIG SET at once, and in its file as well",
    )
    BROKER_OK = ("broker.ok", _O, "The broker answers.", "")
    BROKER_UNREACHABLE = (
        "broker.unreachable",
        _P,
        "The broker does not answer: workers get no work.",
        "start it, or correct COLETA_BROKER_URL; events are kept meanwhile, and worked off when it is back",
    )
    BROKER_REFUSES = (
        "broker.refuses",
        _P,
        "The broker refuses the service's user.",
        "correct the user and the password in COLETA_BROKER_URL, or give the user its rights",
    )
    BROKER_QUEUES_MISSING = (
        "broker.queues_missing",
        _W,
        "RabbitMQ does not have the service's queues yet.",
        "start a worker: it makes them; producers before that get an error",
    )
    BROKER_PILED_UP = (
        "broker.piled_up",
        _W,
        "Many messages wait at the broker.",
        "start more workers, or look in their logs at why those that run take none",
    )
    BROKER_EVICTS = (
        "broker.evicts",
        _P,
        "The broker's own Redis throws keys away when its memory is full: messages among them.",
        f"set maxmemory-policy noeviction there, {_REDIS_CONF}",
    )
    BROKER_FORGETS = (
        "broker.forgets",
        _W,
        "The broker's own Redis keeps no append-only file: a restart loses events that were sent as Celery tasks.",
        f"set appendonly yes there, {_REDIS_CONF}; hints are sent again by themselves",
    )
    WORKER_OK = ("worker.ok", _O, "Workers make progress.", "")
    WORKER_ABSENT = (
        "worker.absent",
        _P,
        "No worker runs: events are kept, and nothing is requested.",
        _START_WORKER,
    )
    BEAT_OK = ("beat.ok", _O, "Beat sends.", "")
    BEAT_ABSENT = (
        "beat.absent",
        _P,
        "No beat runs: what a lost message leaves lying is not found, nothing is tried again.",
        _START_BEAT,
    )
    WEB_OK = ("web.ok", _O, "The HTTP process answers.", "")
    WEB_ABSENT = (
        "web.absent",
        _W,
        "No HTTP process runs, and a store has doors over HTTP.",
        "start one: `coleta web`, or `coleta up`; senders keep their events and send them again, VTEX for some days",
    )
    PAGES_CLOSED = (
        "pages.closed",
        _W,
        "No password opens the pages of the HTTP process; its doors work.",
        "set a store's pages_password, or COLETA_ADMIN_PASSWORD (`openssl rand -hex 12`) and start it again",
    )
    PROCESS_STUCK = (
        "process.stuck",
        _P,
        "A process lives and makes no progress.",
        "restart it, and keep its log; the supervisor does so itself where `coleta probe` is its health check",
    )
    PROCESS_WAITS = (
        "process.waits",
        _W,
        "A process waits for its broker.",
        "look at the broker; the process goes on by itself, a restart would not help",
    )
    PROCESS_GONE = (
        "process.gone",
        _N,
        "A process has said nothing for 60 s and did not end in order: it was killed, is frozen, or its machine is.",
        "end it by its id if it still runs (`kill -9`): it is frozen; start it again if it is missed",
    )
    PROCESS_UNKNOWN = (
        "process.unknown",
        _W,
        "What the processes say of themselves cannot be read.",
        "bring the node of the cluster back that is away; until then look in the processes' logs",
    )
    PROCESS_VERSIONS = (
        "process.versions",
        _N,
        "Processes of several versions run side by side.",
        "restart the older ones, unless an upgrade is under way",
    )
    SWEEP_OVERDUE = (
        "sweep.overdue",
        _P,
        "Beat and workers run, and for minutes no sweep has come to its end.",
        "let workers that run with -Q serve the queue `upkeep`; look in their log for errors of `coleta.sweep`",
    )
    STORE_OK = ("store.ok", _O, "The store's orders move.", "")
    STORE_AWAY = (
        "store.away",
        _P,
        "The node of the cluster that has the store does not answer: its doors say 503, and nothing is requested.",
        "bring the node back; the store then goes on by itself, nothing that was accepted is lost",
    )
    STORE_REFUSED = (
        "store.refused",
        _P,
        "SkyHub refused the account: the service paused the store, and probes from time to time.",
        "correct what the reason names; the store resumes by itself, at once with `coleta stores resume {store}`",
    )
    STORE_PAUSED = (
        "store.paused",
        _W,
        "An operator paused the store: nothing is requested.",
        "when it may go on: `coleta stores resume {store}`",
    )
    STORE_TAKEN_OUT = (
        "store.taken_out",
        _N,
        "The store was taken out of the stores file and still holds orders.",
        "put it back to act on them, or leave it: they are kept, paused",
    )
    STORE_FAILED = (
        "store.failed",
        _W,
        "Orders failed: each needs somebody.",
        "`coleta failed list --store {store}` says why; then retry or discard them",
    )
    STORE_REJECTED = (
        "store.rejected",
        _W,
        "Events could not be read or recorded.",
        "`coleta rejected list --store {store}` says why; resend or discard them",
    )
    STORE_ATTENTION = (
        "store.attention",
        _W,
        "Orders have attention: somebody should look at them.",
        "`coleta orders --attention --store {store}`, and `coleta order {store} ORDER_ID` for each reason",
    )
    STORE_SKYHUB_TROUBLE = (
        "store.skyhub_trouble",
        _W,
        "SkyHub is in trouble, so a drain of the store rests.",
        "nothing, if it ends by itself; the line says what SkyHub answered and when it is asked again",
    )
    STORE_VTEX_TROUBLE = (
        "store.vtex_trouble",
        _W,
        "VTEX is in trouble, so a drain of the store rests.",
        "nothing, if it ends by itself; the line says what VTEX answered and when it is asked again",
    )
    STORE_DUE_LATE = (
        "store.due_late",
        _P,
        "An order has been due for long, and nothing that is known holds it up.",
        "look at the workers above and in their log for `request_pickups` of this store",
    )
    STORE_INBOX_LATE = (
        "store.inbox_late",
        _P,
        "Events have been waiting in the inbox for minutes.",
        "look at the workers above; start more of them if all are busy",
    )
    STORE_INBOX_FULL = (
        "store.inbox_full",
        _P,
        "The store's inbox is nearly full; then its doors say 503.",
        "see that workers run, or raise COLETA_INBOX_LIMIT if Redis has the memory",
    )
    STORE_HELD = (
        "store.held",
        _N,
        "Redis was restarted or its clock set forward: nothing is requested until SkyHub's lists can be relied on.",
        "wait until then",
    )
    STORE_RECONCILE_LATE = (
        "store.reconcile_late",
        _W,
        "The store was not reconciled for long: what every door lost is not found.",
        "see that beat and workers run, then `coleta reconcile {store}`",
    )
    STORE_NOT_CONTRACTED = (
        "store.not_contracted",
        _N,
        "The store has not contracted Coleta (`coleta = false`): its orders are skipped.",
        "set `coleta = true` once it has",
    )
    STORE_NO_TELLER = (
        "store.no_teller",
        _N,
        "No door over HTTP and no feed tells of the store's invoices.",
        "fine where Celery or `coleta send` does; else add [stores.{store}.ingress], or feed = true",
    )
    SKYHUB_OK = ("skyhub.ok", _O, "SkyHub accepts the account.", "")
    SKYHUB_UNAUTHORIZED = ("skyhub.unauthorized", _P, "SkyHub does not know the keys (401).", _KEYS)
    SKYHUB_FORBIDDEN = (
        "skyhub.forbidden",
        _P,
        "SkyHub knows the account and refuses the call (403).",
        "ask SkyHub to activate the account and to homologate its integration",
    )
    SKYHUB_WRONG_CALL = (
        "skyhub.wrong_call",
        _P,
        "SkyHub does not know the call (404, 405 or alike).",
        "compare base_url and paths in [stores.{store}.skyhub] with SkyHub's current documentation",
    )
    SKYHUB_UNREACHABLE = (
        "skyhub.unreachable",
        _P,
        "SkyHub was not reached.",
        "check base_url in [stores.{store}.skyhub], this machine's DNS, and that its firewall lets HTTPS out",
    )
    SKYHUB_IN_TROUBLE = (
        "skyhub.in_trouble",
        _W,
        "SkyHub answered with an error of its own, or unreadably.",
        "nothing, if it passes; the service tries again by itself. Else ask SkyHub's support with the line above",
    )
    SKYHUB_THROTTLED = (
        "skyhub.throttled",
        _W,
        "SkyHub throttled a call (429).",
        "see who else calls with this account, and set COLETA_SHIPMENTS_RATE or COLETA_ORDERS_RATE lower",
    )
    SKYHUB_NOT_ASKED = (
        "skyhub.not_asked",
        _N,
        "SkyHub was not asked.",
        "the line says why; ask again when that is over",
    )
    SKYHUB_CODES_PREFIXED = (
        "skyhub.codes_prefixed",
        _P,
        "SkyHub's lists spell codes with the channel's prefix; the service takes the remote code alone.",
        _PAUSE,
    )
    SKYHUB_PAGES_SHIFTED = (
        "skyhub.pages_shifted",
        _P,
        "SkyHub's lists are not paged by numbers from 1: orders would be missed or read again.",
        _PAUSE,
    )
    SKYHUB_PAGE_SIZE = (
        "skyhub.page_size",
        _N,
        "A page of SkyHub's lists does not hold 20 orders. Lists are read to their end, whatever a page holds.",
        _REPORT,
    )
    SKYHUB_UNKNOWN_STATUS = (
        "skyhub.unknown_status",
        _N,
        "Orders have a status type that is not known; it counts as no status at all.",
        _REPORT,
    )
    SKYHUB_UNKNOWN_CARRIER = (
        "skyhub.unknown_carrier",
        _W,
        "Orders have a calculation type that is not known; they count as the seller's own logistics and are skipped.",
        "if Direct carries them: `coleta order set-carrier {store} ORDER_ID direct --reason …`, and report it",
    )
    SKYHUB_NOT_DIRECT = (
        "skyhub.not_direct",
        _W,
        "SkyHub lists orders for pickup whose calculation type is not Direct's; they are never requested.",
        "look at one in SkyHub's panel; if Direct carries it: `coleta order set-carrier {store} ORDER_ID direct`",
    )
    SKYHUB_NO_REMOTE_CODE = (
        "skyhub.no_remote_code",
        _W,
        "Orders come without remote code; it is then taken from the order's own code.",
        "compare one of the codes in the lists with its order in SkyHub's panel",
    )
    VTEX_OK = ("vtex.ok", _O, "The VTEX OMS lets orders be read.", "")
    VTEX_REFUSED = (
        "vtex.refused",
        _P,
        "VTEX refuses the app key (401 or 403): orders cannot be read.",
        "correct app_key and app_token in [stores.{store}.vtex], and give the key's role the right to view orders",
    )
    VTEX_UNREACHABLE = (
        "vtex.unreachable",
        _P,
        "VTEX was not reached.",
        "check base_url in [stores.{store}.vtex] (https://ACCOUNT.vtexcommercestable.com.br), DNS and firewall",
    )
    VTEX_IN_TROUBLE = (
        "vtex.in_trouble",
        _W,
        "VTEX answered with an error, or unreadably.",
        "nothing, if it passes: the service tries again by itself. Else compare base_url with the account's name",
    )
    VTEX_UNKNOWN_ORDER = (
        "vtex.unknown_order",
        _W,
        "The OMS does not know an order that the ledger holds.",
        "compare base_url and affiliate_id in [stores.{store}.vtex] with the account that sells the order",
    )
    FEED_OK = ("feed.ok", _O, "The orders feed is configured.", "")
    FEED_NOT_CONFIGURED = (
        "feed.not_configured",
        _P,
        "The account has no orders feed, and the store polls it.",
        "configure the feed at VTEX for this app key, or set feed = false in [stores.{store}.vtex]",
    )
    FEED_HIDDEN = (
        "feed.hidden",
        _N,
        "The app key may not read how the feed is configured.",
        "nothing, as long as workers poll it; else give the key's role the right to the feed",
    )
    FEED_WITHOUT_INVOICED = (
        "feed.without_invoiced",
        _W,
        "The feed's filter leaves invoiced orders out.",
        "add `invoiced` and `payment-approved` to the filter's states at VTEX: an invoice leads to one of them",
    )
    FEED_PILED_UP = (
        "feed.piled_up",
        _W,
        "Events have been waiting in the feed for long: nobody takes them.",
        "see that beat and workers run; VTEX throws events away after some days",
    )
    FEED_TAKEN = (
        "feed.taken",
        _W,
        "SkyHub listed orders of which nobody had told, though the feed is polled: another may take its events.",
        "give this service an app key of its own, which no other consumer of the feed uses",
    )
    PICK_AND_PACK_OK = ("pick_and_pack.ok", _O, "Pick and Pack lets orders be read.", "")
    PICK_AND_PACK_REFUSED = (
        "pick_and_pack.refused",
        _P,
        "Pick and Pack refuses the key.",
        "correct api_key in [stores.{store}.pick_and_pack]; with require_packed, due orders are held until it works",
    )
    PICK_AND_PACK_UNREACHABLE = (
        "pick_and_pack.unreachable",
        _P,
        "Pick and Pack was not reached.",
        "check auth_url and base_url in [stores.{store}.pick_and_pack], DNS and firewall",
    )
    PICK_AND_PACK_IN_TROUBLE = (
        "pick_and_pack.in_trouble",
        _W,
        "Pick and Pack answered with an error, or unreadably.",
        "nothing, if it passes: the service tries again by itself",
    )

    def __init__(self, title: str, level: Level, means: str, advice: str) -> None:
        self.title = title
        self.level = level
        self.means = means
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, on one line without its end stop; of a `store`, "" where it is of none."""

    check: Check
    found: str
    store: str = ""
    own_advice: str = ""

    @property
    def level(self) -> Level:
        """How bad it is."""
        return self.check.level

    @property
    def advice(self) -> str:
        """What to do, "" where there is nothing to do."""
        return (self.own_advice or self.check.advice).replace("{store}", self.store or "STORE")


def worst(levels: "list[Level]") -> Level:
    """Return the worst level, ok where there is none."""
    return max(levels, key=LEVELS.index, default=Level.OK)

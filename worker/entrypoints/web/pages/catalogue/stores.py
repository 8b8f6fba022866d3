"""What happens next to an order, and how a store stands."""

from worker.entrypoints.web.pages.marking import N_

TEMPLATES = (
    # What happens next to an order, and when.
    N_("it is read again from the VTEX OMS, next {when}"),
    N_("SkyHub is asked for what is not known, next {when}"),
    N_("it waits for the invoice of what is missing: {items}"),
    N_("it waits for the invoice of what is missing: not known"),
    N_("SkyHub's lists are read to see whether it was requested, next {when}"),
    N_("Pick and Pack is asked whether it is packed, next {when}"),
    N_("its pickup is requested once SkyHub lists it as collectable, next look {when}"),
    N_("SkyHub's answer is awaited; should none come, its lists are read {when}"),
    N_("nothing before an operator retries or discards it"),
    N_("nothing before SkyHub lists it as collectable, or an operator retries or discards it"),
    N_("nothing: another order has its pickup"),
    N_("nothing before the stores file says that the store has contracted Coleta (coleta = true)"),
    N_("nothing, unless SkyHub lists it as collectable or its carrier is corrected"),
    N_("nothing: it is done, unless an operator intervenes"),
    N_("at {at}"),
    N_("not before {at}"),
    N_("not before {at}: {reason}"),
    N_("when the store goes on"),
    N_("nothing until {end}"),
    N_("store {store} is back in the stores file"),
    N_("the store goes on: coleta stores resume {store}"),
    N_("the store goes on, within seconds: it is back in the stores file"),
    N_("SkyHub's answer is awaited; after that {then}"),
    N_("the Redis server was restarted or its clock set forward"),
    N_("the service paused the store: {reason}"),
    N_("as soon as it is saved"),
    # How a store stands, and what keeps it.
    N_("working"),
    N_("no worker runs, {sweep}: run `coleta doctor`"),
    N_("{sweep}: run `coleta doctor`"),
    N_("no sweep ever"),
    N_("no sweep for {word}"),
    N_("{other} is in trouble, {next}"),
    N_("the VTEX OMS"),
    N_("the VTEX feed"),
    N_("next try at {at}: {reason}"),
    N_("SkyHub is in trouble, next try at {at}"),
    N_("Redis was restarted or its clock set forward at {at}: nothing is requested until {until}"),
    N_(
        "the Redis server was restarted or its clock set forward at {at}; nothing is requested until {until},"
        " events are recorded meanwhile"
    ),
    N_("taken out of the stores file: paused, {orders} kept"),
    N_("back in the stores file: resumes within seconds"),
    N_("its SkyHub calls are {paused}"),
    N_("paused by the service, next try at {at}: {reason}"),
    N_("paused by {by} since {since}: {reason}"),
    N_("an operator"),
    N_("the stores file"),
    N_("the inbox of store {store} holds {number} events (COLETA_INBOX_LIMIT)"),
    N_("the inbox of store {store} cannot be reached now; resend it later"),
    N_("it was taken out of the stores file; its orders are kept"),
)

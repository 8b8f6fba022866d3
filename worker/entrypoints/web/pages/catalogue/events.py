"""Why an event was not recorded."""

from worker.entrypoints.web.pages.marking import N_

TEMPLATES = (
    # What a body lacks, and where it came from.
    N_("order {order_id}, {came}"),
    N_("by {origin}: {reason}"),
    N_("the connector's invoice push"),
    N_("the connector's cancel push"),
    N_("the Orders hook"),
    N_("Pick and Pack's webhook"),
    N_("{field}: found {found}, {fault}"),
    N_("{field}: {fault}"),
    N_("and {number} more"),
    N_("found {found}, expected a JSON object"),
    N_("expected a JSON object"),
    N_("expected an object"),
    N_("an object"),
    N_("a list"),
    N_("JSON inside a text"),
    N_("not JSON: {message}"),
    N_("the body has {number} bytes, {most} are the most"),
    N_("event: found {found}, expected {words}"),
    N_("store: found {found}, expected {words} or none, as in the path"),
    N_("the list holds {number} events, {most} are the most; nothing was taken"),
    N_("the order id in the path has {number} characters, 1 to {most} may be"),
    N_("the order id in the path is not readable text"),
    # What no order takes.
    N_(
        "order_id {word} is no order id of this store and the remote code of no order known here; send the"
        " VTEX order id, the marketplace order id or order.skyhub_code"
    ),
    N_(
        "the order would hold more than {most} SKUs, lines of invoices or replaced versions, which no order"
        " of a person does; look at what its sender sends"
    ),
    N_("store {word} is not in {file} (known: {words})"),
    N_("store {word} is not in the stores file; put it in, or discard this event"),
    N_("it names store {word}; hand it in there, or discard this event"),
    N_("recording it failed ({error}); please report this"),
    N_("not an event of this service: {reason}"),
    N_("a field has the wrong type"),
    N_("an event of the orders feed that names no order"),
    N_("the message has more than one argument; send each event in a message of its own"),
    # Messages that a worker cannot use.
    N_("{place} held {held}"),
    N_("queue {name}"),
    N_("hash {name}"),
    N_("list coleta.aside"),
    N_("something of others: it cannot be read"),
    N_(
        "what is no message of ours: {reason}; send the task coleta.order_invoiced with the event as its only"
        " argument, to queue inbox"
    ),
    N_("a call of {task} that was given up: {reason}; {hint}"),
    N_("hand it in again with `coleta rejected resend`"),
    N_("do that retry again with `coleta order STORE ORDER_ID retry`"),
    N_("send the task coleta.order_invoiced with the event as its only argument, to queue inbox"),
    N_("a worker refused it or failed at it, and its log says why"),
    N_("a worker failed at it, and its log says why"),
    N_("it came back {number} times, each time from a worker that died or lost its connection"),
    N_("the broker says {word}"),
    N_("nothing of it"),
    N_("it cannot be delivered ({error})"),
    N_("Celery cannot run it ({error})"),
    N_("it names no task"),
    N_("there is no task {name}"),
    N_("{task} takes other arguments: {message}"),
    N_("{what} cannot be read ({error})"),
    N_("it"),
    N_("its body"),
    N_("it is no JSON object"),
    N_("it has {number} bytes, {most} are the most"),
    N_("its body is not base64"),
    N_("its body is {found}, expected a list of {number}: arguments, named ones, the rest"),
    N_("its arguments are {found}, expected a list"),
    N_("its named arguments are {found}, expected an object"),
    N_("what follows its task is {found}, expected an object"),
    N_("found {found}, expected a message, its exchange and its routing key"),
    N_("its exchange and routing key are no texts"),
)
# What pydantic finds, as `worker.adapters.bodies` shows it.
FAULTS = (
    N_("field required"),
    N_("input should be a valid string"),
    N_("input should be a valid list"),
    N_("input should be a valid integer"),
    N_("input should be a valid integer, unable to parse string as an integer"),
    N_("input should be a valid integer, got a number with a fractional part"),
    N_("unable to parse input string as an integer, exceeded maximum size"),
    N_("input should be a finite number"),
    N_("input should be {options}"),
    N_("input should be greater than or equal to {number}"),
    N_("input should be less than or equal to {number}"),
    N_("input should be a valid datetime{detail}"),
    N_("string should have at least {number} character"),
    N_("string should have at most {number} characters"),
    N_("list should have at most {number} items after validation, not {found}"),
)

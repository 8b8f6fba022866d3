"""The catalogue against the code: whoever adds, changes or takes out a sentence is told what to do here."""

import re
from functools import cache
from pathlib import Path

from tests.fixtures.sentences_in_code import blanked, texts_in
from worker.entrypoints.web.pages.catalogue import SAID_BY_CODE, TEMPLATES
from worker.entrypoints.web.pages.patterns import JOINED
from worker.entrypoints.web.pages.places import PLACES, places_of

_ROOT = Path(__file__).parents[5]
# Where the sentences of orders, of stores and of rejected events are made.
_SPEAKING = (
    "worker/domain/*.py",
    "worker/usecases/*.py",
    "worker/ports/*.py",
    "worker/adapters/**/*.py",
    "worker/bootstrap.py",
    "worker/entrypoints/at_rest.py",
    "worker/entrypoints/views.py",
    "worker/entrypoints/store_views.py",
    "worker/entrypoints/reasons.py",
    "worker/entrypoints/native_events.py",
    "worker/entrypoints/rejected_bodies.py",
    "worker/entrypoints/web/login/forms.py",
    "worker/entrypoints/web/pages/open_lists.py",
    "worker/entrypoints/message_door.py",
    "worker/entrypoints/tasks.py",
    "worker/entrypoints/broker/*.py",
    "worker/entrypoints/web/*_doors.py",
)
_ELSEWHERE = {
    "worker/adapters/redis_clients.py": "ends a process at its start",
    "worker/adapters/redis_cluster.py": "redis-py's errors: a log says them",
    "worker/adapters/redis_safety.py": "ends a process at its start",
    "worker/entrypoints/broker/rabbitmq_start.py": "ends a worker at its start",
    "worker/usecases/places.py": "a list that is left by a wrong cursor begins anew",
    "worker/usecases/liveness.py": "said by probes and the command line",
}
_UNSAID = {
    "\nOrderId orderId State state LastChange lastChange CurrentChange currentChange hookConfig newStatus\n": "keys",
    "(?:order .+?, )?by ({}): ": "a pattern",
    "Callable[..., Redis]": "a type",
    "Pick and Pack": "a name: `words.ANNOUNCERS`",
    "Pipeline | Client": "a type",
    "Redis does not take it now": "the answer of a door",
    "Redis | RedisCluster": "a type",
    "SkyHub does not know the order": "the beginning of a sentence, by which one is known",
    "SkyHub does not know {}": "a log says it",
    "VTEX connector": "the API's description",
    "a compacted document ends too soon": "an order that cannot be read is on no page",
    "accepted:{} 1 accepted_ms {}": "fields of Redis",
    "an order of store {} was changed by others {} times in a row": "ends a task, and its log says it",
    "args kwargs": "keys",
    "away is the node of the cluster that has {}": "a log says it",
    "give back": "what a script is to do",
    "given up": "a label of a metric",
    "id invoiceNumber invoiceKey issuanceDate": "keys",
    "input should be a valid integer": "pydantic's own: `catalogue.events.FAULTS`",
    "nao encontrad": "a part of SkyHub's messages",
    "nao localizad": "a part of SkyHub's messages",
    "native events": "the API's description",
    "no queue takes it": "kombu's log says it",
    "not the record of an order: {}": "an order that cannot be read is on no page",
    "save.lua answered {}": "a bug, and a log says it",
    "set appendonly yes, appendfsync always and maxmemory-policy noeviction, as config/redis.conf does": "ends a start",
    "the connection of this channel is gone": "kombu's log says it",
    "the inbox is full": "the answer of a door",
    "timed out": "a label of a metric",
    "{} d": "a length of time, alike in both languages",
    "{} ({}, pages)": "an operator's own words",
    "a form is sent as application/x-www-form-urlencoded": "no browser of a person does otherwise",
    "the form has more than {} fields": "no page of ours has so many",
    "{} is no id of a rejected event": "the command line says it",
    "{} may not be requested: {}, {}": "a bug, and a log says it",
    "{} rejected; first: {}": "a log says it",
    "{} x{}": "SKUs and units, alike in both languages",
    "{}. To mend: {}; for a trial only: COLETA_ALLOW_UNSAFE_REDIS=1": "ends a start",
    "{}…; coleta stores lists all": "the end of a list of names",
}
_KEYS = "\nevent store order_id "


@cache
def _texts() -> dict[str, set[str]]:
    """Return the texts of each file that speaks."""
    files = {path.relative_to(_ROOT).as_posix() for place in _SPEAKING for path in _ROOT.glob(place)}
    return {name: texts_in(_ROOT, name) for name in sorted(files - _ELSEWHERE.keys())}


def test_every_sentence_of_the_code_is_in_the_catalogue() -> None:
    """Add one that is missing to `pages/catalogue` and to `locales`, or say in `_UNSAID` why no page shows it.

    What the other places of the code say on pages goes to gettext there.
    """
    known = set(map(_written, SAID_BY_CODE))
    missing = {
        name: sorted(text for text in texts - known - _UNSAID.keys() if _is_sentence(text))
        for name, texts in _texts().items()
    }
    assert {name: texts for name, texts in missing.items() if texts} == {}


def test_the_catalogue_holds_nothing_that_the_code_cannot_say() -> None:
    """Take it out there, and out of `locales`."""
    said = set().union(*_texts().values())
    assert [template for template in SAID_BY_CODE if _written(template) not in said] == []


def test_no_exception_is_left_of_a_text_that_is_gone() -> None:
    """Take its line out here."""
    said = set().union(*_texts().values())
    assert [text for text in _UNSAID if text not in said] == []
    assert [name for name in _ELSEWHERE if not (_ROOT / name).is_file()] == []


def test_a_template_stands_once_in_the_catalogue() -> None:
    """Also where two differ only in the names of their places: only one of them could ever be found."""
    blank = [blanked(template) for template in TEMPLATES]
    twice = {text for text in blank if blank.count(text) > 1}
    # Of these the kinds of their places tell which one is meant.
    assert {text for text in twice if _is_sentence(text)} == set()


def test_every_place_is_of_a_known_kind() -> None:
    """Its name says what stands there; a new one goes to `places.PLACES`, one that no template has leaves it."""
    assert set().union(*map(places_of, [*TEMPLATES, JOINED])) == PLACES.keys()


def _written(template: str) -> str:
    """Return a template as the code writes it: whose settings it names, only who shows it knows."""
    return blanked(template.replace("{table}", "<name>"))


def _is_sentence(text: str) -> bool:
    """Whether a text has words and the space between two of them: single words are the domain's (`words`)."""
    own = text.replace("{}", "")
    return re.search("[a-z]", own) is not None and " " in text.strip() and not text.startswith(_KEYS)

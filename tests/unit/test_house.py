"""House rule: small files. One of more than 200 lines stands here, with the reason why two would be harder to read."""

import subprocess
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_MOST_LINES = 200
_FOLDERS = ("worker", "config", "tests")

_LONGER = {
    "config/settings.py": "a list of settings, each with its reason, and what they refuse together",
    "config/stores.py": "one document: its tables, and what is refused in them",
    "tests/browser/test_actions.py": "one running service, which takes longer to start than an action",
    "tests/browser/test_pages_show.py": "one gallery: a test a page, in both languages",
    "tests/contracts/test_ledger_lost_answers.py": "one test a script, so that a missing one is seen",
    "tests/fakes/memory_ledger.py": "one port: a fake of the whole of it",
    "tests/faults/model.py": "one state machine, one file (house rule)",
    "tests/faults/model_moves.py": "one list of moves, each a few lines",
    "tests/faults/model_world.py": "one world: what is in it, and what is judged of it",
    "tests/faults/poison_shapes.py": "one list of shapes, and what they are made of",
    "tests/faults/skyhub_cases.py": "one matrix, generated from the top to the bottom",
    "tests/faults/skyhub_world.py": "one run: played, watched, mended, judged",
    "tests/fixtures/raw_server.py": "one server, and the behaviours that it plays",
    "tests/integration/test_broker_transport.py": "one transport: each way in which a message can be useless",
    "tests/integration/test_doctor.py": "one running deployment, which all its tests share",
    "tests/integration/test_doors_journeys.py": "one running world, which takes longer to start than a journey",
    "tests/integration/test_doors_process.py": "one running process, which all its tests share",
    "tests/integration/test_doors_redis_trouble.py": "one Redis in every trouble, under the same senders",
    "tests/integration/test_embedded_server.py": "one server: its start, its life, its end",
    "tests/integration/test_embedded_writer.py": "one question: which program opens the directory",
    "tests/integration/test_http_client.py": "one call: its timeout, its end, what was sent of it",
    "tests/integration/test_rabbitmq.py": "one running broker, which all its tests share",
    "tests/integration/test_tls.py": "one authority and its servers, which all its tests share",
    "tests/integration/test_up_sandbox.py": "one command, looked at from every side while it runs",
    "tests/integration/test_worker_stores.py": "one running worker, which all its tests share",
    "tests/integration/test_worker_trouble.py": "one running service, with a store a trouble",
    "tests/unit/adapters/test_vtex_samples.py": "one test a documented sample, and one that none is left out",
    "tests/unit/domain/test_deciding.py": "one table: a test a row, and its edges",
    "tests/unit/domain/test_news.py": "one table: a test a row, and its edges",
    "tests/unit/domain/test_operator.py": "one table: a test a row, and its edges",
    "tests/unit/domain/test_packing.py": "one hold: its beginning, its pace, its end",
    "tests/unit/domain/test_snapshots.py": "one source, in its rank among the others",
    "tests/unit/domain/test_world.py": "one state machine, one file (house rule)",
    "tests/unit/usecases/test_await_packing.py": "one use case, told by the same few helpers",
    "tests/unit/usecases/test_operate_again.py": "one use case, told by the same few helpers",
    "tests/unit/usecases/test_request_pickups_server.py": "one change of server, step by step",
    "tests/unit/usecases/test_reread_orders.py": "one use case, told by the same few helpers",
    "tests/unit/usecases/test_resend_rejected.py": "one use case, told by the same few helpers",
    "tests/unit/usecases/world.py": "one world: what is in it, and what is done in it",
    "worker/adapters/http.py": "one promise: the parts that keep it are read together",
    "worker/adapters/redis_ledger/codec.py": "one document: what writes it stands beside what reads it",
    "worker/adapters/redis_ledger/ledger.py": "one port: a method a script",
    "worker/adapters/redis_ledger/save.lua": "one save: Redis has it in one piece, or nothing of it",
    "worker/adapters/skyhub/answers.py": "one counterparty: how its answers are sorted, and what is quoted of them",
    "worker/bootstrap.py": "one place builds every part",
    "worker/domain/order.py": "one document, with the meaning of each field",
    "worker/domain/pickups.py": "one law, one file (house rule)",
    "worker/domain/progress.py": "one state machine, one file (house rule)",
    "worker/entrypoints/cli/acting.py": "one conversation: what is asked, done and told",
    "worker/entrypoints/doctor/findings.py": "one table: every finding, with what to do",
    "worker/entrypoints/doctor/skyhub_answers.py": "one list: a question a function",
    "worker/entrypoints/embedded/server.py": "one server: its start, its life, its end",
    "worker/metrics.py": "one catalogue: a metric, its meaning and where it is counted stand together",
    "worker/sandbox/vtex/oms.py": "one simulated counterparty: its orders, and who is told of them",
    "worker/usecases/request_pickups.py": "one round, read from the top to the bottom",
}


def _files() -> list[str]:
    """Return the files of the product and its tests: those that git knows, in a copy without it all that are there."""
    if (_ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", *_FOLDERS], cwd=_ROOT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
    else:
        found = (path for folder in _FOLDERS for path in (_ROOT / folder).rglob("*"))
        listed = [path.relative_to(_ROOT).as_posix() for path in found if "__pycache__" not in path.parts]
    return [name for name in listed if name.endswith((".py", ".lua")) and (_ROOT / name).is_file()]


def _is_long(name: str) -> bool:
    return len((_ROOT / name).read_text(encoding="utf-8").splitlines()) > _MOST_LINES


def test_a_file_is_short_or_says_why_not() -> None:
    """Split it where two subjects stand in it; else it needs a reason here."""
    assert sorted(filter(_is_long, set(_files()) - _LONGER.keys())) == []


def test_no_reason_is_given_for_a_file_that_is_short() -> None:
    """Take its line out."""
    files = set(_files())
    assert [name for name in _LONGER if name not in files or not _is_long(name)] == []


def test_the_reasons_are_sorted() -> None:
    """So that one is found, and two changes seldom meet."""
    assert list(_LONGER) == sorted(_LONGER)

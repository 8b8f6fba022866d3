"""The list of guards, which only `make guards` runs: whether it can be run."""

from tests.guards import ROOT, read


def test_every_guard_stands_once_where_the_list_says_and_has_its_test() -> None:
    """A merge, or a change of a guarded line, is noticed before the next run of all guards."""
    guards = read()
    texts = {file: (ROOT / file).read_text() for each in guards for file in (each.file, _place(each.test)[0])}
    assert [each.name for each in guards if texts[each.file].count(each.remove) != 1] == []
    assert [each.name for each in guards if _place(each.test)[1] not in texts[_place(each.test)[0]]] == []
    assert len({each.name for each in guards}) == len(guards)


def _place(test: str) -> tuple[str, str]:
    """Return the file of a test and the last name in it, without a parameter."""
    file, *names = test.partition("[")[0].split("::")
    return file, names[-1] if names else ""

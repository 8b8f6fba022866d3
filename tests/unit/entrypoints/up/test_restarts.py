from worker.entrypoints.up.restarts import EARLY_SECONDS, Again, Broken, Restarts, how_it_ended, when


def _waits(*worked: float | None, exit_code: int = 1) -> list[float | Broken]:
    """Return what follows on each end of a process that had worked for so long; None: it never was ready."""
    restarts, waits = Restarts(), list[float | Broken]()
    for seconds in worked:
        match restarts.ended(seconds, exit_code):
            case Again(wait, after):
                restarts = after
                waits.append(wait)
            case Broken() as end:
                waits.append(end)
    return waits


def test_an_accident_costs_no_time() -> None:
    """A process that worked for long is started again at once, however often that happens."""
    assert _waits(3600, EARLY_SECONDS, 60, 60, 60, 60, 60) == [0.0] * 7


def test_one_that_keeps_ending_early_is_started_later_and_later_and_then_given_up() -> None:
    """At once the first time, then after half a second, doubled each time; the fifth end is the last."""
    assert _waits(1, 1, 1, 9.9, 0) == [0.0, 0.5, 1.0, 2.0, Broken(5)]


def test_one_that_never_is_ready_is_given_up_however_long_it_took() -> None:
    """A server that replays its file for minutes and then dies does so again; killed or not."""
    assert _waits(None, None, None, None, None) == [0.0, 0.5, 1.0, 2.0, Broken(5)]
    assert _waits(None, None, None, None, None, exit_code=-9)[-1] == Broken(5)


def test_a_kill_from_outside_is_an_accident() -> None:
    """However soon after it was ready, and however often."""
    assert _waits(0, 0, 1, 2, 0, 0, exit_code=-9) == [0.0] * 6


def test_a_long_life_makes_up_for_early_ends() -> None:
    """The count begins anew, and so do the waits."""
    assert _waits(1, 1, 1, 1, 3600, 1, 1) == [0.0, 0.5, 1.0, 2.0, 0.0, 0.0, 0.5]


def test_an_end_and_the_next_start_are_said_in_words() -> None:
    """A person reads the signal's name, and when the next one starts."""
    assert [how_it_ended(code) for code in (-9, -15, 0, 3)] == [
        "was killed by SIGKILL",
        "was killed by SIGTERM",
        "ended with exit code 0",
        "ended with exit code 3",
    ]
    assert [when(Again(wait, Restarts())) for wait in (0.0, 0.5)] == ["started again", "started again in 0.5 s"]

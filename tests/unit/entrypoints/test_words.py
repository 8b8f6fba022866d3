from worker.entrypoints.words import counted


def test_one_and_many_are_counted_in_words() -> None:
    """Large numbers can be read."""
    assert (counted(0, "store"), counted(1, "store"), counted(1200, "store")) == ("0 stores", "1 store", "1,200 stores")

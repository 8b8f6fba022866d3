from worker.entrypoints.words import counted, of_store


def test_one_and_many_are_counted_in_words() -> None:
    """Large numbers can be read."""
    assert (counted(0, "store"), counted(1, "store"), counted(1200, "store")) == ("0 stores", "1 store", "1,200 stores")


def test_a_place_in_the_stores_file_is_that_of_the_store() -> None:
    """A counterparty's adapter does not know whose calls it makes; who shows its words does."""
    said = "SkyHub answered 401; check stores.<name>.skyhub.user_email, api_key and accountmanager_key"

    assert of_store("acme", said) == said.replace("<name>", "acme")

"""Any name of an order leads to its one ledger id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain.codes import BareCode, Foreign, LedgerId, identify, identify_announced, remote_codes, skyhub_code

SITES = ("Lojas Americanas", "Americanas Empresas", "Sou Barato", "Submarino", "Shoptime", "Teste")
numbers = st.from_regex(r"[1-9][0-9]{8,12}(-0[1-9])?", fullmatch=True)


@pytest.mark.parametrize(
    "name",
    [
        "BWW-Lojas_Americanas-285264647201",
        "BWW-Lojas Americanas-285264647201",
        "Lojas_Americanas-285264647201",
        "Lojas Americanas-285264647201",
        "  Lojas Americanas-285264647201 ",
        "Lojas  Americanas-285264647201",
    ],
)
def test_every_spelling_of_an_order_is_one_id(name: str) -> None:
    """VTEX's order id, the marketplace id and SkyHub's code name the same document."""
    assert identify(name, "BWW") == LedgerId("BWW-Lojas_Americanas-285264647201")


@given(site=st.sampled_from(SITES), number=numbers)
def test_every_site_and_number_is_one_id_and_finds_its_way_back(site: str, number: str) -> None:
    """Whatever the site or a delivery suffix, with an affiliate and without one."""
    marketplace = f"{site.replace(' ', '_')}-{number}"
    for name in (f"BWW-{marketplace}", marketplace, f"{site}-{number}"):
        assert identify(name, "BWW") == LedgerId(f"BWW-{marketplace}")
        assert identify(name, None) == LedgerId(marketplace)
    assert skyhub_code(f"BWW-{marketplace}", "BWW") == f"{site}-{number}"
    assert skyhub_code(marketplace, None) == f"{site}-{number}"


@pytest.mark.parametrize("affiliate", ["BWW", None])
@pytest.mark.parametrize("name", ["285264647201", "1517940500554-01"])
def test_a_remote_code_alone_is_for_the_ledger_to_find(name: str, affiliate: str | None) -> None:
    """The lists' codes carry no site: only what was learned tells which order they name."""
    assert identify(name, affiliate) == BareCode(name)


@pytest.mark.parametrize(
    "name",
    [
        "v502556llux-01",  # VTEX's own sequence
        "Submarino",
        "Submarino-abc",
        "Submarino 2-285264647201",
        "-285264647201",
        "_x-285264647201",
        "xde-Lojas_Americanas-285264647201",
        "",
    ],
)
def test_what_is_no_known_form_opens_no_order(name: str) -> None:
    """A store with an affiliate enters only what reads as a B2W order; for the rest the ledger is asked."""
    assert identify(name, "BWW") == BareCode(name.replace(" ", "_"))


@pytest.mark.parametrize(
    "name",
    ["XDE-1253881550433-01", "XDE-Lojas_Americanas-285264647201", "BW2-Submarino-285264647201", "BWX-285264647201"],
)
def test_an_order_of_another_affiliate_is_foreign(name: str) -> None:
    """It is not this service's business, however much the rest looks like one of its orders."""
    assert identify(name, "BWW") == Foreign(name)


def test_what_carries_the_stores_own_affiliate_is_its_order() -> None:
    """The affiliate decides, however odd the rest."""
    assert identify("BWW-285264647201", "BWW") == LedgerId("BWW-285264647201")
    assert identify("B2-Submarino-285264647201", "B2") == LedgerId("B2-Submarino-285264647201")


def test_a_store_without_affiliate_takes_names_as_they_are() -> None:
    """Only a well-formed affiliate prefix before a marketplace id is dropped."""
    assert identify("XDE-1253881550433-01", None) == LedgerId("XDE-1253881550433-01")
    assert identify("bww-Submarino-285264647201", None) == LedgerId("bww-Submarino-285264647201")
    assert identify("B2W-Submarino-285264647201", None) == LedgerId("Submarino-285264647201")
    assert identify("1-x", None) == BareCode("1-x")


def test_the_remote_code_is_what_follows_the_first_dash() -> None:
    """The site is not part of the code that the lists carry."""
    assert remote_codes("BWW-Lojas_Americanas-285264647201", "BWW") == ("285264647201",)
    assert remote_codes("Lojas_Americanas-285264647201", None) == ("285264647201",)


def test_only_the_site_is_spelled_with_spaces() -> None:
    """What follows the first dash is B2W's, to the letter."""
    assert skyhub_code("Lojas_Americanas-12_3-4_5", None) == "Lojas Americanas-12_3-4_5"


def test_a_delivery_suffix_may_be_kept_by_the_lists_or_not() -> None:
    """Both spellings are tried, the full one first; only one to three digits at the end are a suffix."""
    assert remote_codes("BWW-Lojas_Americanas-1517940500554-01", "BWW") == ("1517940500554-01", "1517940500554")
    assert remote_codes("Submarino-1517940500554-123", None) == ("1517940500554-123", "1517940500554")
    assert remote_codes("Submarino-1517940500554-1234", None) == ("1517940500554-1234",)
    assert remote_codes("Submarino-1517940500554-01-02", None) == ("1517940500554-01-02", "1517940500554-01")


def test_an_id_without_a_site_is_its_own_remote_code() -> None:
    """No order is looked for under an empty code, nor under its suffix alone."""
    assert remote_codes("BWW-285264647201", "BWW") == ("285264647201",)
    assert remote_codes("BWW-1517940500554-01", "BWW") == ("1517940500554-01", "1517940500554")
    assert skyhub_code("BWW-1517940500554-01", "BWW") == "1517940500554-01"


@pytest.mark.parametrize("name", ["BWW-Lojas_Americanas-285264647201", " BWW-285264647201 ", "BWW-Lojas Americanas-1"])
def test_what_is_announced_with_the_affiliate_is_the_stores_order(name: str) -> None:
    """A hook, the feed and Pick and Pack name orders as VTEX does."""
    assert identify_announced(name, "BWW") == LedgerId(name.strip().replace(" ", "_"))


def test_what_is_announced_without_the_affiliate_is_known_by_b2ws_form() -> None:
    """Any door may bring any form of the code."""
    assert identify_announced("Lojas_Americanas-285264647201", "BWW") == LedgerId("BWW-Lojas_Americanas-285264647201")


@pytest.mark.parametrize(
    "name",
    [
        "XDE-Lojas_Americanas-285264647201",
        "1253881550433-01",
        "v502556llux-01",
        "285264647201",
        "",
    ],
)
def test_what_is_announced_of_other_channels_is_foreign(name: str) -> None:
    """They tell of every order of the account: none of these opens a document, whatever it looks like."""
    assert identify_announced(name, "BWW") == Foreign(name)


def test_without_an_affiliate_only_b2ws_form_of_a_code_is_taken() -> None:
    """Other marketplaces and the seller's own shop have other forms."""
    assert identify_announced("B2W-Submarino-285264647201", None) == LedgerId("Submarino-285264647201")
    assert identify_announced("Submarino-285264647201", None) == LedgerId("Submarino-285264647201")
    for name in ("1253881550433-01", "XDE-1253881550433-01", "v502556llux-01", "285264647201"):
        assert identify_announced(name, None) == Foreign(name)

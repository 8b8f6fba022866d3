"""The names by which the HTTP process may be asked."""

import pytest

from config.settings import SettingsError, load_settings


def test_hosts_are_named_with_commas_between() -> None:
    """Case and blanks do not matter; none means any."""
    named = load_settings({"COLETA_WEB_ALLOWED_HOSTS": "Coleta.Example, 10.0.0.1,[::1]"})

    assert named.allowed_hosts == {"coleta.example", "10.0.0.1", "[::1]"}
    assert load_settings({}).allowed_hosts == frozenset()


@pytest.mark.parametrize("wrong", ["https://coleta.example", "coleta.example:8000", "a,,b", "a b", "a,"])
def test_what_is_no_host_stops_the_start(wrong: str) -> None:
    """With a sentence that says how to mend it."""
    with pytest.raises(
        SettingsError, match=r"COLETA_WEB_ALLOWED_HOSTS is .* is no host name; name hosts without scheme"
    ):
        load_settings({"COLETA_WEB_ALLOWED_HOSTS": wrong})

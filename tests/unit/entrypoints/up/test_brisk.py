from config.settings import load_settings
from worker.entrypoints.sandbox_home import brisk_variables, in_sandbox


def test_a_sandbox_looks_oftener_than_a_service() -> None:
    """What is lost everywhere is found while somebody watches."""
    assert brisk_variables(in_sandbox(load_settings({}))) == {
        "COLETA_RECONCILE_SECONDS": "20",
        "COLETA_FEED_SECONDS": "5",
    }


def test_what_somebody_has_set_stays() -> None:
    """Also where it is the default of a service."""
    own = load_settings({"COLETA_RECONCILE_SECONDS": "900", "COLETA_FEED_SECONDS": "0.5"})

    assert brisk_variables(in_sandbox(own)) == {"COLETA_RECONCILE_SECONDS": "900", "COLETA_FEED_SECONDS": "0.5"}

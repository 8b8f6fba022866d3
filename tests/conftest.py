"""How the tests run: property tests with the same examples on every machine, signals as a terminal leaves them."""

import signal

from hypothesis import HealthCheck, settings

# Whoever runs the tests in the background, or under nohup, ignores these, and every process started here would too.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,  # A busy machine is no failure.
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
# For the moment between two changes, with all of tests/unit: `make quick`.
settings.register_profile("quick", settings.get_profile("ci"), max_examples=5)
# For a night: `pytest --hypothesis-profile=deep`.
settings.register_profile("deep", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")

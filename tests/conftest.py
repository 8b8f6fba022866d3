"""How the property tests run: the same examples on every machine, unless a deeper search is asked for."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,  # A busy machine is no failure.
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
# For a night: `pytest --hypothesis-profile=deep`.
settings.register_profile("deep", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")

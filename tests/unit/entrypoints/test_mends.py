"""A process that does not reach Redis says what to mend, by what is wrong."""

import pytest
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.entrypoints.process import how_to_mend


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (
            AuthenticationError("invalid username-password pair or user is disabled."),
            "correct the user and the password",
        ),
        (RedisConnectionError("Error 1 connecting to redis:6379. certificate verify failed: x"), "?ssl_ca_certs="),
        (RedisConnectionError("Error 111 connecting to redis:6379. Connection refused."), "start the server there"),
    ],
)
def test_what_is_to_be_mended_is_what_is_wrong(error: RedisError, mend: str) -> None:
    """A wrong password and a certificate that is not trusted are no server that is away."""
    assert mend in how_to_mend(error)

"""How the clients of the control API call it."""

from typing import Any

import httpx

TIMEOUT_SECONDS = 30.0


class SandboxError(Exception):
    """The sandbox refused a control call; the text is its reason."""


class ControlCalls:
    """Calls under `/_sandbox`, over one client of HTTP."""

    def __init__(self, base_url: str) -> None:
        """Talk to the sandbox at `base_url`."""
        self._http = httpx.Client(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __call__(self, method: str, path: str, body: object = None, query: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the answer.

        Raises `SandboxError`.
        """
        answer = self._http.request(method, f"/_sandbox{path}", json=body, params=query)
        if answer.is_error:
            raise SandboxError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

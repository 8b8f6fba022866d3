"""The simulated outside world: SkyHub, and VTEX's OMS and Pick and Pack under `/vtex` and `/pick-and-pack`.

It behaves as the contracts say, misbehaves on demand, and judges what SkyHub was asked to pick up. It imports nothing
else of the project. Start it with `python -m worker.sandbox`; `worker.sandbox.control_api` says how to steer it,
`worker.sandbox.control.SandboxControl` does so from Python.
"""

from worker.sandbox.app import create_app

__all__ = ["create_app"]

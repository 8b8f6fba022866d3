"""The simulated SkyHub: behaves as the contract says, misbehaves on demand, and judges what it was asked to pick up.

It imports nothing else of the project. Start it with `python -m worker.sandbox`; `worker.sandbox.control_api` says
how to steer it, `worker.sandbox.control.SandboxControl` does so from Python.
"""

from worker.sandbox.app import create_app

__all__ = ["create_app"]

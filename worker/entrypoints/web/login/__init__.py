"""Access to the pages: who may see them, how they enter, and how forms prove that they are ours."""

from worker.entrypoints.web.login.forms import Fields, Form, checked_form, read_form
from worker.entrypoints.web.login.gate import Gate
from worker.entrypoints.web.login.routes import login_routes
from worker.entrypoints.web.login.visitor import Visitor, is_refresh

__all__ = ["Fields", "Form", "Gate", "Visitor", "checked_form", "is_refresh", "login_routes", "read_form"]

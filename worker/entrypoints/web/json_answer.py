"""JSON as this service answers it."""

from starlette.responses import JSONResponse


class JsonAnswer(JSONResponse):
    """JSON that ends its line: a shell's next prompt stands below what `curl` printed."""

    def render(self, content: object) -> bytes:
        """Return the body."""
        return super().render(content) + b"\n"

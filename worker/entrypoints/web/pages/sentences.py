from markupsafe import escape


class Speech:
    def __init__(self, gettext, moment):
        pass

    def say(self, s):
        return escape(s)

    def status(self, s):
        return {
            "waiting": "Waiting for invoices",
            "due": "Ready to request",
            "requesting": "Requesting",
            "requested": "Pickup requested",
            "skipped": "Not for Coleta",
            "canceled": "Canceled",
            "failed": "Failed",
        }[str(s)]

    def attention(self, s):
        return str(s).replace("_", " ").capitalize()

    def attention_help(self, s):
        return "An invoice names an item that the order does not have. Look whether the invoice belongs to this order."

    def event(self, s):
        return s.replace(".", " ").capitalize()

    def carrier(self, s):
        return {"direct": "Direct", "correios": "Correios", "unknown": "Not known yet"}.get(str(s), str(s))

    def action(self, s):
        return {
            "retry": "Retry",
            "discard": "Discard",
            "release": "Release",
            "request-again": "Request again",
            "set-carrier": "Correct the carrier",
        }[str(s)]

"""What an operator is told of what they asked for on the pages."""

from worker.entrypoints.web.pages.marking import N_

TEMPLATES = (
    N_("it was not read within {seconds} s"),
    N_("it is being read for others"),
    N_("it came by {origin}: its source has to send it again (it stays kept)"),
    N_("only the first 64 KiB of it were kept; send it again from its source"),
    N_("this form is not of your session, nothing was done; open the page again and repeat"),
    N_(
        "another site sent this form, nothing was done; open the page here and repeat. If it was this one: the proxy"
        " before it must pass on the header Host"
    ),
)

"""Renders the pages: templates, words, numbers and times of one reader."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from worker.entrypoints.web.pages.languages import LOCALES, translations
from worker.entrypoints.web.pages.moments import Moments
from worker.entrypoints.web.pages.readers import LANGUAGE_COOKIE, Reader, reader_of
from worker.entrypoints.web.pages.sentences import Speech
from worker.entrypoints.web.pages.static_files import address_of

_HERE = Path(__file__).parent
_YEAR_SECONDS = 365 * 86_400
_PATHS = {
    "stores": "/stores",
    "overview": "/stores/{store}",
    "orders": "/stores/{store}/orders",
    "order": "/stores/{store}/orders/{order_id}",
    "failed": "/stores/{store}/failed",
    "rejected": "/stores/{store}/rejected",
}
# What the frame asks of every page; a page says it where it is otherwise.
_OF_EVERY_PAGE = {
    "visitor": None,
    "store": "",
    "searchable": False,
    "tab": "",
    "failed": 0,
    "rejected": 0,
    "q": "",
    "said": "",
    "objection": "",
    "typed_reason": "",
    "denied": (),
    "unnamed": 0,
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of one reader is made with; `now` in epoch milliseconds."""

    request: Request
    reader: Reader
    moments: Moments
    speech: Speech
    words: Any  # gettext of the reader's language; Babel gives no types

    def number(self, value: int) -> str:
        """Return a number as the reader writes it."""
        return format_decimal(value, locale=self.reader.locale)


class Renderer:
    """Makes pages from the templates; built once a process."""

    def __init__(self) -> None:
        self._environments = {locale: self._environment(locale) for locale in LOCALES}

    def page(self, request: Request, now: int) -> Page:
        """Return what a page for the reader of this request is made with."""
        reader = reader_of(request)
        moments = Moments(reader, now)
        words = translations(reader.locale)
        return Page(request, reader, moments, Speech(words.gettext, moments.moment), words)

    def without_visitor(self, request: Request, template: str, values: Mapping[str, object], status: int) -> Response:
        """Return a page for somebody who has not entered, or whose errand failed before anything was read."""
        return self.html(self.page(request, time.time_ns() // 1_000_000), template, status, **values)

    def html(self, page: Page, template: str, status: int = 200, **values: object) -> Response:
        """Return a template as the answer to the page's request."""
        text = (
            self._environments[page.reader.locale]
            .get_template(template)
            .render(
                _OF_EVERY_PAGE
                | {
                    "reader": page.reader,
                    "speech": page.speech,
                    "moment": page.moments.moment,
                    "ago": page.moments.ago,
                    "plain_moment": page.moments.plain,
                    "number": page.number,
                }
                | values
            )
        )
        answer = HTMLResponse(text, status)
        if page.reader.chosen:
            answer.set_cookie(LANGUAGE_COOKIE, page.reader.locale, _YEAR_SECONDS, samesite="lax", httponly=True)
        return answer

    def _environment(self, locale: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        words = translations(locale)
        environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {"static": address_of, "url": url}
        return environment


def url(name: str, **parts: str) -> str:
    """Return the path of a page by its name; an order's id may hold whatever a code may hold."""
    return _PATHS[name].format(**{key: quote(value, safe="") for key, value in parts.items()})

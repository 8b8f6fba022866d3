"""What the service says, said to one reader."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from tests.unit.domain.builders import IN_EVERY_STATUS
from worker.domain.order import Attention, Status
from worker.entrypoints.views import next_step
from worker.entrypoints.web.pages.catalogue import TEMPLATES
from worker.entrypoints.web.pages.languages import translations
from worker.entrypoints.web.pages.patterns import Grammar
from worker.entrypoints.web.pages.places import PLACES, Kind, pieces
from worker.entrypoints.web.pages.sentences import Speech

AT, SHOWN = "2026-11-20T12:00:00Z", Markup("<time>20/11 09:00</time>")
PORTUGUESE = Speech(translations("pt_BR").gettext, lambda _: SHOWN)
# In this reader's zone and language everything is as it was written.
ENGLISH = Speech(translations("en").gettext, lambda at: escape(at.strftime("%Y-%m-%dT%H:%M:%SZ")))
_GRAMMAR = Grammar(TEMPLATES)
_EXAMPLES = {
    Kind.MOMENT: AT,
    Kind.NUMBER: "1,200",
    Kind.STATUS: "waiting",
    Kind.STATUSES: "failed or canceled",
    Kind.CARRIER: "direct",
    Kind.ANNOUNCER: "orders hook",
    Kind.SHIPPED: "delivered",
    Kind.ORDERS: "1 order",
    Kind.TABLE: "acme",
    Kind.CLAUSE: "working",
    Kind.REASON: "<b>blocked</b>",
    Kind.FOREIGN: "<i>x</i>",
}
_SHAPED = {
    "who": "VTEX OMS",
    "code": "404",
    "field": "invoice.items.0.sku",
    "type": "int",
    "other": "the VTEX feed",
    "phase": "connecting",
    "check": "check stores.acme.pick_and_pack.api_key and auth_url",
    "options": "'Output' or 'Input'",
}


_OPEN = {Kind.CLAUSE, Kind.REASON, Kind.FOREIGN}


def _filled(template: str, others: str | None = None) -> str:
    """Return a sentence of a template; `others` stands where others may write, or a sentence of ours."""

    def held(place: str) -> str:
        kind = PLACES[place]
        return others if others is not None and kind in _OPEN else _SHAPED.get(place) or _EXAMPLES[kind]

    return "".join(text + (held(place) if place else "") for text, place in pieces(template))


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        ("1 of 3 units invoiced", "1 de 3 unidades faturadas"),
        ("accepted by SkyHub", "aceita pela SkyHub"),
        (f"paused by an operator since {AT}: holiday", f"pausada por um operador desde {SHOWN}: holiday"),
        (
            "outcome not known: SkyHub: timed out after 20 s while waiting for the answer",
            "resultado desconhecido: SkyHub: tempo esgotado após 20 s à espera da resposta",
        ),
        (
            "outcome not known: SkyHub answered 500: Erro interno",
            "resultado desconhecido: a SkyHub respondeu 500: Erro interno",
        ),
        (
            (
                "the VTEX OMS cannot tell: VTEX OMS answered 403 (1007: denied); check stores.<name>.vtex.app_key and"
                " app_token, and what their role may do"
            ),
            (
                "o OMS da VTEX não consegue informar: o OMS da VTEX respondeu 403 (1007: denied); verifique"
                " stores.&lt;nome&gt;.vtex.app_key e app_token, e o que o perfil deles permite"
            ),
        ),
        (
            (
                f"working; the VTEX OMS is in trouble, next try at {AT}: VTEX OMS answered 503; the VTEX feed is in"
                f" trouble, next try at {AT}: VTEX OMS answered 404; check stores.acme.vtex.base_url"
            ),
            (
                f"funcionando; problemas no OMS da VTEX, próxima tentativa em {SHOWN}: o OMS da VTEX respondeu 503;"
                f" problemas no feed da VTEX, próxima tentativa em {SHOWN}: o OMS da VTEX respondeu 404; verifique"
                " stores.acme.vtex.base_url"
            ),
        ),
        (
            "taken out of the stores file: paused, 1,200 orders kept",
            "retirada do arquivo de lojas: pausada, mantém 1.200 pedidos",
        ),
        (
            "taken out of the stores file: paused, 1 order kept",
            "retirada do arquivo de lojas: pausada, mantém 1 pedido",
        ),
        (
            "only a failed or canceled order can be retried; BWW-1 is due",
            "só um pedido “Falhou” ou “Cancelado” pode ser reavaliado; BWW-1 está “Pronto para solicitar”",
        ),
        (
            (
                "order BWW-1, by the connector's invoice push: items.0.quantity: found -1, input should be greater than"
                " or equal to 0; invoiceNumber: field required"
            ),
            (
                "pedido BWW-1, recebido por aviso de nota fiscal do conector: items.0.quantity: encontrado -1, deve ser"
                " maior ou igual a 0; invoiceNumber: campo obrigatório"
            ),
        ),
    ],
)
def test_a_sentence_is_said_in_the_readers_language_and_zone(english: str, portuguese: str) -> None:
    """With the sentences inside it, its times and numbers; the words of others stay as they came."""
    assert PORTUGUESE.say(english) == portuguese


def test_what_is_no_sentence_of_the_service_is_left_as_it_is() -> None:
    """But for its times: a reason of others may name one."""
    assert PORTUGUESE.say(f"customer gave up <at> {AT}") == f"customer gave up &lt;at&gt; {SHOWN}"
    assert PORTUGUESE.say("2026-99-99T12:00:00Z") == "2026-99-99T12:00:00Z"
    assert PORTUGUESE.say("") == ""


def test_a_persons_words_are_never_translated() -> None:
    """Neither an operator's reason nor a SKU, though it reads like a sentence of ours; the service's part of it is."""
    assert PORTUGUESE.detail("operator.retried", "accepted by SkyHub") == "accepted by SkyHub"
    assert PORTUGUESE.detail("operator.set_carrier", "own: <b>") == "logística própria: &lt;b&gt;"
    assert PORTUGUESE.detail("invoice.recorded", "accepted by SkyHub: it x2") == "accepted by SkyHub: it x2"
    assert PORTUGUESE.detail("invoice.recorded", "4021-1: names no items") == "4021-1: sem itens informados"
    assert PORTUGUESE.detail("order.announced", "orders hook: invoiced") == "hook de pedidos: invoiced"
    assert PORTUGUESE.detail("order.requested", "accepted by SkyHub") == "aceita pela SkyHub"


@pytest.mark.parametrize("status", Status)
def test_an_order_says_in_every_status_where_it_is_and_what_is_next(status: Status) -> None:
    """No sentence of it is unknown: its reason, its history, its last error, its next step."""
    order = IN_EVERY_STATUS[status]()
    said = [order.reason, order.last_error, next_step(order)]
    said += [entry.detail for entry in order.history if not entry.event.startswith(("operator.", "invoice."))]
    ours = [text for text in said if text and text != order.cancel_reason]  # which is its source's own
    assert [text for text in ours if _GRAMMAR.parse(text) is None] == []


def test_a_sentence_is_known_by_its_own_template() -> None:
    """Not by another one, which would say something else; and what others may write in it is escaped."""
    known = {template: _GRAMMAR.parse(_filled(template)) for template in TEMPLATES}
    assert [template for template, sentence in known.items() if sentence is None or sentence.template != template] == []
    assert [template for template in TEMPLATES if "<" in PORTUGUESE.say(_filled(template)).replace(SHOWN, "")] == []


_FOREIGN = st.one_of(st.text(), st.sampled_from(TEMPLATES).map(_filled), st.just("; " * 50))


@given(st.one_of(st.text(), st.builds(_filled, st.sampled_from(TEMPLATES), _FOREIGN)))
def test_whatever_an_order_holds_it_is_shown_whole_and_harmless(text: str) -> None:
    """Nothing raises, nothing of it is markup; in English and UTC every sentence is what it was."""
    assert ENGLISH.say(text).unescape() == text
    assert "<" not in PORTUGUESE.say(text).replace(SHOWN, "")
    assert "<" not in PORTUGUESE.detail("invoice.recorded", text).replace(SHOWN, "")


def test_a_time_that_the_reader_has_no_local_time_for_is_shown_as_it_is() -> None:
    """The last moment of a calendar, in a zone that is ahead of it."""

    def ahead(at: datetime) -> Markup:
        raise OverflowError(at)

    speech = Speech(translations("en").gettext, ahead)
    assert speech.say("next try at 9999-12-31T23:59:59Z: full") == "next try at 9999-12-31T23:59:59Z: full"


def test_a_word_is_named_and_explained() -> None:
    """One that is not known, of a newer version perhaps, is shown as it is, and explained by nothing."""
    assert PORTUGUESE.status(Status.SKIPPED) == "Não se aplica"
    assert PORTUGUESE.attention(Attention.OVER_INVOICED) == "Faturado a mais"
    assert PORTUGUESE.attention_help("over_invoiced").startswith("Há mais unidades")
    assert PORTUGUESE.event("order.requested") == "Coleta solicitada"
    assert PORTUGUESE.status("lost") == "lost"
    assert PORTUGUESE.attention_help("lost") == ""

"""The stories that `coleta demo` tells: every kind of order that the promises speak of."""

from worker.entrypoints.demo.script import carriers, doors, invoices, operators, packing, skyhub

STORIES = (
    *invoices.STORIES,
    *carriers.STORIES,
    *skyhub.STORIES,
    *operators.STORIES,
    *doors.STORIES,
    *packing.STORIES,
)

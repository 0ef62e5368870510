"""Every vendor, every promise: what is listed can be produced, and looks like the vendor."""

from __future__ import annotations

import pytest

from mockserver.core import jsontext
from mockserver.vendors import discover
from tests.support.stage import WireStage

EXAMPLES = [
    pytest.param(vendor, example, id=f"{example.operation}-{example.reason or example.title or 'success'}")
    for vendor in discover()
    for example in vendor.examples()
]


@pytest.mark.parametrize(("vendor", "example"), EXAMPLES)
def test_every_example_has_its_outcome_on_the_wire(vendor, example, emulator, wire):
    stage = WireStage(vendor, emulator.sandbox, wire)

    got = stage.got(example.ask(stage))

    assert got.reason == example.reason
    assert (got.status < 400) == (example.reason == "")
    assert jsontext.read(got.body) is not None

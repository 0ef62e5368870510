"""The golden exchanges are what is answered now."""

from __future__ import annotations

import json

from tests.support import golden


def test_the_golden_exchanges_are_those_of_now(vendor):
    kept = {path.name: path.read_text(encoding="utf-8") for path in (golden.FOLDER / vendor.name).glob("*.json")}

    now = golden.files(vendor)

    assert set(kept) == set(now), "make openapi writes them anew"
    for name, text in now.items():
        assert golden.comparable(kept[name]) == golden.comparable(text), f"{vendor.name}/{name}: make openapi"


def test_every_operation_has_a_success_among_them(vendor):
    for operation in vendor.operations:
        name = f"{operation.name.partition('.')[2]}.json"
        exchanges = json.loads((golden.FOLDER / vendor.name / name).read_text(encoding="utf-8"))

        assert "" in [exchange["reason"] for exchange in exchanges]

"""The admin API's document is valid, and whatever schemathesis makes of it is answered as it says."""

from __future__ import annotations

import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis.checks import CHECKS

from mockserver import Emulator, Settings, shipped

DOCUMENT = yaml.safe_load((shipped.folder("openapi") / "admin.yaml").read_text(encoding="utf-8"))
EMULATOR = Emulator(Settings(seed="fuzz", sandbox_limit=50))
FUZZED = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
# A stream has no end that a test could wait for.
SCHEMA = schemathesis.openapi.from_wsgi("/_mock/admin.json", EMULATOR.app).exclude(path="/_mock/journal/stream")
# Which names there are, of vendors, operations, reasons, stands in the code: what fits the document may be refused
# nonetheless. All other checks are on.
EXCLUDED = CHECKS.get_by_names(["positive_data_acceptance"])


def test_the_document_is_valid_openapi_and_the_one_that_is_served():
    validate(DOCUMENT)

    served = EMULATOR.app.test_client().get("/_mock/admin.json").json
    assert {**served, "servers": DOCUMENT["servers"]} == DOCUMENT


@SCHEMA.parametrize()
@FUZZED
def test_whoever_asks_is_answered_as_documented(case):
    case.call_and_validate(excluded_checks=EXCLUDED)

    assert [sandbox.failures for sandbox in EMULATOR.sandboxes if sandbox.failures] == []

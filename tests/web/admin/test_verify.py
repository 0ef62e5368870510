"""Expectations over the admin API: how many, of which exchanges, and what nearly was one."""

from __future__ import annotations

import pytest

from mockserver.core.journal import CAPACITY


@pytest.fixture
def played(backend, wire):
    """Three mints, of which one is refused, two uses and a preflight."""
    token = backend.site_token()
    backend.site("null")
    for _ in range(2):
        backend.use(token)
    wire(
        "OPTIONS",
        "/ingrid/v1/delivery/options",
        headers={"Origin": "http://page.test", "Access-Control-Request-Method": "POST"},
    )


@pytest.mark.usefixtures("played")
class TestCounts:
    @pytest.mark.parametrize(
        ("counts", "met", "wanted"),
        [
            ({}, True, "at least 1"),
            ({"exactly": 2}, True, "exactly 2"),
            ({"exactly": 1}, False, "exactly 1"),
            ({"exactly": 0}, False, "exactly 0"),
            ({"at_least": 2}, True, "at least 2"),
            ({"at_least": 3}, False, "at least 3"),
            ({"at_most": 2}, True, "at most 2"),
            ({"at_most": 1}, False, "at most 1"),
            ({"at_most": 0}, False, "at most 0"),
            ({"at_least": 1, "at_most": 2}, True, "at least 1 and at most 2"),
            ({"at_least": 3, "at_most": 9}, False, "at least 3 and at most 9"),
        ],
        ids=str,
    )
    def test_so_many_are_as_many_as_expected(self, admin, counts, met, wanted):
        (result,) = admin.post("/verify", {"operation": "ingrid.get_delivery_options", **counts}).json["results"]

        assert result == {
            "met": met,
            "detail": f"expected {wanted}, found 2 of operation ingrid.get_delivery_options",
            "count": 2,
            "matched": ["default-4", "default-5"],
            "nearest": result["nearest"],
        }

    @pytest.mark.parametrize(
        ("which", "count"),
        [
            ({}, 5),
            ({"outcome": "ok"}, 4),
            ({"outcome": "refused"}, 1),
            ({"outcome": "token.malformed"}, 1),
            ({"status": 200}, 4),
            ({"status": 401, "outcome": "ok"}, 0),
            ({"method": "POST", "path": "/v1/sites/*"}, 2),
            ({"credential": "sa_demo"}, 4),
            ({"vendor": "ingrid", "operation": "ingrid.mint_*"}, 3),
            ({"preflight": True}, 1),
        ],
        ids=str,
    )
    def test_those_that_are_meant_are_counted(self, admin, which, count):
        assert admin.post("/verify", {**which, "exactly": count}).json["met"] is True

    def test_of_several_each_is_told_by_itself(self, admin):
        met, missed = {"operation": "ingrid.mint_service_token", "exactly": 1}, {"outcome": "rate.limited"}

        got = admin.post("/verify", {"expectations": [met, missed]}).json

        assert got["met"] is False
        assert [(result["met"], result["count"]) for result in got["results"]] == [(True, 1), (False, 0)]
        assert admin.post("/verify", {"expectations": [met, met]}).json["met"] is True

    def test_the_nearest_misses_name_every_difference_the_fewest_first(self, admin):
        body = {
            "operation": "ingrid.mint_site_token",
            "status": 200,
            "outcome": "token.expired",
            "credential": "sa_edit",
        }

        (result,) = admin.post("/verify", body).json["results"]

        assert len(result["nearest"]) == 5
        assert result["nearest"][:2] == [
            {
                "exchange": "default-2",
                "differences": ["outcome is 'ok', not 'token.expired'", "credential is not 'sa_edit'"],
            },
            {
                "exchange": "default-1",
                "differences": [
                    "operation is 'ingrid.mint_service_token', not 'ingrid.mint_site_token'",
                    "outcome is 'ok', not 'token.expired'",
                    "credential is not 'sa_edit'",
                ],
            },
        ]
        counts = [len(miss["differences"]) for miss in result["nearest"]]
        assert counts == sorted(counts)

    @pytest.mark.parametrize(
        ("body", "difference"),
        [
            ({"vendor": "surfboard"}, "vendor is 'ingrid', not 'surfboard'"),
            (
                {"operation": "ingrid.mint_site_token"},
                "operation is 'ingrid.mint_service_token', not 'ingrid.mint_site_token'",
            ),
            ({"method": "GET"}, "method is 'POST', not 'GET'"),
            ({"path": "/x"}, "path is '/v1/auth/token', not '/x'"),
            ({"status": 418}, "status is 200, not 418"),
            ({"outcome": "rate.limited"}, "outcome is 'ok', not 'rate.limited'"),
            ({"credential": "x"}, "credential is not 'x'"),
            ({"preflight": True}, "it is no preflight"),
            ({"played": True}, "the emulator has not played it"),
        ],
        ids=str,
    )
    def test_a_miss_names_its_difference(self, admin, body, difference):
        (result,) = admin.post("/verify", {**body, "exactly": 9}).json["results"]

        assert {"exchange": "default-1", "differences": [difference]} in result["nearest"]

    def test_it_changes_nothing(self, admin):
        before = admin.get("/journal").json

        admin.post("/verify", {"exactly": 1})

        assert admin.get("/journal").json == before

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({"exactly": -1}, ["exactly"]),
            ({"exactly": "1"}, ["exactly"]),
            ({"exactly": True}, ["exactly"]),
            ({"exactly": 1.0}, ["exactly"]),
            ({"exactly": 1, "at_least": 1}, ["exactly"]),
            ({"exactly": 1, "at_most": 1}, ["exactly"]),
            ({"at_least": 5, "at_most": 2}, ["at_most"]),
            ({"vendor": "ingird"}, ["vendor"]),
            ({"operation": "ingrid.mint_site_tokn", "exactly": 0}, ["operation"]),
            ({"operation": "ingrd.*"}, ["operation"]),
            ({"outcome": "token.expird"}, ["outcome"]),
            ({"status": "200"}, ["status"]),
            ({"preflight": "true"}, ["preflight"]),
            ({"played": "true"}, ["played"]),
            ({"expectations": []}, ["expectations"]),
            ({"expectations": [{}] * 101}, ["expectations"]),
            ({"expectations": [{}], "exactly": 1}, ["expectations"]),
            ({"expectations": [{}, {"exactly": -1}]}, ["expectations.1.exactly"]),
            ({"expectations": [{"expectations": []}]}, ["expectations.0.expectations"]),
        ],
        ids=lambda value: str(value)[:60],
    )
    def test_an_expectation_that_makes_no_sense_is_told_by_its_field(self, admin, wrong, body, fields):
        assert list(wrong(admin.post("/verify", body))) == fields


def test_what_the_emulator_has_played_itself_counts_only_when_asked_for(admin, backend):
    admin.post("/tokens", {"vendor": "ingrid"})
    backend.service()

    mints = {"operation": "ingrid.mint_service_token"}
    counts = [
        admin.post("/verify", {**mints, **played}).json["results"][0]["count"]
        for played in ({}, {"played": False}, {"played": True})
    ]

    assert counts == [1, 1, 1]
    assert admin.post("/verify", {**mints, "played": True}).json["results"][0]["matched"] == ["default-1"]


def test_in_an_empty_journal_only_nothing_is_found(admin):
    answers = [
        admin.post("/verify", body).json["met"] for body in ({}, {"exactly": 0}, {"at_most": 3}, {"at_least": 0})
    ]

    assert answers == [False, True, True, True]


def test_an_upper_bound_is_never_met_once_exchanges_are_kept_no_more(admin, sandbox, wire):
    exchange = wire.get("/ingrid/nowhere").exchange
    for _ in range(CAPACITY):
        sandbox.journal.enter(sandbox.journal.find(exchange) or next(iter(sandbox.journal)))

    bounded, least = (admin.post("/verify", body).json["results"][0] for body in ({"at_most": 5000}, {"at_least": 5}))

    assert (bounded["met"], least["met"]) == (False, True)
    assert bounded["detail"] == "expected at most 5000, found 1000 of any exchange; 1 older exchanges are kept no more"

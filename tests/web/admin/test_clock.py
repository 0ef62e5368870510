"""The clock over the admin API: set, frozen, moved both ways, and never off the calendar."""

from __future__ import annotations

import pytest

from tests.conftest import MOMENT

NOW = "2026-01-02T03:04:05Z"


class TestVerbs:
    def test_it_tells_what_time_it_is(self, admin):
        clock = admin.get("/clock").json

        assert (clock["now"], clock["frozen"]) == (NOW, True)

    @pytest.mark.parametrize(
        ("written", "now"),
        [
            ("2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
            ("2030-01-01T01:00:00+01:00", "2030-01-01T00:00:00Z"),
            ("2030-01-01T00:00:00.25Z", "2030-01-01T00:00:00.250000Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
            ("5000-01-01T00:00:00Z", "5000-01-01T00:00:00Z"),
        ],
    )
    def test_it_is_set_and_frozen(self, admin, written, now):
        clock = admin.put("/clock", {"now": written, "frozen": True}).json

        assert (clock["now"], clock["frozen"]) == (now, True)
        assert admin.get("/clock").json["now"] == now

    def test_set_alone_it_goes_on_from_there(self, admin):
        clock = admin.put("/clock", {"now": "2030-01-01T00:00:00Z"}).json

        assert clock["frozen"] is False
        assert clock["now"].startswith("2030-01-01T00:0")

    def test_frozen_alone_it_stands_where_it_is(self, admin, sandbox):
        sandbox.clock.reset()
        admin.put("/clock", {"frozen": True})

        first, second = admin.get("/clock").json, admin.get("/clock").json

        assert (first["now"], first["frozen"]) == (second["now"], True)

    def test_let_go_it_keeps_its_time(self, admin):
        clock = admin.put("/clock", {"frozen": False}).json

        assert clock["frozen"] is False
        assert clock["now"].startswith("2026-01-02T03:04:0")

    def test_nothing_asked_changes_nothing(self, admin):
        assert admin.put("/clock", {}).json["now"] == NOW
        assert admin.get("/clock").json["frozen"] is True

    @pytest.mark.parametrize(
        ("seconds", "now"),
        [
            (0, NOW),
            (60, "2026-01-02T03:05:05Z"),
            (-60, "2026-01-02T03:03:05Z"),
            (0.5, "2026-01-02T03:04:05.500000Z"),
            (-0.5, "2026-01-02T03:04:04.500000Z"),
            (1e3, "2026-01-02T03:20:45Z"),
            (86400 * 365, "2027-01-02T03:04:05Z"),
        ],
    )
    def test_it_is_moved_both_ways(self, admin, seconds, now):
        assert admin.post("/clock/advance", {"seconds": seconds}).json["now"] == now

    def test_moves_add_up_and_a_frozen_clock_stays_frozen(self, admin):
        for _ in range(3):
            clock = admin.post("/clock/advance", {"seconds": 0.1}).json

        assert (clock["now"], clock["frozen"]) == ("2026-01-02T03:04:05.300000Z", True)

    def test_a_running_clock_goes_on_after_a_move(self, admin, sandbox):
        sandbox.clock.reset()

        clock = admin.post("/clock/advance", {"seconds": -3600}).json

        assert (clock["frozen"], clock["ahead_seconds"]) == (False, -3600)

    def test_reset_it_follows_the_machine(self, admin):
        clock = admin.delete("/clock").json

        assert (clock["frozen"], clock["ahead_seconds"]) == (False, 0)

    def test_each_sandbox_has_its_own(self, admin, team):
        team.put("/clock", {"now": "2030-01-01T00:00:00Z", "frozen": True})

        assert admin.get("/clock").json["now"] == NOW

    def test_the_next_answer_is_dated_by_it(self, admin, wire):
        admin.put("/clock", {"now": "2030-01-01T00:00:00Z", "frozen": True})

        got = wire.get("/ingrid/nowhere")

        assert got.headers["Date"] == "Tue, 01 Jan 2030 00:00:00 GMT"
        assert admin.get(f"/journal/{got.exchange}").json["at"] == "2030-01-01T00:00:00.000000Z"


class TestBounds:
    @pytest.mark.parametrize(
        "body",
        [
            {"now": "2030-01-01"},
            {"now": "2030-01-01T00:00:00"},
            {"now": "soon"},
            {"now": ""},
            {"now": None},
            {"now": 1893456000},
            {"now": True},
            {"now": ["2030-01-01T00:00:00Z"]},
            {"now": "2030-02-30T00:00:00Z"},
            {"now": "1969-12-31T23:59:59Z"},
            {"now": "5001-01-01T00:00:00Z"},
            {"now": "9000-01-01T00:00:00Z"},
            {"now": "9999-12-31T23:59:59-01:00"},
            {"now": "0001-01-01T00:00:00+01:00"},
            {"now": "10000-01-01T00:00:00Z"},
            {"frozen": "true"},
            {"frozen": 1},
            {"frozen": None},
            {"now": "2030-01-01T00:00:00Z", "frozen": "no"},
        ],
        ids=str,
    )
    def test_what_is_no_time_is_refused_and_changes_nothing(self, admin, wrong, sandbox, body):
        assert wrong(admin.put("/clock", body)).keys() <= body.keys()
        assert (sandbox.clock.now(), sandbox.clock.frozen) == (MOMENT, True)

    @pytest.mark.parametrize(
        "seconds",
        [True, "60", None, [], {}, 1e10, -1e10, 10**30, -(10**30), 1.7e308, 86400 * 36526],
        ids=str,
    )
    def test_what_is_no_duration_is_refused_and_changes_nothing(self, admin, wrong, sandbox, seconds):
        assert wrong(admin.post("/clock/advance", {"seconds": seconds})).keys() == {"seconds"}
        assert sandbox.clock.now() == MOMENT

    def test_a_move_needs_its_length(self, admin, wrong):
        assert wrong(admin.post("/clock/advance", {})).keys() == {"seconds"}

    @pytest.mark.parametrize("step", [86400 * 36525, -86400 * 36525], ids=["forwards", "backwards"])
    def test_moves_together_never_lead_off_the_calendar(self, admin, sandbox, step):
        answers = [admin.post("/clock/advance", {"seconds": step}) for _ in range(120)]

        refused = [got.json["detail"] for got in answers if got.status == 422]
        assert {got.status for got in answers} == {200, 422} if step > 0 else {422}
        assert set(refused) == {"seconds: leads out of the years 1970 to 5000"}
        assert 1970 <= sandbox.clock.now().year <= 5000
        assert admin.get("/clock").status == 200

    @pytest.mark.parametrize("year", [1970, 2000, 2038, 2100, 4999, 5000])
    def test_a_hand_off_works_in_any_year(self, admin, year):
        backend = admin.backend()

        clock = admin.put("/clock", {"now": f"{year}-01-01T00:00:00Z", "frozen": True}).json

        assert clock["now"] == f"{year}-01-01T00:00:00Z"
        assert backend.use(backend.site_token()).status == 200
        assert admin.post("/tokens", {"vendor": "ingrid"}).status == 201

    def test_set_back_a_token_that_had_expired_counts_again(self, admin, backend):
        token = backend.site_token()
        statuses = []
        for seconds in (0, 299, 1, -1, -3600):
            admin.post("/clock/advance", {"seconds": seconds})
            statuses.append(backend.use(token).outcome)

        assert statuses == [(200, ""), (200, ""), (401, "token.expired"), (200, ""), (200, "")]

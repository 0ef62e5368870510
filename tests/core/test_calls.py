"""A call and its reply: header fields, query parameters, and the gate where answers wait."""

from __future__ import annotations

from threading import Barrier, Event, Thread

import pytest

from mockserver.core.calls import Call, Gate, Headers


class TestHeaders:
    @pytest.fixture
    def headers(self):
        return Headers([("X-Team", "blue"), ("accept", "*/*"), ("x-TEAM", "red")])

    @pytest.mark.parametrize("name", ["X-Team", "x-team", "X-TEAM"])
    def test_a_name_counts_in_any_case(self, headers, name):
        assert name in headers
        assert headers.get(name) == "blue"
        assert headers.all(name) == ["blue", "red"]

    def test_a_field_that_was_not_sent_is_absent(self, headers):
        assert "Origin" not in headers
        assert headers.get("Origin") is None
        assert headers.all("Origin") == []

    def test_fields_are_listed_as_they_came(self, headers):
        assert list(headers) == [("X-Team", "blue"), ("accept", "*/*"), ("x-TEAM", "red")]

    def test_an_empty_field_is_there(self):
        assert Headers([("Origin", "")]).get("origin") == ""


class TestCookies:
    @pytest.mark.parametrize(
        ("fields", "cookies"),
        [
            ([], {}),
            (["a=1"], {"a": "1"}),
            (["a=1; b=2;c=3"], {"a": "1", "b": "2", "c": "3"}),
            (["a=1", "b=2"], {"a": "1", "b": "2"}),
            (["a=1; a=2"], {"a": "1"}),
            (["a=b=c"], {"a": "b=c"}),
            (["a"], {"a": ""}),
            (["; ;=x;"], {}),
        ],
    )
    def test_the_first_of_each_name_counts(self, fields, cookies):
        assert Headers([("cookie", value) for value in fields]).cookies() == cookies


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "value"),
        [
            ("", None),
            ("b=1", None),
            ("a=1", "1"),
            ("a=", ""),
            ("a", ""),
            ("b=2&a=1&a=3", "1"),
            ("a=%41%20b+c", "A b c"),
            ("a=%ff", "\N{REPLACEMENT CHARACTER}"),
            ("A=1", None),
        ],
    )
    def test_the_first_value_of_a_parameter_counts(self, query, value):
        assert Call("GET", "http://toy.test", "/", query).parameter("a") == value

    def test_the_url_leaves_the_query_out(self):
        assert Call("GET", "http://toy.test/toy", "/a%2Fb", "c=d").url == "http://toy.test/toy/a%2Fb"


class TestGate:
    def test_nobody_passes_before_the_number_is_full(self):
        gate, passed = Gate(3), []

        gate.enter(lambda: passed.append("first"))
        gate.enter(lambda: passed.append("second"))

        assert passed == []

    def test_the_last_one_lets_everybody_through_in_order(self):
        gate, passed = Gate(3), []

        for name in ("first", "second", "third"):
            gate.enter(lambda name=name: passed.append(name))

        assert passed == ["first", "second", "third"]

    def test_the_next_ones_wait_for_each_other_again(self):
        gate, passed = Gate(2), []

        for number in range(5):
            gate.enter(lambda number=number: passed.append(number))

        assert passed == [0, 1, 2, 3]

    def test_a_gate_for_one_holds_nobody(self):
        gate, passed = Gate(1), []

        gate.enter(lambda: passed.append("only"))

        assert passed == ["only"]

    def test_who_has_left_is_neither_counted_nor_called(self):
        gate, passed = Gate(2), []

        def impatient() -> None:
            passed.append("impatient")

        gate.enter(impatient)
        gate.leave(impatient)
        gate.enter(lambda: passed.append("second"))
        assert passed == []

        gate.enter(lambda: passed.append("third"))
        assert passed == ["second", "third"]

    def test_leaving_after_having_passed_changes_nothing(self):
        gate, passed = Gate(1), []

        def release() -> None:
            passed.append("passed")

        gate.enter(release)
        gate.leave(release)

        assert passed == ["passed"]

    def test_of_forty_threads_every_one_passes_once(self):
        gate, start = Gate(10), Barrier(40)
        opened = [Event() for _ in range(40)]
        calls = []

        def come(number: int) -> None:
            def release() -> None:
                calls.append(number)
                opened[number].set()

            start.wait()
            gate.enter(release)
            opened[number].wait(timeout=30)

        threads = [Thread(target=come, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)

        assert sorted(calls) == list(range(40))

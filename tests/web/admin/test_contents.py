"""What is in a sandbox, over the admin API: options, records, signing keys. A change acts at once, or not at all."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mockserver.core.keyring import RETIRED
from mockserver.core.keys import Rs256Key, public_pem
from tests.support.backend import Backend
from tests.web.admin.conftest import Admin

ACCOUNT = "/records/ingrid/service_accounts"
SITE = "/records/ingrid/sites"


@pytest.fixture(scope="module")
def own_key():
    """A key pair that a team has made itself."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class TestOptions:
    def test_some_are_chosen_and_the_others_stay(self, admin):
        before = admin.get("/options").json

        after = admin.patch("/options/ingrid", {"mint_status": 201, "skew_s": 60}).json

        assert after == {**before["ingrid"], "mint_status": 201, "skew_s": 60}
        assert admin.get("/options").json == {**before, "ingrid": after}

    def test_a_choice_acts_at_once(self, admin, backend):
        service = backend.service_token()

        admin.patch("/options/ingrid", {"mint_status": 201, "token_format": "opaque"})

        got = backend.site(service)
        assert got.status == 201
        assert got.json["accessToken"].startswith("sit_")

    def test_a_path_that_is_moved_is_called_there(self, admin):
        admin.patch("/options/ingrid", {"auth_path": "/v2/token"})
        moved = admin.get("/credentials").json["ingrid"]["MERCHANTS_AUTH_URL"]

        assert moved == "http://localhost/ingrid/v2/token"
        assert admin.backend().service().reason == "route.not_found"
        assert admin.post("/tokens", {"vendor": "ingrid"}).status == 201

    def test_they_go_back_to_the_scenarios(self, team):
        before = team.get("/options/ingrid").json
        team.patch("/options/ingrid", {"mint_status": 201, "replay": "off"})

        assert team.delete("/options/ingrid").json == before
        assert team.get("/options/ingrid").json == before

    def test_what_is_read_can_be_written(self, admin):
        before = admin.get("/options/ingrid").json

        assert admin.patch("/options/ingrid", before).json == before

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("mint_status", 202),
            ("mint_status", "201"),
            ("mint_status", True),
            ("token_format", "JWT"),
            ("accept_form", "yes"),
            ("skew_s", -1),
            ("skew_s", 301),
            ("skew_s", 1.5),
            ("audience", 1),
            ("audience", ["ftp://x"]),
            ("auth_path", "no-slash"),
            ("auth_path", "/a b"),
            ("base_url", "example.test"),
            ("cors_origins", ["http://x/path"]),
            ("replay", None),
        ],
    )
    def test_of_a_change_with_one_mistake_nothing_is_applied(self, admin, wrong, name, value):
        before = admin.get("/options/ingrid").json

        assert list(wrong(admin.patch("/options/ingrid", {"www_authenticate": False, name: value}))) == [name]
        assert admin.get("/options/ingrid").json == before


class TestRecords:
    def test_all_are_told_by_vendor_and_collection(self, admin):
        found = admin.get("/records").json["ingrid"]

        assert [site["id"] for site in found["sites"]] == ["site_demo", "site_other"]
        assert found["service_accounts"] == admin.get(ACCOUNT).json["items"]
        assert found["service_accounts"][0]["id"] == "sa_demo"

    def test_a_collection_that_is_not_there_is_told_with_the_nearest_one(self, admin):
        got = admin.get("/records/ingrid/site")

        assert (got.status, got.json["detail"]) == (404, "'site': unknown name; did you mean 'sites'?")

    def test_a_new_account_with_its_own_public_key_is_known_at_once(self, admin, backend, own_key):
        record = {
            "keys": [{"public_key": public_pem(own_key.public_key())}],
            "sites": ["site_demo"],
            "scopes": ["view"],
        }
        backend.account, backend.private_key = "sa_mine", private_pem(own_key)
        before = backend.service().reason

        got = admin.put(f"{ACCOUNT}/sa_mine", record)

        assert (got.status, got.json["id"], got.json["sites"]) == (200, "sa_mine", ["site_demo"])
        assert before == "credential.unknown"
        assert backend.use(backend.site_token()).status == 200

    def test_a_key_may_be_a_jwk(self, admin, backend, own_key):
        record = {"keys": [{"public_key": Rs256Key(own_key.public_key()).public_jwk(), "kid": "k1"}]}
        backend.account, backend.private_key = "sa_mine", private_pem(own_key)

        assert admin.put(f"{ACCOUNT}/sa_mine", record).status == 200
        assert backend.service().status == 200

    def test_a_private_key_that_was_registered_is_handed_out(self, admin, own_key):
        for record in admin.get(ACCOUNT).json["items"]:
            admin.delete(f"{ACCOUNT}/{record['id']}")

        admin.put(f"{ACCOUNT}/sa_mine", {"keys": [{"private_key": private_pem(own_key)}], "sites": ["site_demo"]})

        credentials = admin.get("/credentials").json["ingrid"]
        assert credentials["SERVICE_ACCOUNT_ID"] == "sa_mine"
        assert Backend(admin.wire, credentials).service().status == 200

    def test_some_members_are_changed_and_the_others_stay(self, admin, backend):
        (before, *_) = admin.get(ACCOUNT).json["items"]
        service = backend.service_token()

        after = admin.patch(f"{ACCOUNT}/sa_demo", {"scopes": ["view", "edit"]}).json

        assert after == {**before, "scopes": ["view", "edit"]}
        assert backend.site(service, scopes=["edit"]).status == 200

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"enabled": False}, "credential.disabled"),
            ({"keys": []}, "assertion.bad_signature"),
            ({"assertion_max_lifetime_s": 1}, "assertion.lifetime_too_long"),
        ],
        ids=str,
    )
    def test_a_changed_account_is_judged_anew(self, admin, backend, change, reason):
        assertion = backend.assertion()

        admin.patch(f"{ACCOUNT}/sa_demo", change)

        assert backend.present(assertion).reason == reason

    def test_an_account_that_was_taken_away_is_unknown(self, admin, backend):
        service, assertion = backend.service_token(), backend.assertion()

        assert admin.delete(f"{ACCOUNT}/sa_demo").json["id"] == "sa_demo"

        assert backend.present(assertion).reason == "credential.unknown"
        assert backend.site(service).reason == "credential.disabled"
        assert admin.delete(f"{ACCOUNT}/sa_demo").status == 404

    def test_a_site_is_made_used_changed_and_taken_away(self, admin, backend):
        admin.put(f"{SITE}/site_new", {"ttl_default_s": 60, "delivery_body": {"options": [1]}})
        admin.patch(f"{ACCOUNT}/sa_demo", {"sites": ["site_new"]})
        backend.site_id = "site_new"
        service = backend.service_token()

        token = backend.site(service).json
        body = backend.use(token["accessToken"]).json
        admin.patch(f"{SITE}/site_new", {"delivery_body": {"options": []}})
        changed = backend.use(token["accessToken"]).json
        admin.delete(f"{SITE}/site_new")

        assert (token["expiresIn"], body, changed) == (60, {"options": [1]}, {"options": []})
        assert backend.site(service).reason == "resource.not_found"

    def test_a_record_is_put_in_place_of_the_one_with_its_id(self, admin):
        admin.patch(f"{SITE}/site_demo", {"ttl_default_s": 60, "delivery_body": 1})

        assert admin.put(f"{SITE}/site_demo", {}).json == {"id": "site_demo", "ttl_default_s": 300, "ttl_max_s": 3600}
        assert len(admin.get(SITE).json["items"]) == 2

    @pytest.mark.parametrize("name", ["a b", "a/b", "å", "a%2Fb", "..", "x" * 500])
    def test_an_id_may_be_any_text_that_an_address_can_hold(self, admin, name):
        quoted = name.replace("%", "%25")

        assert admin.put(f"{SITE}/{quoted}", {}).status == 200
        assert admin.get(SITE).json["items"][-1]["id"] == name
        assert admin.delete(f"{SITE}/{quoted}").json["id"] == name

    @pytest.mark.parametrize(
        ("path", "body", "field"),
        [
            (f"{SITE}/s", {"ttl_default_s": 0}, "ttl_default_s"),
            (f"{SITE}/s", {"ttl_default_s": "60"}, "ttl_default_s"),
            (f"{SITE}/site_demo", {"ttl_max_s": 3601}, "ttl_max_s"),
            (f"{ACCOUNT}/a", {}, "keys"),
            (f"{ACCOUNT}/a", {"keys": [{}]}, "keys.0.public_key"),
            (f"{ACCOUNT}/a", {"keys": [{"public_key": "x"}]}, "keys.0.public_key"),
            (f"{ACCOUNT}/a", {"keys": [{"public_key": 1}]}, "keys.0.public_key"),
            (f"{ACCOUNT}/a", {"keys": [{"private_key": "x"}]}, "keys.0.private_key"),
            (f"{ACCOUNT}/a", {"keys": [{"private_key_file": "/etc/passwd"}]}, "keys.0.private_key_file"),
            (f"{ACCOUNT}/sa_demo", {"keys": [], "scopes": ["fly"]}, "scopes.0"),
            (f"{ACCOUNT}/sa_demo", {"keys": [], "enabled": "no"}, "enabled"),
            (f"{ACCOUNT}/sa_demo", {"keys": [], "sites": "site_demo"}, "sites"),
        ],
        ids=lambda value: str(value)[-60:],
    )
    def test_bad_input_changes_nothing(self, admin, wrong, path, body, field):
        before = admin.get("/records").json

        assert field in wrong(admin.put(path, body))
        assert admin.get("/records").json == before

    def test_an_id_in_the_body_is_that_of_the_address(self, admin, wrong):
        assert admin.put(f"{SITE}/site_new", {"id": "site_new"}).json["id"] == "site_new"
        assert wrong(admin.put(f"{SITE}/site_new", {"id": "site_else"})) == {"id": "is 'site_new' by the address"}

    def test_an_account_that_was_added_is_found_without_an_address(self, team):
        backend = team.backend("/ingrid")
        keys = [{"private_key": backend.private_key}]
        team.put(f"{ACCOUNT}/sa_added", {"keys": keys, "sites": ["site_demo"], "scopes": ["view"]})

        backend.account = "sa_added"

        assert backend.service().exchange == "team-1"
        assert backend.use(backend.site_token()).status == 200

    @pytest.mark.parametrize("body", [{"enabled": "no"}, {"keys": None}, {"enabeld": False}], ids=str)
    def test_a_bad_change_changes_nothing(self, admin, wrong, body):
        before = admin.get("/records").json

        assert wrong(admin.patch(f"{ACCOUNT}/sa_demo", body)).keys() == body.keys()
        assert admin.get("/records").json == before

    def test_a_weak_key_is_refused(self, admin, wrong):
        weak = public_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key())

        (detail,) = wrong(admin.put(f"{ACCOUNT}/a", {"keys": [{"public_key": weak}]})).values()

        assert detail == "an RSA key of 1024 bits; 2048 are the least"

    def test_other_sandboxes_keep_theirs(self, admin, team):
        admin.delete(f"{SITE}/site_other")

        assert len(team.get(SITE).json["items"]) == 2


class TestKeys:
    @pytest.fixture
    def keys(self, admin):
        """The keys with which Ingrid signs."""
        return lambda: [key for key in admin.get("/keys").json["items"] if key["vendor"] == "ingrid"]

    def test_every_ring_begins_with_one_key_that_signs(self, admin, emulator):
        keys = admin.get("/keys").json["items"]

        rings = [(vendor.name, ring) for vendor in emulator.vendors for ring in vendor.keyrings]
        assert [(key["vendor"], key["ring"]) for key in keys] == rings
        assert {(key["state"], key["until"]) for key in keys} == {("signing", None)}
        assert {key["ring"]: key["algorithm"] for key in keys}["ingrid"] == "ES256"

    def test_the_first_key_is_as_old_as_its_sandbox_whenever_it_is_looked_at(self, admin):
        clock = {"now": "2030-01-01T00:00:00Z", "frozen": True}
        admin.post("/sandboxes", {"name": "team", "scenario": {"clock": clock}})
        team = Admin(admin.wire, "/~team")
        team.post("/clock/advance", {"seconds": 60})

        since = {key["since"] for key in team.get("/keys").json["items"]}
        team.post("/reset")

        assert since == {key["since"] for key in team.get("/keys").json["items"]} == {"2030-01-01T00:00:00Z"}

    def test_a_rotation_touches_no_other_vendors_keys(self, admin):
        def others():
            return [key for key in admin.get("/keys").json["items"] if key["vendor"] != "ingrid"]

        before = others()

        admin.post("/keys/ingrid/rotate")

        assert others() == before

    def test_a_rotation_signs_anew_and_tells_how_long_the_old_one_counts(self, admin, keys):
        (old,) = keys()

        fresh, before = admin.post("/keys/ingrid/rotate").json["items"]

        assert (fresh["state"], fresh["since"], fresh["until"]) == ("signing", "2026-01-02T03:04:05Z", None)
        assert (before["kid"], before["state"], before["until"]) == (old["kid"], "verifying", "2026-01-02T04:04:05Z")
        assert fresh["kid"] != old["kid"]
        assert keys() == [fresh, before]

    def test_old_tokens_count_until_the_overlap_is_over(self, admin, backend):
        old = backend.site_token(ttlSeconds=3600)
        admin.post("/keys/ingrid/rotate", {"overlap": 60})
        new = backend.site_token(ttlSeconds=3600)

        outcomes = []
        for seconds in (0, 59.5, 0.5, -1):
            admin.post("/clock/advance", {"seconds": seconds})
            outcomes.append((backend.use(old).reason, backend.use(new).reason))

        assert outcomes == [("", ""), ("", ""), ("token.bad_signature", ""), ("", "")]

    def test_without_overlap_they_are_refused_at_once(self, admin, backend):
        old = backend.site_token()

        keys = admin.post("/keys/ingrid/rotate", {"overlap": 0}).json["items"]

        got = backend.use(old)
        assert [key["state"] for key in keys] == ["signing", "over"]
        assert got.outcome == (401, "token.bad_signature")
        assert admin.get(f"/journal/{got.exchange}").json["explanation"]["hint"] == "its key was rotated away"

    def test_every_rotation_has_an_overlap_of_its_own(self, admin, backend):
        first = backend.site_token(ttlSeconds=3600)
        admin.post("/keys/ingrid/rotate", {"overlap": 600})
        second = backend.site_token(ttlSeconds=3600)
        admin.post("/keys/ingrid/rotate", {"overlap": 60})

        admin.post("/clock/advance", {"seconds": 60})

        assert [backend.use(token).reason for token in (first, second)] == ["", "token.bad_signature"]

    def test_however_many_follow_a_key_counts_for_its_whole_overlap(self, admin, backend):
        token = backend.site_token()

        for _ in range(RETIRED + 1):
            admin.post("/keys/ingrid/rotate")

        assert backend.use(token).status == 200

    def test_opaque_tokens_have_no_key_to_lose(self, admin, backend):
        admin.patch("/options/ingrid", {"token_format": "opaque"})
        token = backend.site_token()

        admin.post("/keys/ingrid/rotate", {"overlap": 0})

        assert backend.use(token).status == 200

    def test_a_reset_has_the_first_key_again_and_knows_no_token_of_before(self, admin, backend, keys):
        (first,) = keys()
        unrotated = backend.site_token()
        admin.post("/keys/ingrid/rotate")
        rotated = backend.site_token()

        admin.post("/reset")
        admin.put("/clock", {"now": "2026-01-02T03:04:05Z", "frozen": True})

        assert [key["kid"] for key in keys()] == [first["kid"]]
        assert backend.use(unrotated).reason == "token.unknown"
        assert backend.use(rotated).reason == "token.bad_signature"

    @pytest.mark.parametrize("overlap", [-1, True, "60", None, 1e12], ids=str)
    def test_an_overlap_must_be_a_duration(self, admin, wrong, keys, overlap):
        assert wrong(admin.post("/keys/ingrid/rotate", {"overlap": overlap})).keys() == {"overlap"}
        assert len(keys()) == 1

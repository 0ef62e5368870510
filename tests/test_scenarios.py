"""Scenarios: what a sandbox is like before its first call, read strictly from a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mockserver import Emulator, Settings
from mockserver.scenarios import contents, demo_world, load, loads, with_options
from mockserver.shipped import folder
from mockserver.vendors import discover
from mockserver.vendors.ingrid import IngridOptions
from mockserver.vendors.ingrid.records import IngridRecords
from mockserver.yamltext import FileError

VENDORS = discover()
PUBLIC_PEM = (folder("fixtures") / "keys" / "ingrid_sa_demo.pub.pem").read_text()
ACCOUNT = """\
ingrid:
  service_accounts:
    - id: mine
      sites: [site_demo]
      keys:
        - {key}
"""


MAGIC = {
    f"sa_demo_{ending}" for ending in ("expired", "401once", "ratelimited", "down", "slow", "dropped", "badsignature")
}


@pytest.fixture
def prepare(tmp_path):
    """A scenario from the text of a file."""

    def from_text(text: str):
        path = tmp_path / "world.yaml"
        path.write_text(text)
        return load(path, VENDORS)

    return from_text


@pytest.fixture
def told(prepare):
    """The problems of a text, each without the folder of its file."""

    def problems(text: str) -> list[str]:
        with pytest.raises(FileError) as raised:
            prepare(text)
        return [problem.rpartition("world.yaml:")[2] for problem in raised.value.problems]

    return problems


def weak_pem() -> str:
    key = rsa.generate_private_key(65537, 1024).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class TestDemoWorld:
    def test_it_holds_the_accounts_and_sites_of_the_sheet(self):
        records = demo_world(VENDORS).records[IngridRecords]

        plain = {name: account.scopes for name, account in records.accounts.items() if name not in MAGIC}
        assert plain == {"sa_demo": ("view",), "sa_edit": ("edit",)}
        assert set(records.sites) == {"site_demo", "site_other"}

    def test_its_accounts_have_private_keys_to_hand_out(self):
        accounts = demo_world(VENDORS).records[IngridRecords].accounts

        assert all(accounts[name].keys[0].private_key for name in ("sa_demo", "sa_edit"))

    def test_its_magic_accounts_sign_with_the_demo_accounts_key(self):
        accounts = demo_world(VENDORS).records[IngridRecords].accounts

        assert all(accounts[name].keys[0].verifying == accounts["sa_demo"].keys[0].verifying for name in MAGIC)


class TestMerging:
    @pytest.mark.parametrize("text", ["", "extends: default\n", "seed: x\n"])
    def test_a_scenario_starts_from_the_demo_world(self, prepare, text):
        scenario = prepare(text)

        assert set(scenario.records[IngridRecords].accounts) == {"sa_demo", "sa_edit"} | MAGIC

    def test_what_is_named_replaces_what_stands_there(self, prepare):
        records = prepare("ingrid:\n  sites:\n    - id: mine\n").records[IngridRecords]

        assert set(records.sites) == {"mine"}
        assert set(records.accounts) == {"sa_demo", "sa_edit"} | MAGIC

    def test_options_are_merged_one_by_one(self, prepare):
        scenario = prepare("ingrid:\n  options:\n    mint_status: 201\n")

        assert scenario.options[IngridOptions] == IngridOptions(mint_status=201)
        assert set(scenario.records[IngridRecords].accounts) == {"sa_demo", "sa_edit"} | MAGIC

    def test_a_scenario_may_start_from_nothing(self, prepare):
        scenario = prepare("extends: nothing\n")

        assert scenario.records[IngridRecords] == IngridRecords()
        assert scenario.options[IngridOptions] == IngridOptions()

    def test_a_scenario_that_starts_from_nothing_holds_what_it_names(self, prepare):
        records = prepare("extends: nothing\ningrid:\n  sites: [{id: mine, ttl_max_s: 60}]\n").records[IngridRecords]

        assert records.sites["mine"].ttl_max == timedelta(minutes=1)
        assert records.accounts == {}

    def test_one_scenario_leaves_the_next_alone(self, prepare):
        prepare("ingrid:\n  options: {mint_status: 201}\n  sites: []\n")

        assert prepare("").options[IngridOptions].mint_status == 200
        assert set(prepare("").records[IngridRecords].sites) == {"site_demo", "site_other"}

    def test_options_from_elsewhere_are_put_over_those_of_the_scenario(self, prepare):
        scenario = prepare("ingrid:\n  options: {mint_status: 201, replay: always}\n")

        options = with_options(scenario, {"ingrid": {"mint_status": 200}}, VENDORS).options[IngridOptions]

        assert (options.mint_status, options.replay) == (200, "always")


class TestClock:
    @pytest.mark.parametrize(
        "now",
        ["2030-01-01T12:00:00Z", "'2030-01-01T12:00:00Z'", "2030-01-01T14:00:00+02:00", "'2030-01-01T14:00:00+02:00'"],
    )
    def test_it_starts_at_an_instant_quoted_or_not(self, prepare, now):
        scenario = prepare(f"clock:\n  now: {now}\n  frozen: true\n")

        assert (scenario.now, scenario.frozen) == (datetime(2030, 1, 1, 12, tzinfo=UTC), True)
        assert scenario.now.utcoffset() == timedelta()

    def test_without_one_it_follows_the_machine(self, prepare):
        scenario = prepare("")

        assert (scenario.now, scenario.frozen, scenario.seed) == (None, False, None)

    @pytest.mark.parametrize("now", ["soon", "2030-01-01", "1893499200", "2030-13-01", "''", "null"])
    def test_what_is_no_instant_is_refused(self, told, now):
        [problem] = told(f"clock:\n  now: {now}\n")

        assert problem.startswith("2: clock.now: ")


class TestKeys:
    def test_a_key_may_stand_in_a_file_beside_the_scenario(self, prepare, tmp_path):
        (tmp_path / "keys").mkdir()
        (tmp_path / "keys" / "mine.pem").write_text(PUBLIC_PEM)

        records = prepare(ACCOUNT.format(key="public_key_file: keys/mine.pem")).records[IngridRecords]

        demo = demo_world(VENDORS).records[IngridRecords].accounts["sa_demo"]
        assert records.accounts["mine"].keys[0].verifying.public_jwk() == demo.keys[0].verifying.public_jwk()

    def test_a_key_may_be_a_jwk(self, prepare):
        jwk = demo_world(VENDORS).records[IngridRecords].accounts["sa_demo"].keys[0].verifying.public_jwk()

        records = prepare(ACCOUNT.format(key=f"public_key: {jwk}")).records[IngridRecords]

        assert records.accounts["mine"].keys[0].verifying.public_jwk() == jwk

    def test_a_file_that_cannot_be_read_is_told_with_its_place(self, told):
        [problem] = told(ACCOUNT.format(key="public_key_file: keys/nothing.pem"))

        assert problem.startswith("6: ingrid.service_accounts.0.keys.0.public_key_file: cannot read ")
        assert "nothing.pem" in problem

    def test_a_file_that_is_not_text_is_told_with_its_place(self, told, tmp_path):
        (tmp_path / "mine.der").write_bytes(b"\x30\x82\xff")

        [problem] = told(ACCOUNT.format(key="public_key_file: mine.der"))

        assert problem.startswith("6: ingrid.service_accounts.0.keys.0.public_key_file: cannot read ")

    def test_a_weak_key_is_refused(self, told, tmp_path):
        (tmp_path / "weak.pem").write_text(weak_pem())

        assert told(ACCOUNT.format(key="public_key_file: weak.pem")) == [
            "6: ingrid.service_accounts.0.keys.0.public_key: an RSA key of 1024 bits; 2048 are the least"
        ]

    @pytest.mark.parametrize(
        ("key", "problem"),
        [
            ("public_key: not a key", "public_key: not a public key in PEM form"),
            ("public_key: 5", "public_key: neither a PEM text nor a JWK"),
            ("public_key: {kty: RSA}", "public_key: not an RSA key in JWK form"),
            ("public_key: {kty: oct, k: c2VjcmV0}", "public_key: "),
            ("private_key: not a key", "private_key: "),
            ("kid: mine", "public_key: needs public_key or private_key"),
            ("public_kye: x", "public_kye: unknown name; did you mean 'public_key'?"),
        ],
    )
    def test_a_key_that_cannot_be_used_is_told_with_its_place(self, told, key, problem):
        assert any(
            line.startswith(f"6: ingrid.service_accounts.0.keys.0.{problem}") for line in told(ACCOUNT.format(key=key))
        )

    def test_a_private_key_that_cannot_be_used_is_refused_beside_a_public_one(self, prepare, tmp_path):
        (tmp_path / "mine.pem").write_text(PUBLIC_PEM)

        with pytest.raises(FileError, match="private_key"):
            prepare(ACCOUNT.format(key="{public_key_file: mine.pem, private_key: not a key}"))


class TestProblems:
    @pytest.mark.parametrize(
        ("text", "problems"),
        [
            ("sede: x\n", ["1: sede: unknown name; did you mean 'seed'?"]),
            ("seed: x\ningird: {}\n", ["2: ingird: unknown name; did you mean 'ingrid'?"]),
            ("ingrid:\n  site: []\n", ["2: ingrid.site: unknown name; did you mean 'sites'?"]),
            (
                "ingrid:\n  options:\n    mint_statsu: 201\n",
                ["3: ingrid.options.mint_statsu: unknown name; did you mean 'mint_status'?"],
            ),
            (
                "ingrid:\n  options:\n    mint_status: 204\n    accept_form: yes please\n",
                [
                    "3: ingrid.options.mint_status: not one of 200, 201",
                    "4: ingrid.options.accept_form: not true or false",
                ],
            ),
            ("ingrid:\n  sites:\n    - {}\n", ["3: ingrid.sites.0.id: Missing data for required field."]),
            (
                "ingrid:\n  sites:\n    - id: a\n    - id: b\n      ttl_max_s: '60'\n",
                ["5: ingrid.sites.1.ttl_max_s: Not a valid integer."],
            ),
            ("ingrid:\n  sites: one\n", ["2: ingrid.sites: Not a valid list."]),
            ("ingrid: null\n", ["1: ingrid: Field may not be null."]),
            ("ingrid: text\n", ["1: ingrid: Invalid input type."]),
            ("extends: demo\n", ["1: extends: Must be one of: default, nothing."]),
            ("seed: 5\n", ["1: seed: Not a valid string."]),
            ("clock:\n  frozen: 'true'\n", ["2: clock.frozen: Not a valid boolean."]),
            ("seed: a\nclock: {}\nseed: b\n", ["3: seed stands here twice"]),
            ("ingrid:\n  sites:\n    - id: a\n      id: b\n", ["4: id stands here twice"]),
        ],
    )
    def test_each_is_told_with_line_and_path(self, told, text, problems):
        assert sorted(told(text)) == problems

    def test_each_names_the_file(self, prepare, tmp_path):
        with pytest.raises(FileError) as raised:
            prepare("sede: x\n")

        assert str(raised.value).startswith(f"{tmp_path / 'world.yaml'}:1: sede: ")

    @pytest.mark.parametrize(
        "member",
        ["service_accounts: [{id: mine, keys: [], service_ttl_s: %d}]", "sites: [{id: mine, ttl_default_s: %d}]"],
    )
    @pytest.mark.parametrize("lifetime", [0, -1, 10**12, 10**30, -(10**30)], ids="{:.0e}".format)
    def test_a_lifetime_that_no_token_can_have_is_refused(self, told, member, lifetime):
        assert len(told(f"ingrid:\n  {member % lifetime}\n")) == 1

    def test_a_scenario_may_be_given_as_text(self):
        assert loads("seed: x\n", "inline", VENDORS).seed == "x"
        with pytest.raises(FileError, match=r"^inline:1: sede: unknown name"):
            loads("sede: x\n", "inline", VENDORS)


class TestSettingsThatNameThem:
    """What the emulator says when a setting about its world cannot be used."""

    @pytest.mark.parametrize(
        ("settings", "problem"),
        [
            (Settings(scenario="nothing.yaml"), "nothing.yaml: cannot be read: No such file or directory"),
            (Settings(vendors=("ingird",)), "vendors: 'ingird': unknown name; did you mean 'ingrid'?"),
            (Settings(options={"ingird": {}}), "options: ingird: unknown name; did you mean 'ingrid'?"),
            (
                Settings(options={"ingrid": {"replya": "off"}}),
                "options: ingrid.replya: unknown name; did you mean 'replay'?",
            ),
            (
                Settings(options={"ingrid": {"replay": "maybe"}}),
                "options: ingrid.replay: not one of jti, always, off",
            ),
        ],
    )
    def test_it_is_one_line_that_says_what_and_where(self, settings, problem, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

        with pytest.raises(FileError) as raised:
            Emulator(settings)

        assert list(raised.value.problems) == [problem]

    def test_options_that_are_no_mapping_are_refused(self):
        with pytest.raises(FileError):
            Emulator(Settings(options={"ingrid": 5}))

    def test_a_seed_of_the_settings_counts_before_the_scenarios(self, tmp_path):
        path = tmp_path / "world.yaml"
        path.write_text("seed: scenario\n")

        given = Emulator(Settings(scenario=str(path), seed="settings")).sandbox.entropy.uuid()

        assert given == Emulator(Settings(seed="settings")).sandbox.entropy.uuid()
        assert given != Emulator(Settings(scenario=str(path))).sandbox.entropy.uuid()


def test_the_contents_of_a_file_have_the_texts_of_the_files_it_names(tmp_path):
    (tmp_path / "name.txt").write_text("mine")
    (tmp_path / "world.yaml").write_text("seed: a\ningrid: {sites: [{id_file: name.txt}]}\n")

    assert contents(tmp_path / "world.yaml") == {"seed": "a", "ingrid": {"sites": [{"id": "mine"}]}}

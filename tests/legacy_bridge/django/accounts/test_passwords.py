"""Passwords made on one side open on the other, and both agree on what is outdated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.passwords.argon2id import Argon2
from legacy_bridge.django.passwords.bcrypt_hash import Bcrypt
from legacy_bridge.django.passwords.checking import Passwords, Verdict, is_usable, unusable
from legacy_bridge.django.passwords.digests import SaltedDigest
from legacy_bridge.django.passwords.hasher import Hasher, MalformedHashError
from legacy_bridge.django.passwords.pbkdf2 import Pbkdf2
from legacy_bridge.django.passwords.scrypt import Scrypt
from legacy_bridge.django.passwords.setting import COSTS, MODULE, hashers_of
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.django_side import RefusedError
from tests.legacy_bridge.django.vectors import fewer, many, wire_text

# As cheap as each algorithm can be.
CHEAP: dict[str, tuple[Hasher, dict[str, int]]] = {
    "pbkdf2_sha256": (Pbkdf2("pbkdf2_sha256", "sha256", 3), {"iterations": 3}),
    "pbkdf2_sha1": (Pbkdf2("pbkdf2_sha1", "sha1", 3), {"iterations": 3}),
    "argon2": (Argon2(1, 64, 2), {"time_cost": 1, "memory_cost": 64, "parallelism": 2}),
    "bcrypt_sha256": (Bcrypt("bcrypt_sha256", True, 4), {"rounds": 4}),
    "bcrypt": (Bcrypt("bcrypt", False, 4), {"rounds": 4}),
    "scrypt": (Scrypt(4, 2, 1), {"work_factor": 4, "block_size": 2, "parallelism": 1}),
}
COSTLY: dict[str, Hasher] = {
    "pbkdf2_sha256": Pbkdf2("pbkdf2_sha256", "sha256", 4),
    "pbkdf2_sha1": Pbkdf2("pbkdf2_sha1", "sha1", 2),
    "argon2": Argon2(2, 64, 2),
    "bcrypt_sha256": Bcrypt("bcrypt_sha256", True, 5),
    "bcrypt": Bcrypt("bcrypt", False, 5),
    "scrypt": Scrypt(8, 2, 1),
}
NAMES = {
    "PBKDF2": "pbkdf2_sha256",
    "PBKDF2SHA1": "pbkdf2_sha1",
    "Argon2": "argon2",
    "BCryptSHA256": "bcrypt_sha256",
    "BCrypt": "bcrypt",
    "Scrypt": "scrypt",
}
PRICES = {name: prices for name, (_, prices) in CHEAP.items()}
ALGORITHMS = st.sampled_from(sorted(CHEAP))
FAST = st.sampled_from(["pbkdf2_sha256", "pbkdf2_sha1", "scrypt"])


def passwords(preferred: str = "pbkdf2_sha256") -> Passwords:
    hashers = [hasher for hasher, _ in CHEAP.values()]
    return Passwords(CHEAP[preferred][0], [*hashers, SaltedDigest("md5")])


def theirs(django: AccountsSide, password: str, encoded: str, preferred: str) -> Verdict:
    answer = django.ask(
        "verify", password=password, encoded=encoded, preferred=preferred, costs=PRICES
    )
    return Verdict(*answer)


# bcrypt itself ends at 72 octets, where Django with a new bcrypt fails; for NUL see below.
short = wire_text.map(lambda text: text.replace("\0", "").encode()[:72].decode(errors="ignore"))


@many
@given(password=short, other=short, algorithm=ALGORITHMS, preferred=ALGORITHMS)
def test_ours_open_there(
    accounts: AccountsSide, password: str, other: str, algorithm: str, preferred: str
) -> None:
    encoded = CHEAP[algorithm][0].make(password.encode())
    for tried in (password, other):
        verdict = Verdict(correct=tried == password, outdated=algorithm != preferred)
        assert passwords(preferred).verify(tried, encoded) == verdict
        assert theirs(accounts, tried, encoded, preferred) == verdict


@many
@given(password=short, other=short, algorithm=ALGORITHMS, preferred=ALGORITHMS)
def test_theirs_open_here(
    accounts: AccountsSide, password: str, other: str, algorithm: str, preferred: str
) -> None:
    encoded = accounts.ask("make", password=password, algorithm=algorithm, costs=PRICES)
    for tried in (password, other):
        verdict = passwords(preferred).verify(tried, encoded)
        assert verdict == (tried == password, algorithm != preferred)


@fewer
@given(
    algorithm=ALGORITHMS,
    cheap=st.booleans(),
    salt=st.sampled_from(["a" * 21, "b" * 22, "c" * 23, "é" * 11]),
)
def test_outdated_as_there(accounts: AccountsSide, algorithm: str, cheap: bool, salt: str) -> None:
    encoded = (CHEAP[algorithm][0] if cheap else COSTLY[algorithm]).make(b"x")
    if algorithm not in ("bcrypt", "bcrypt_sha256", "argon2"):
        name, *rest = encoded.split("$")
        rest[1] = salt
        encoded = "$".join([name, *rest])
    there = accounts.ask("must_update", encoded=encoded, algorithm=algorithm, costs=PRICES)
    assert CHEAP[algorithm][0].is_outdated(encoded) is there


@pytest.mark.parametrize("variety", ["argon2id", "argon2i", "argon2d"])
@pytest.mark.parametrize("salt", ["c2FsdHNhbHQ", "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYQ"])
def test_outdated_argon2_as_there(accounts: AccountsSide, variety: str, salt: str) -> None:
    encoded = f"argon2${variety}$v=19$m=64,t=1,p=2${salt}${'A' * 43}"
    there = accounts.ask("must_update", encoded=encoded, algorithm="argon2", costs=PRICES)
    assert CHEAP["argon2"][0].is_outdated(encoded) is there


# "pass ✓" as Django 5.2 stores it, at the price that it asks.
WHOLE = {
    "pbkdf2_sha256": "pbkdf2_sha256$1000000$6S0igP1i0nvVfg028jHrPu"
    "$4p8jy1a9Tl8EIZhiWDRgQJW6O2ZiH/NYIXXWx6AfAtQ=",
    "pbkdf2_sha1": "pbkdf2_sha1$1000000$nae2e1Ylnsd76wF4wLx2pe$0KPnRePLSrsB7MyFJuKv084LIo0=",
    "argon2": "argon2$argon2id$v=19$m=102400,t=2,p=8$WEd6M1RLeVA4UkNyZWowTGV2VlVQQQ"
    "$i3Gb6wuTryM+/YCfa1kB8vm9iK7bl2ut5fuA+O47Kqs",
    "bcrypt_sha256": "bcrypt_sha256$$2b$12$PKifQXTvCGHeFIMLiKeyZ.ci.WN8C/vvY.r9q7Qh9Ag7O5IAJcda.",
    "bcrypt": "bcrypt$$2b$12$EU6ovt3GK/WDS7NTTWSksumiyQGRJp25aiOTAzdWOH6GfM4WsqZFW",
    "scrypt": "scrypt$16384$Jyn1c1Yl0qVJtIdiSAWFOt$8$5$6RxHZaThtF8k8PLwvE0K8TY+sWh+naoEmArjbu6hMxEg"
    "a6bDH+c5DFWGWUCizbB8hCLXowesZP78zJGyyx1WsQ==",
}


@pytest.mark.parametrize("name", NAMES)
def test_whole_costs(name: str) -> None:
    """Each as the preferred one: right, and not outdated."""
    ours = Passwords(*hashers_of([f"{MODULE}{name}PasswordHasher"]))
    assert ours.verify("pass ✓", WHOLE[NAMES[name]]) == (True, False)


def test_costs_are_those_of_this_django(accounts: AccountsSide) -> None:
    there = accounts.ask("default_costs")
    costs = COSTS[accounts.ask("version")]
    assert there["pbkdf2_sha256"]["iterations"] == costs.iterations
    assert there["pbkdf2_sha1"]["iterations"] == costs.iterations
    assert there["scrypt"] == {
        "work_factor": Scrypt().work_factor,
        "block_size": Scrypt().block_size,
        "parallelism": costs.scrypt_parallelism,
    }
    assert there["argon2"] == {"time_cost": 2, "memory_cost": 102_400, "parallelism": 8}
    assert there["bcrypt"] == there["bcrypt_sha256"] == {"rounds": 12}


@many
@given(encoded=st.text(st.characters(), max_size=60), password=wire_text)
def test_nonsense_matches_nothing(encoded: str, password: str) -> None:
    assert passwords().verify(password, encoded) == (False, False)


@many
@given(data=st.data(), algorithm=FAST, preferred=FAST)
def test_damaged_texts(
    accounts: AccountsSide, data: st.DataObject, algorithm: str, preferred: str
) -> None:
    """Never opened, never an error here; where Django does not fail it says the same."""
    parts = CHEAP[algorithm][0].make(b"x").split("$")
    place = data.draw(st.integers(0, len(parts)))
    junk = data.draw(st.sampled_from(["", "0", "-1", "1_0", " 2", "٣", "x", "9" * 12, "é\0", "="]))
    parts[place : place + data.draw(st.integers(0, 1))] = [junk]
    encoded = "$".join(parts)
    verdict = passwords(preferred).verify("x", encoded)
    assert not verdict.correct
    try:
        there = theirs(accounts, "x", encoded, preferred)
    except RefusedError:
        return
    assert there.correct is False


@pytest.mark.parametrize("algorithm", sorted(CHEAP))
@pytest.mark.parametrize(
    "rest",
    [
        *("", "$", "$$$$$$", "$2b$04$short", "$argon2id$v=19$m=8", "$é$é$é$é$é"),
        *("$0$a$b", "$99999999999$a$8$1$b", "$99999999999$a$b"),
    ],
)
def test_texts_of_another_form(algorithm: str, rest: str) -> None:
    with pytest.raises(MalformedHashError):
        CHEAP[algorithm][0].matches(b"x", algorithm + rest)
    assert passwords(algorithm).verify("x", algorithm + rest) == (False, False)


def test_long_passwords_count_whole_but_for_bcrypt() -> None:
    long = "é" * 40 + "x"
    for algorithm in CHEAP:
        encoded = CHEAP[algorithm][0].make(long.encode())
        shorter = passwords().verify(long[:-1], encoded).correct
        assert shorter is (algorithm == "bcrypt")


@pytest.mark.parametrize(
    ("algorithm", "encoded"),
    [
        ("argon2", "argon2$argon2id$v=19$m=64,t=1,p=2$aaaaa$aa"),
        ("scrypt", "scrypt$9$salt$8$1$no+power+of+two="),
        ("scrypt", "scrypt$1048576$salt$1024$1$too+much+memory="),
        ("bcrypt", "bcrypt$$2b$99$" + "a" * 53),
    ],
)
def test_parameters_that_cannot_be(algorithm: str, encoded: str) -> None:
    assert passwords(algorithm).verify("x", encoded).correct is False


@pytest.mark.parametrize("algorithm", sorted(CHEAP))
@pytest.mark.parametrize(("password", "other"), [("x", "x\0"), ("", "\0"), ("x", "x\0x")])
def test_nul_counts_as_there(
    accounts: AccountsSide, algorithm: str, password: str, other: str
) -> None:
    """HMAC fills keys up with NUL, and bcrypt repeats them with one between."""
    encoded = CHEAP[algorithm][0].make(password.encode())
    verdict = passwords().verify(other, encoded)
    assert verdict == theirs(accounts, other, encoded, "pbkdf2_sha256")
    assert verdict.correct is (
        (algorithm.startswith(("pbkdf2", "scrypt")) and other != "x\0x")
        or (algorithm == "bcrypt" and other != "x\0")
    )


def test_lone_surrogates_open_nothing_and_are_not_stored() -> None:
    encoded = passwords().make("x")
    assert passwords().verify("x\ud800", encoded) == (False, False)
    passwords().spend("\ud800")
    with pytest.raises(ValueError, match="surrogates not allowed"):
        passwords().make("\ud800")


def test_unusable(accounts: AccountsSide) -> None:
    encoded = unusable()
    assert len(encoded) == 41
    assert not is_usable(encoded)
    assert is_usable(passwords().make("x"))
    assert passwords().verify("x", encoded) == (False, False)
    assert theirs(accounts, "x", encoded, "pbkdf2_sha256") == (False, False)

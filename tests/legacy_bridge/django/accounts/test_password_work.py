"""Which algorithms a site has, how long a refusal takes, and that the event loop goes on."""

import asyncio
import hashlib
import statistics
import sys
import threading
import time
from collections.abc import Callable

import bcrypt
import pytest

from legacy_bridge.django.passwords import pbkdf2, setting
from legacy_bridge.django.passwords.bcrypt_hash import Bcrypt
from legacy_bridge.django.passwords.checking import Passwords, Verdict, unusable
from legacy_bridge.django.passwords.hasher import MissingPackageError
from legacy_bridge.django.passwords.off_loop import PasswordThreads
from legacy_bridge.django.passwords.pbkdf2 import Pbkdf2
from legacy_bridge.django.passwords.setting import (
    COSTS,
    MODULE,
    Costs,
    HasherSettingError,
    hashers_of,
)
from tests.longer import LONGER

# Of "ordinary", as Django 1.0 to 5.0 stored it.
OLD = {
    "md5": "md5$abc$75f075978da1b2089c642250c42b61fe",
    "sha1": "sha1$abc$95fbe7df750c8650e187f5030a5a8c1870c3be12",
    "bare md5": "178ac33dfc50ee56dea6aca5cdb9f470",
    "unsalted md5": "md5$$178ac33dfc50ee56dea6aca5cdb9f470",
    "unsalted sha1": "sha1$$eb9e4a900705e5ac959c92b3c68e41637b8e5e07",
}
OLD_HASHERS = ("MD5", "SHA1", "UnsaltedMD5", "UnsaltedSHA1")


def site(*names: str, costs: Costs = COSTS["5.2"]) -> Passwords:
    return Passwords(*hashers_of([f"{MODULE}{name}PasswordHasher" for name in names], costs))


@pytest.mark.parametrize("encoded", OLD.values(), ids=OLD)
def test_old_forms_are_read(encoded: str) -> None:
    old = site("PBKDF2", *OLD_HASHERS, costs=Costs(1, 1))
    assert old.verify("ordinary", encoded) == (True, True)
    assert old.verify("Ordinary", encoded) == (False, True)
    assert old.verify("ordinary", encoded[:-1] + "_").correct is False
    # Only where the site says so.
    assert site("PBKDF2", costs=Costs(1, 1)).verify("ordinary", encoded) == (False, False)


@pytest.mark.parametrize("encoded", ["md5$", "md5$$x", "sha1$$", "sha1$", "md5$a", "$", ""])
def test_damaged_old_forms(encoded: str) -> None:
    old = site("PBKDF2", *OLD_HASHERS, costs=Costs(1, 1))
    assert old.verify("ordinary", encoded) == (False, False)


def test_setting_is_refused_whole() -> None:
    with pytest.raises(HasherSettingError) as refused:
        hashers_of([f"{MODULE}MD5PasswordHasher", "site.Fast", "site.Slow"])
    assert str(refused.value) == (
        "PASSWORD_HASHERS: site.Fast is not one of Django's; site.Slow is not one of Django's;"
        " MD5PasswordHasher comes first, but is too weak to make passwords with"
    )
    with pytest.raises(HasherSettingError, match="there is none"):
        hashers_of([])


def test_absent_packages_are_named_and_nothing_else_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("argon2id", "bcrypt_hash"):
        monkeypatch.setitem(sys.modules, f"{setting.__package__}.{module}", None)
    absent = Passwords(*hashers_of(costs=Costs(1, 1)))
    assert absent.verify("x", absent.make("x")) == (True, False)
    with pytest.raises(MissingPackageError, match=r"^passwords of the form argon2 need .*argon2-c"):
        absent.verify("x", "argon2$argon2id$v=19$m=8,t=1,p=1$YQ$YQ")
    with pytest.raises(MissingPackageError, match=r"of the form bcrypt_sha256 .* package bcrypt$"):
        absent.verify("x", "bcrypt_sha256$$2b$04$" + "a" * 53)
    with pytest.raises(MissingPackageError, match="argon2-cffi"):
        site("Argon2").make("x")


class Worked:
    """Counts what PBKDF2 was asked to do."""

    def __init__(self) -> None:
        self.iterations: list[int] = []

    def pbkdf2_hmac(self, digest: str, password: bytes, salt: bytes, iterations: int) -> bytes:
        self.iterations.append(iterations)
        return hashlib.pbkdf2_hmac(digest, password, salt, iterations)


@pytest.mark.parametrize(
    ("encoded", "work"),
    [
        pytest.param(Pbkdf2("pbkdf2_sha256", "sha256", 50).make(b"x"), [50], id="present"),
        pytest.param(Pbkdf2("pbkdf2_sha256", "sha256", 20).make(b"x"), [20, 30], id="older"),
        pytest.param(Pbkdf2("pbkdf2_sha256", "sha256", 60).make(b"x"), [60], id="dearer"),
        pytest.param(unusable(), [50], id="unusable"),
        pytest.param("", [50], id="empty"),
        pytest.param("pbkdf2_sha256$x$y$z", [50], id="damaged"),
        pytest.param("argon9$x", [50], id="unknown"),
    ],
)
def test_wrong_password_costs_the_present_price(
    monkeypatch: pytest.MonkeyPatch, encoded: str, work: list[int]
) -> None:
    worked = Worked()
    monkeypatch.setattr(pbkdf2, "hashlib", worked)
    assert not site("PBKDF2", "Scrypt", costs=Costs(50, 1)).verify("y", encoded).correct
    assert worked.iterations == work


def test_wrong_password_of_few_bcrypt_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[bytes] = []

    def hashpw(password: bytes, salt: bytes) -> bytes:
        rounds.append(salt[4:6])
        return HASHPW(password, salt)

    encoded = Bcrypt("bcrypt_sha256", True, 4).make(b"x")
    monkeypatch.setattr(bcrypt, "hashpw", hashpw)
    six = Bcrypt("bcrypt_sha256", True, 6)
    assert Passwords(six, [six]).verify("y", encoded) == (False, True)
    # Once to check, and three times to make it four: two rounds more are four times the work.
    assert rounds == [b"04"] * 4


HASHPW = bcrypt.hashpw


@LONGER  # four tests at a time are more noise than what is measured
def test_time_does_not_tell_whether_an_account_exists() -> None:
    """Medians of runs in turn, so that a busy machine is as unfair to both."""
    present = site("PBKDF2", costs=Costs(16_000, 1))
    encoded = present.make("right")
    older = Pbkdf2("pbkdf2_sha256", "sha256", 4_000).make(b"right")
    kinds: dict[str, Callable[[], object]] = {
        "nobody": lambda: present.spend("wrong"),
        "wrong": lambda: present.verify("wrong", encoded),
        "wrong and older": lambda: present.verify("wrong", older),
        "unusable": lambda: present.verify("wrong", unusable()),
    }
    # What a busy machine does to one of them, it does not do to the same one each time.
    spreads: list[float] = []
    while len(spreads) < 6:
        spreads.append(spread(medians_of(kinds, 15)))
        if spreads[-1] < 1.25:
            return
    pytest.fail(f"medians differ by these factors: {spreads}")


def spread(medians: dict[str, float]) -> float:
    return max(medians.values()) / min(medians.values())


def medians_of(kinds: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(runs):
        for name, run in kinds.items():
            began = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(each) for name, each in times.items()}


class Held(Passwords):
    """Works until told to go on."""

    def __init__(self) -> None:
        super().__init__(*hashers_of(costs=Costs(1, 1)))
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.names: set[str] = set()

    def verify(self, password: str, encoded: str) -> Verdict:
        self.names.add(threading.current_thread().name)
        self.begun.release()
        assert self.go_on.wait(30)
        return super().verify(password, encoded)


async def test_works_in_few_threads_while_the_loop_goes_on() -> None:
    held = Held()
    threads = PasswordThreads(held, 2)
    encoded = await threads.make("x")
    checks = [asyncio.ensure_future(threads.verify("x", encoded)) for _ in range(5)]
    for _ in range(2):
        assert await asyncio.to_thread(held.begun.acquire, timeout=30)
    # Two are worked on, three wait; one of these goes away.
    assert not held.begun.acquire(blocking=False)
    checks.pop().cancel()
    held.go_on.set()
    assert await asyncio.gather(*checks) == [(True, False)] * 4
    assert len(held.names) == 2
    assert all(name.startswith("passwords_") for name in held.names)
    await threads.spend("x")
    threads.close()

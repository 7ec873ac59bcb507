"""What is wrong below `legacy:`, where several upstreams are described."""

from tests.proxy.routing.faulty.shape import Faulty, legacy

UPSTREAMS = {
    "urls as text": Faulty(
        "version: 1\nlegacy: {urls: http://a}\n", [(2, "legacy.urls: must be a list, not 'http:")]
    ),
    "urls without value": Faulty("version: 1\nlegacy: {urls: }\n", [(2, "urls: has no value")]),
    "no urls": Faulty(
        "version: 1\nlegacy: {urls: []}\n", [(2, "must be a list of at least one, not an empty")]
    ),
    "urls that are none": Faulty(
        legacy(
            "urls:\n  - a:8001\n  - ftp://a\n  - http://\n  - http://a/site/\n  - http://a?x\n"
            "  - http://a:0\n  - http://a:65536\n  - http://[12]\n  - http://a b\n  - 7\n  -"
        ),
        [
            (4, "legacy.urls[0]: 'a:8001' is no URL with http:// or https://"),
            (5, "legacy.urls[1]: 'ftp://a' is no URL with"),
            (6, "legacy.urls[2]: 'http://' is more or less than scheme, host and port"),
            (7, "legacy.urls[3]: 'http://a/site/' is more or less than"),
            (8, "legacy.urls[4]: 'http://a?x' is more or less than"),
            (9, "legacy.urls[5]: 'http://a:0' has no port from 1 to 65535"),
            (10, "legacy.urls[6]: 'http://a:65536' has no port from 1 to 65535"),
            (11, "legacy.urls[7]: 'http://[12]' has no IPv6 address in its brackets"),
            (12, "legacy.urls[8]: 'http://a b' is more or less than"),
            (13, "legacy.urls[9]: must be a text, not the number 7"),
            (14, "legacy.urls[10]: '' is no URL with"),
        ],
    ),
    "port 0": Faulty(
        "version: 1\nlegacy: {urls: [http://a:0]}\n", [(2, "no port from 1")], schema_accepts=True
    ),
    "url with a password": Faulty(
        "version: 1\nlegacy: {urls: [http://me:secret@a]}\n",
        [(2, "legacy.urls[0]: carries a user name or password")],
    ),
    "url twice": Faulty(
        legacy("urls:\n  - http://a\n  - http://b\n  - http://a"),
        [(6, "legacy.urls[2]: http://a is there twice, first in line 4")],
    ),
    "url twice in other words": Faulty(
        legacy("urls:\n  - http://a\n  - http://A:80/"),
        [(5, "legacy.urls[1]: http://a is there twice, first in line 4")],
        schema_accepts=True,
    ),
    "two schemes": Faulty(
        legacy("urls:\n  - https://a\n  - http://b\n  - https://c"),
        [(5, "legacy.urls[1]: http://b has another scheme than https://a in line 4")],
        schema_accepts=True,
    ),
    "numbers of the pool": Faulty(
        legacy("pool: 0\nwaiting: -1\nkeepalive: 0s\nretry_budget: 101"),
        [
            (3, "legacy.pool: 0 is out of range"),
            (4, "legacy.waiting: -1 is out of range"),
            (5, "legacy.keepalive: '0s' is no duration"),
            (6, "legacy.retry_budget: the number 101 is no percentage"),
        ],
    ),
    "breaker as number": Faulty(
        legacy("breaker: 5"), [(3, "legacy.breaker: must be a mapping, not the number 5")]
    ),
    "breaker without value": Faulty(legacy("breaker:"), [(3, "legacy.breaker: has no value")]),
    "keys of breaker": Faulty(
        legacy("breaker:\n  failurs: 5\n  open:\n  failures: 1.5"),
        [
            (4, "legacy.breaker.failurs: this key is not known"),
            (5, "legacy.breaker.open: has no value"),
            (6, "legacy.breaker.failures: must be a whole number, not the number 1.5"),
        ],
    ),
    "values of breaker": Faulty(
        legacy("breaker:\n  failures: 0\n  open: soon"),
        [
            (4, "legacy.breaker.failures: 0 is out of range"),
            (5, "legacy.breaker.open: 'soon' is no duration"),
        ],
    ),
    "health as list": Faulty(
        legacy("health: [/a]"), [(3, "legacy.health: must be a mapping, not a list")]
    ),
    "health without value": Faulty(legacy("health:"), [(3, "legacy.health: has no value")]),
    "health without path": Faulty(
        legacy("health:\n  interval: 5s\n  stats: 200"),
        [(3, "legacy.health.path: is missing"), (5, "legacy.health.stats: this key is not known")],
    ),
    "health nowhere": Faulty(
        legacy("health: health/"), [(3, "legacy.health.path: 'health/' is no path in ASCII")]
    ),
    "values of health": Faulty(
        legacy(
            "health:\n  path: '/a b'\n  interval: 0\n  timeout: []\n  failures: 1001\n"
            "  successes: true\n  status: 100"
        ),
        [
            (4, "legacy.health.path: '/a b' is no path in ASCII"),
            (5, "legacy.health.interval: the number 0 is no duration above 0"),
            (6, "legacy.health.timeout: a list is no duration"),
            (7, "legacy.health.failures: 1001 is out of range"),
            (8, "legacy.health.successes: must be a whole number, not true"),
            (9, "legacy.health.status: 100 is out of range"),
        ],
    ),
    "path of health as number": Faulty(
        legacy("health: {path: 7}"), [(3, "legacy.health.path: the number 7 is no path")]
    ),
}

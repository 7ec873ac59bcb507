"""What is wrong with the file as such: YAML, version, keys and types."""

from tests.proxy.routing.faulty.shape import Faulty, domain

AS_TEXT = {
    # the file as such
    "empty": Faulty("", [(1, "the file is empty")]),
    "comments only": Faulty("# nothing\n\n# here\n", [(1, "the file is empty")]),
    "document mark only": Faulty("---\n", [(1, "the file is empty")]),
    "a list": Faulty("\n- version: 1\n", [(2, "the file is not a mapping")]),
    "a text": Faulty("version 1\n", [(1, "the file is not a mapping")]),
    # not YAML
    "unclosed bracket": Faulty("version: 1\ndomains: {boxes: [\n", [(3, "not YAML")]),
    "unclosed quote": Faulty('version: 1\nlegacy:\n  timeout: "30s\n', [(4, "not YAML")]),
    "tab": Faulty("version: 1\nlegacy:\n\ttimeout: 30s\n", [(3, "found character '\\t'")]),
    "colon in value": Faulty("version: 1\nlegacy: timeout: 30s\n", [(2, "not YAML")]),
    "control character": Faulty("version: 1\n# \x07\n", [(2, "control character 0x07")]),
    "two documents": Faulty("version: 1\n---\nversion: 1\n", [(2, "another document")]),
    "bad indentation": Faulty(domain("phase: reads\n routes: []"), [(5, "not YAML")]),
    # YAML that would not be what it looks like
    "duplicate key": Faulty(
        domain("phase: legacy\nphase: reads"), [(5, "key 'phase' is there twice, first in line 4")]
    ),
    "duplicate domain": Faulty(
        "version: 1\ndomains:\n  boxes: {phase: legacy}\n  boxes: {phase: reads}\n",
        [(4, "key 'boxes' is there twice, first in line 3")],
    ),
    "duplicate version": Faulty(
        "version: 1\nversion: 1\n", [(2, "key 'version' is there twice, first in line 1")]
    ),
    "merge key": Faulty(
        "version: 1\ndomains:\n  boxes: &all {phase: legacy}\n  pages:\n    <<: *all\n",
        [(4, "domains.pages.phase: is missing"), (5, "merge keys (<<) are not supported")],
        schema_accepts=True,
    ),
    "tag": Faulty(
        domain("phase: !env PHASE"),
        [(4, "domains.downloads.phase: 'PHASE' is not known"), (4, "the tag '!env'")],
    ),
    "tagged mapping": Faulty(
        "version: 1\ndomains: !!set {}\n", [(2, "the tag 'set' is not supported")]
    ),
    "number as key": Faulty("version: 1\n404: x\n", [(2, "key '404' is not a name")]),
    "list as key": Faulty("version: 1\n? [a]\n: x\n", [(2, "key is not a name")]),
    "alias within itself": Faulty("version: &v [*v]\n", [(1, "aliases make the file endless")]),
    "alias bomb": Faulty(
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in ("ab", "bc", "cd", "de")),
        [(1, "aliases make the file endless or far too large")],
    ),
    "unknown alias": Faulty("version: *one\n", [(1, "undefined alias")]),
    "too deep": Faulty("version: " + "[" * 20 + "]" * 20 + "\n", [(1, "nested more than 16 deep")]),
    "yaml 1.1 off": Faulty(
        "%YAML 1.1\n---\nversion: 1\ndomains:\n  boxes: {phase: off}\n",
        [(5, "domains.boxes.phase: false is not known here")],
    ),
    # version
    "no version": Faulty("domains: {}\n", [(1, "version: is missing")]),
    "version 2": Faulty("version: 2\n", [(1, "version: version 2 is not supported")]),
    "version as text": Faulty('version: "1"\n', [(1, "version: must be the number 1, not '1'")]),
    "version true": Faulty("version: true\n", [(1, "version: must be the number 1, not true")]),
    "version without value": Faulty("version:\n", [(1, "version: has no value")]),
    # keys and types
    "unknown key": Faulty(
        "version: 1\nrouting: {}\ndomain: {}\n",
        [(2, "routing: this key is not known"), (3, "domain: this key is not known")],
    ),
    "unknown key without value": Faulty(
        "version: 1\nretries:\n", [(2, "retries: this key is not known")]
    ),
    "line break in a name": Faulty(
        'version: 1\ndomains:\n  "boxes\\n": {phase: legacy}\n', [(3, "is no name of a domain")]
    ),
    "unknown keys below": Faulty(
        "version: 1\nlegacy:\n  timeouts: 3\ndomains:\n  boxes:\n    phase: legacy\n    route: []\n"
        "    routes:\n      - {path: /b, method: [GET]}\n",
        [
            (3, "legacy.timeouts: this key is not known"),
            (7, "domains.boxes.route: this key is not known"),
            (9, "domains.boxes.routes[0].method: this key is not known"),
        ],
    ),
    "wrong types": Faulty(
        "version: 1\nlegacy: 30s\ndomains: [boxes]\n",
        [(2, "legacy: must be a mapping, not '30s'"), (3, "domains: must be a mapping, not a l")],
    ),
    "keys without value": Faulty(
        "version: 1\nlegacy:\ndomains:\n  boxes:\n  pages: {phase: , routes: }\n",
        [
            (2, "legacy: has no value"),
            (4, "domains.boxes: has no value"),
            (5, "domains.pages.phase: has no value"),
            (5, "domains.pages.routes: has no value"),
        ],
    ),
    "bad durations": Faulty(
        "version: 1\nlegacy:\n  timeout: 30 seconds\n  connect_timeout: 0\n",
        [
            (3, "legacy.timeout: '30 seconds' is no duration"),
            (4, "legacy.connect_timeout: the number 0 is no duration above 0"),
        ],
    ),
    "endless duration": Faulty("version: 1\nlegacy: {timeout: .inf}\n", [(2, "no duration above")]),
    "bad size": Faulty("version: 1\nlegacy: {max_body: 32mb}\n", [(2, "'32mb' is no size")]),
    "retries as text": Faulty(
        'version: 1\nlegacy: {retries: "2"}\n', [(2, "legacy.retries: must be a whole number")]
    ),
    "too many retries": Faulty(
        "version: 1\nlegacy: {retries: 11}\n", [(2, "legacy.retries: 11 is out of range")]
    ),
}

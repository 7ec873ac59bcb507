"""What is wrong with domains, with their rules, and with rules side by side."""

from tests.proxy.routing.faulty.shape import Faulty, domain, rule

NO_SLASH = "does not begin with a slash"
STAR = "has a * that is not a last segment /**"
EMPTY_SEGMENT = "has an empty segment"

DOMAINS = {
    # domains
    "unknown domain": Faulty(
        "version: 1\ndomains:\n  downlods: {phase: reads}\n",
        [(3, "domains.downlods: there is no such domain")],
    ),
    "no phase": Faulty(domain("routes: []"), [(3, "domains.downloads.phase: is missing")]),
    "phase off": Faulty(domain("phase: off"), [(4, "domains.downloads.phase: 'off' is not known")]),
    "phase in capitals": Faulty(domain("phase: Reads"), [(4, "phase: 'Reads' is not known")]),
    "canary without weight": Faulty(
        domain("phase: canary"), [(4, "domains.downloads.weight: phase canary needs a weight")]
    ),
    "canary with empty weight": Faulty(
        domain("phase: canary\nweight:"),
        [(4, "phase canary needs a weight"), (5, "weight: has no value")],
    ),
    "weight too large": Faulty(
        domain("phase: canary\nweight: 101"), [(5, "the number 101 is no percentage")]
    ),
    "weight as text": Faulty(
        domain("phase: canary\nweight: 10%"), [(5, "weight: must be a number, not '10%'")]
    ),
    "weight not a number": Faulty(
        domain("phase: canary\nweight: .nan"), [(5, "the number nan is no percentage")]
    ),
    # rules
    "routes as text": Faulty(
        domain("phase: reads\nroutes: /downloads/**"), [(5, "routes: must be a list, not '/down")]
    ),
    "rule without value": Faulty(rule(""), [(6, "routes[0]: has no value")]),
    "rule as number": Faulty(rule("7"), [(6, "routes[0]: must be a mapping, not the number 7")]),
    "rule without path": Faulty(rule("{methods: [GET]}"), [(6, "routes[0].path: is missing")]),
    "path as list": Faulty(rule("{path: [/a]}"), [(6, "routes[0].path: must be a text, not a l")]),
    "methods as text": Faulty(
        rule("{path: /a, methods: GET}"), [(6, "routes[0].methods: must be a list, not 'GET'")]
    ),
    "no methods": Faulty(
        rule("{path: /a, methods: []}"), [(6, "must be a list of at least one, not an empty list")]
    ),
    "methods without value": Faulty(
        rule("{path: /a, methods: }"), [(6, "routes[0].methods: has no value")]
    ),
    "method in small letters": Faulty(
        rule("{path: /a, methods: [HEAD, get]}"), [(6, "methods[1]: 'get' is not known here")]
    ),
    "method that is none": Faulty(rule("{path: /a, methods: [FETCH]}"), [(6, "'FETCH' is not")]),
    "method twice": Faulty(
        rule("{path: /a, methods: [GET, GET]}"), [(6, "routes[0].methods: GET is named twice")]
    ),
    "pin native": Faulty(rule("{path: /a, pin: native}"), [(6, "pin: 'native' is not known here")]),
    "pin without value": Faulty(rule("{path: /a, pin: }"), [(6, "routes[0].pin: has no value")]),
    "no slash": Faulty(rule("downloads/**"), [(6, NO_SLASH)]),
    "no path": Faulty(rule("''"), [(6, NO_SLASH)]),
    "URL": Faulty(rule("https://example.org/a"), [(6, NO_SLASH), (6, EMPTY_SEGMENT)]),
    "stars not last": Faulty(rule("/downloads/**/files"), [(6, STAR)]),
    "one star": Faulty(rule("/downloads/*"), [(6, STAR)]),
    "stars glued on": Faulty(rule("/downloads**"), [(6, STAR)]),
    "stars twice": Faulty(rule("/downloads/**/**"), [(6, STAR)]),
    "empty segment": Faulty(rule("/downloads//files"), [(6, EMPTY_SEGMENT)]),
    "empty segment last": Faulty(rule("/downloads//**"), [(6, EMPTY_SEGMENT)]),
    "dots": Faulty(rule("/downloads/../admin/"), [(6, "has a segment . or ..")]),
    "query": Faulty(rule("/downloads/?page=2"), [(6, "has a query or a fragment")]),
    "fragment": Faulty(rule("'/downloads/#files'"), [(6, "has a query or a fragment")]),
    "white space": Faulty(rule("/down loads/"), [(6, "contains white space")]),
    "bad escape": Faulty(rule("/100%/"), [(6, "has a percent sign without two hex digits")]),
    "not ASCII": Faulty(rule("/café/"), [(6, "has a character that a path carries percent-enc")]),
    "placeholder": Faulty(rule("'/downloads/{slug}/'"), [(6, "has a placeholder")]),
    # rules side by side
    "equally specific": Faulty(
        "version: 1\ndomains:\n  boxes: {phase: legacy, routes: [/x/**]}\n  pages:\n"
        "    phase: reads\n    routes:\n      - /x\n      - /x/**\n",
        [(8, "/x/** of pages and /x/** of boxes in line 3 are equally specific")],
        schema_accepts=True,
    ),
    "equally specific for one method": Faulty(
        "version: 1\ndomains:\n  boxes:\n    phase: legacy\n    routes:\n"
        "      - {path: /x, methods: [GET, HEAD]}\n  pages:\n    phase: reads\n    routes:\n"
        "      - {path: /x, methods: [POST, GET]}\n",
        [(10, "/x of pages and /x of boxes in line 6 are equally specific")],
        schema_accepts=True,
    ),
    "rule twice": Faulty(
        domain("phase: reads\nroutes: [/x/**, {path: /x/**, pin: legacy}]"),
        [(5, "/x/** is a rule of downloads already, in line 5")],
        schema_accepts=True,
    ),
}

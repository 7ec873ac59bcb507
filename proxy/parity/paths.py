"""Field paths: where in an answer something is.

status · header:NAME · cookie:NAME:ATTRIBUTE · body
json:/results/3/name · html:/html/body/div[2]/a[1]/@href · xml:/rss/channel/item[2]/title
text:line 12
"""

import re

_INDEX = re.compile(r"\[\d+\]")
_JSON_INDEX = re.compile(r"(?<=/)\d+(?=/|$)")
_LINE = re.compile(r"line \d+")


def json_step(key: str | int) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return "/" + str(key).replace("~", "~0").replace("/", "~1")


def generalised(path: str) -> str:
    """The same place in every answer of its kind: positions become `[*]`."""
    kind, colon, rest = path.partition(":")
    match kind:
        case "json":
            return kind + colon + _JSON_INDEX.sub("[*]", rest)
        case "html" | "xml":
            return kind + colon + _INDEX.sub("[*]", rest)
        case "text":
            return kind + colon + _LINE.sub("line [*]", rest)
    return path

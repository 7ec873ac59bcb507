"""nginx: a map over method and raw URI, whose regular expressions are tried in their order."""

from urllib.parse import urlsplit

from proxy.export.passages import Passage, groups, place_of

KEEPALIVE = 64


def nginx(found: tuple[Passage, ...], proxy: str, legacy: tuple[str, ...], listen: int) -> str:
    """For the context `http`. `proxy` and `legacy` are URLs of servers."""
    lines = [_line(passage, name) for passage, name in groups(found)]
    return f"""\
# Made by `strangler export nginx`; to be included within http {{ }}.
{_upstream("strangler", (proxy,))}
{_upstream("legacy", legacy)}
map "$request_method $request_uri" $strangler_backend {{
    default legacy;
{chr(10).join(lines)}
}}

map $strangler_backend $strangler_scheme {{
    default {urlsplit(legacy[0]).scheme};
    strangler {urlsplit(proxy).scheme};
}}

map $http_upgrade $strangler_connection {{
    default upgrade;
    ""      "";
}}

server {{
    listen {listen};
    client_max_body_size 0;

    location / {{
        # Without a path behind it the URI is passed on as it came.
        proxy_pass $strangler_scheme://$strangler_backend;
        proxy_http_version 1.1;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $strangler_connection;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
    }}
}}
"""


def _upstream(name: str, urls: tuple[str, ...]) -> str:
    servers = "\n".join(f"    server {_server(url)};" for url in urls)
    return f"upstream {name} {{\n{servers}\n    keepalive {KEEPALIVE};\n}}\n"


def _server(url: str) -> str:
    host, port = place_of(url)
    return f"{host}:{port}"


def _line(passage: Passage, name: str) -> str:
    methods = "|".join(passage.methods) or "[^ ]+"
    # $request_uri has the query as well.
    path = passage.path.replace(".*", "[^?]*").replace('"', r"\"")
    return rf'    "~^({methods}) {path}(\?|$)" {name};  # {passage.why}'

"""HAProxy: `use_backend` lines, of which the first that holds counts. `path` is raw there."""

from proxy.export.passages import Passage, groups, place_of


def haproxy(found: tuple[Passage, ...], proxy: str, legacy: tuple[str, ...], listen: int) -> str:
    """A frontend and two backends. `proxy` and `legacy` are URLs of servers."""
    lines = "\n".join(_line(passage, name) for passage, name in groups(found))
    return f"""\
# Made by `strangler export haproxy`.
frontend site
    mode http
    bind :{listen}
    option forwardfor
    http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
{lines}
    default_backend legacy

{_backend("strangler", (proxy,))}
{_backend("legacy", legacy)}"""


def _line(passage: Passage, name: str) -> str:
    method = f"{{ method {' '.join(passage.methods)} }} " if passage.methods else ""
    path = passage.path.replace("\\", "\\\\").replace('"', '\\"')
    return f'    use_backend {name} if {method}{{ path_reg "^{path}$" }}  # {passage.why}'


def _backend(name: str, urls: tuple[str, ...]) -> str:
    servers = "\n".join(
        f"    server {name}{number} {_server(url)}" for number, url in enumerate(urls, 1)
    )
    return f"backend {name}\n    mode http\n    option http-keep-alive\n{servers}\n"


def _server(url: str) -> str:
    host, port = place_of(url)
    secure = url.startswith("https:")
    return f"{host}:{port} ssl verify required ca-file @system-ca" if secure else f"{host}:{port}"

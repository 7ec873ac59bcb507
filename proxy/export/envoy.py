"""Envoy: a route configuration and two clusters, as YAML of its static resources."""

import io
from typing import Any

from ruamel.yaml import YAML

from proxy.export.passages import Passage, groups, place_of


def envoy(found: tuple[Passage, ...], proxy: str, legacy: tuple[str, ...], listen: int) -> str:
    """`proxy` and `legacy` are URLs of servers."""
    routes = [_route(passage, name) for passage, name in groups(found)]
    routes.append({"match": {"prefix": "/"}, "route": _to("legacy")})
    resources = {
        "listeners": [_listener(routes, listen)],
        "clusters": [_cluster("strangler", (proxy,)), _cluster("legacy", legacy)],
    }
    text = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4096
    yaml.dump({"static_resources": resources}, text)
    return f"# Made by `strangler export envoy`.\n{text.getvalue()}"


def _route(passage: Passage, name: str) -> dict[str, Any]:
    match: dict[str, Any] = {"safe_regex": {"regex": passage.path}}
    if passage.methods:
        methods = {"regex": "|".join(passage.methods)}
        match["headers"] = [{"name": ":method", "string_match": {"safe_regex": methods}}]
    return {"name": passage.why, "match": match, "route": _to(name)}


def _to(cluster: str) -> dict[str, Any]:
    # How long an answer may take is the proxy's and the site's to say.
    return {"cluster": cluster, "timeout": "0s"}


def _listener(routes: list[dict[str, Any]], listen: int) -> dict[str, Any]:
    kind = "type.googleapis.com/envoy.extensions.filters"
    manager = {
        "@type": f"{kind}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "site",
        "use_remote_address": True,
        # The path counts as it came.
        "normalize_path": False,
        "merge_slashes": False,
        "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "route_config": {
            "name": "site",
            "virtual_hosts": [{"name": "site", "domains": ["*"], "routes": routes}],
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{kind}.http.router.v3.Router"},
            }
        ],
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "name": "site",
        "address": _address("0.0.0.0", listen),  # noqa: S104  # a front server is for everybody
        "filter_chains": [{"filters": filters}],
    }


def _cluster(name: str, urls: tuple[str, ...]) -> dict[str, Any]:
    endpoints = [{"endpoint": {"address": _address(*place_of(url))}} for url in urls]
    cluster: dict[str, Any] = {
        "name": name,
        "type": "STRICT_DNS",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }
    if any(url.startswith("https:") for url in urls):
        kind = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
        cluster["transport_socket"] = {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {"@type": kind},
        }
    return cluster


def _address(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}

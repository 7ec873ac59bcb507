"""nginx before the replicas, as in production: it balances, and keeps connections to both."""

from collections.abc import Sequence
from pathlib import Path

from loadtests.drain_drill.program import Program
from proxy.bench.peers import PLACES_OF_NGINX, nginx_program
from proxy.embedded.child import free_port

CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream replicas {{
        # max_fails=0: with both counted as failed, nginx would answer 502 without asking any.
        {servers}
        keepalive 64;
    }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 0;
        client_body_buffer_size 256k;
        keepalive_requests 1000000000;
        location / {{
            proxy_pass http://replicas;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            # The default, said: the next replica where one cannot be reached, or has closed before
            # it answered; a POST only where nothing of it was sent.
            proxy_next_upstream error timeout;
        }}
    }}
}}
"""


def missing() -> str | None:
    """Why it is left out; None where it is installed."""
    if nginx_program() is None:
        return f"nginx is neither on PATH nor in {PLACES_OF_NGINX.replace(':', ', ')}"
    return None


async def start(folder: Path, replicas: Sequence[int]) -> tuple[Program, int]:
    """nginx, accepting, and its port. `replicas` are ports of 127.0.0.1."""
    port = free_port()
    servers = " ".join(f"server 127.0.0.1:{one} max_fails=0;" for one in replicas)
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, servers=servers))
    command = [nginx_program() or "nginx", "-p", str(folder), "-c", str(file), "-e", "stderr"]
    program = await Program.started("nginx", command, folder=folder)
    await program.says("start worker process")
    return program, port

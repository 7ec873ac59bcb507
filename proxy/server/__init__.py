"""The clients' side: listening, one connection's requests in turn, ASGI for the native side."""

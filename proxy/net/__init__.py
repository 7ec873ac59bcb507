"""Sockets on the event loop: readiness, bounded buffers, one clock. Nothing here knows HTTP."""

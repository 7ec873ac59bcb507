"""What takes more than one piece: events as they happen, bodies of any length, WebSocket."""

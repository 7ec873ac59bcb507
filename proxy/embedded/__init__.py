"""Real PostgreSQL and Redis for the demo and the tests, from wheels: no root, nothing installed."""

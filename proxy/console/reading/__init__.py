"""What the native database tells the console: statements on a connection, rows as plain values."""

"""Minutes of the board's meetings."""

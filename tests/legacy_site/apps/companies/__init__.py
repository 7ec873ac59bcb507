"""Companies that tell a success story."""

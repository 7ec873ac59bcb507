"""Posts of the community, with links, pictures and films."""

"""CMS pages: shown for paths that nothing else answers."""

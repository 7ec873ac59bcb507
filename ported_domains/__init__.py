"""The domains of the site that have been ported, each in a folder of its own."""

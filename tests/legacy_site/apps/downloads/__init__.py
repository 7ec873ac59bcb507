"""Python releases and their files, by operating system."""

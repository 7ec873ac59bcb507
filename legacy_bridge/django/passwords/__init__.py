"""Passwords as Django stores them: `algorithm$parameters$salt$hash` in one text column."""

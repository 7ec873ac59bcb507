"""Not on the real site: pages that show and change what a visitor has, for tests of both sides.

Each says in JSON what the next page of the other side must see. The native twins are in
tests/ported_domains/probes.py.
"""

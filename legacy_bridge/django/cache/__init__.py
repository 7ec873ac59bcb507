"""Django's caches, read and written without Django.

contract.py     what a cache is, and how it fails
values.py       pickles and JSON, read without running anything
database.py     a table of the legacy database
statements.py   its SQL
redis_cache.py  Redis
memory.py       this process alone: where the legacy project's cache is its own memory, too
choosing.py     which of them an entry of CACHES means
"""

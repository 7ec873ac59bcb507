"""Answers of native handlers that are kept until a row changes that they were made from.

kept.py      one answer that is kept, and what it is found by
shelf.py     as many of them as there is room for, the least used go first
cache.py     the answers of one worker, and when none of them may be trusted
rules.py     which requests are answered alike for everybody, which answers may be kept
answering.py between the gate and the handler: found, awaited, or made and kept
"""

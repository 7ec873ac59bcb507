"""The operators' pages at /__strangler__/: how each domain stands, what differs, flip and back.

    asked ─▶ who is it? ─▶ page: snapshot of the databases (shared, a second old) ─▶ template
                        └▶ form: token, origin ─▶ action, in a thread ─▶ the record of changes

Runs inside each worker, on its event loop: whatever asks a database does so in a thread beside it.
"""

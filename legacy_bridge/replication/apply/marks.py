"""What the bridge itself wrote, and must not carry back to where it came from."""

from legacy_bridge.replication.pgoutput.transactions import Transaction

ORIGIN = "strangler"
"""Replication origins of ours begin like this, where we may set one."""
MARK = "strangler.applied"
"""Prefix of the transactional logical message at the head of a transaction, where we may not."""


def ours(transaction: Transaction) -> bool:
    """Whether an applier of the opposite direction made this transaction."""
    if transaction.origin and transaction.origin.name.startswith(ORIGIN):
        return True
    return any(message.prefix == MARK for message in transaction.messages)

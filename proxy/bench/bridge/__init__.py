"""`bench bridge`: what the replication bridge reaches between two databases, and what it takes.

From the top: `plan` says how much, `report` runs the parts and keeps what came of them; each part
(`copying`, `verifying`, `backlog`, `latency`, `large`, `idle`) sets up two databases (`site`), has
processes of our own work on them (`helper`, which runs `alone`), and measures a peer beside.
"""

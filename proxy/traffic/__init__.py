"""How many requests each side answered, how fast and how well: from the workers to the database.

tally ─▶ counting: 2 s buckets ─▶ writing: once a second ─▶ traffic, route_hits ─▶ reading
"""

"""`scripts/drain_drill`: replicas of the proxy end and come back under load; nobody may notice.

`site` is the legacy site, `replica` one proxy in front of it, `front` an nginx before both,
`visitor` one of the clients, `drill` brings them together and judges.
"""

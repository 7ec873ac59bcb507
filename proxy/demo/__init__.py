"""The whole system on one machine: a Django site, its database, and the proxy in front."""

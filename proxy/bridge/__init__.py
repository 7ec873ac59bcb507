"""The bridge as the proxy runs it and shows it.

`python -m proxy.bridge` is the process beside the workers: `__main__` is started by the supervisor,
`keeping` follows the legacy database. In the workers `watching` has the `status` read now and then,
for the page of metrics and for the log, where `alarms` decides what is worth a warning.
"""

"""One supervisor, N workers that share an address: started, replaced, drained.

`listening` opens the sockets, `lineup` decides, `supervise` does what was decided, `spawn` starts
a worker with the `handover` that it finds in its environment. `sidecar` decides about a process
that runs beside them, the bridge's or the shadow's, and `beside` does that.
"""

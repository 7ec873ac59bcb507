"""The routing of routing.yaml for a server in front of the proxy.

    passages   which requests the proxy has to see, in the order of decision
    nginx, haproxy, envoy   the same as configuration of that server

What is plainly the legacy site's the front server sends there itself.
"""

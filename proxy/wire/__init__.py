"""HTTP/1.1 as octets: heads and bodies read and refused. Pure; nothing here knows a socket."""

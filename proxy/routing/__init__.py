"""routing.yaml: its model, parser and watcher, and the table that says whose a request is.

In the order of the way from the file to the request: `document` and `config` are read by `parse`,
`rules` and `table` decide, `source` follows the file. `schema` is for editors.
"""

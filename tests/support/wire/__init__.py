"""The protocol without a browser, from plain function calls to raw frames.

`draft_driver.Driver` is a user with one draft and calls the product's functions, for tests of rules.
`polling_client` sends messages over HTTP in this process. `draft_client.DraftClient` is a tab with a real socket.
`http_client.HttpClient` is its user, with cookies and forms. `raw_socket.RawSocket` sends frames that no browser sends.
"""

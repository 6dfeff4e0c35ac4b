"""Real server processes, what stands behind them, and the network in front.

`server.Server` is one process of the product: started, killed, paused, and looked into. Tests get theirs from the
fixtures `shared_server` (one for a module, where no test stops or fills it) and `make_server` (one for a test).
`site.Site` is several processes on one `postgres.PostgreSQL` and `redis_server.RedisServer`. `server.wait_for` waits
for a condition.

`proxy.Proxy` is a network that slows, cuts, swallows or blocks. `Proxy.hold_uploads` holds image bytes back, and
nothing else, until a test has seen what it tries: use it wherever something is tried in the middle of an upload. A
slow line would race the test.

`faulty_server` kills itself at a named point; `nginx`, `tls_server` and `uvicorn_server` are other servers around the
product; `daphne_channel` is one connection without a network.
"""

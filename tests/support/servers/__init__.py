"""Real server processes, the services behind them, and the network in front of them.

`server.Server` is one process of the product: started, killed, paused and inspected. Tests get one from the fixtures
`shared_server` (one per module, where no test stops or fills it) and `make_server` (one per test). `cluster.Cluster` is
several processes on one `postgres.PostgreSQL` and `redis_server.RedisServer`. `server.wait_for` waits for a condition.

`proxy.Proxy` is a network that slows, cuts, swallows or blocks. `Proxy.hold_uploads` holds back image bytes, and
nothing else, until a test has seen what it needs: use it wherever something is tried in the middle of an upload. A slow
line would race the test.

`faulty_server` kills itself at a named point; `nginx`, `tls_server` and `uvicorn_server` are other servers around the
product; `daphne_channel` is one connection without a network.
"""

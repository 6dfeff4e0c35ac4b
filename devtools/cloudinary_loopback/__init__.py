"""A strict Cloudinary on loopback: the product's tests call it instead of the service, and demos need no account.

It implements the calls, parameters and types that the product sends, and refuses others: it is never more lenient than
the service. Each behaviour names its source: *official reference* (the vendor's API pages, OpenAPI or SDK), *measured*
(seen with the SDK), or *assumed* where nothing is published; the assumption is then the stricter one for a client.

A request passes through `server` and `handler` (sockets), `requests` (parsing), `dispatch` (endpoints), `access`
(signature or Basic auth), and `upload_api` or `admin_api`, which act on the state in `cloud`. Faults are injected in
`handler`, on the way back. Tests hold a `cloud.Cloud`.
"""

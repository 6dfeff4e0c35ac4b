"""A strict Cloudinary on loopback: what the product's tests call instead of the service, and a demo without an account.

It has the calls that the product makes, and is never more lenient with them than the service. Each behaviour names its
source: *official reference* (the vendor's API pages, OpenAPI or SDK), *measured* (seen with the SDK), or *assumed*
where nobody published it; then the reading that is harder on a client is the default and `plan.Plan` has a switch
where both are worth testing.

The way of a request: `server` and `handler` (sockets) -> `bodies`, `parameters` (parsing) -> `endpoints` (who answers
what) -> `access` (signature, basic auth) -> one of the acting modules, on the state of one `cloud.Cloud` -> `sending`,
where a fault strikes. A test holds a `Cloud`.
"""

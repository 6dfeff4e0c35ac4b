"""Image stores, and tools that inspect them.

`contract.StoreContract` is what every backend must pass. `unreliable_store.UnreliableStore` fails as remote stores do.
`image_stores` inspects where a server keeps its images; with its mark `BOTH_STORES` a browser test runs on each store.
`stray_objects` adds objects to a store that the product did not put there.
"""

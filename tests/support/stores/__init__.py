"""Stores of images, and what tests ask of them.

`contract.StoreContract` is what each backend has to pass. `unreliable_store.UnreliableStore` fails as remote stores do.
`image_places` looks at where a server keeps its images; with its mark `BOTH_STORES` a browser test runs on each.
`planted_objects` puts objects into a store that no part of the product put there.
"""

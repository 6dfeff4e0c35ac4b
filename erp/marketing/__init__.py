"""The marketing app: products, variants and their images, built on `uploads.api` as in any host."""

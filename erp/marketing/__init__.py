"""The marketing app: products, variants and their images, as any host would build them on `uploads.api`."""

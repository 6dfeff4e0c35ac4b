"""The demo: staff, products and their images for an empty ERP."""

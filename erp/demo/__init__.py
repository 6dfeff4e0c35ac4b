"""The demo: staff, products and their pictures for an empty ERP."""

"""The ERP that draft uploads serve here: its project settings, and the marketing app with products and their images."""

"""The ERP that uses draft uploads: the project's settings, and the marketing app with products and their images."""

"""The Cloudinary backend."""

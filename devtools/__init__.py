"""What developers use beside the product: stand-ins for services, each with tests of its own."""

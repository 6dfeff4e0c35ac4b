"""The wire format: messages, binary frames, close codes, and the texts generated from them."""

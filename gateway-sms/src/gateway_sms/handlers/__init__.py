"""The use cases: take a message in, record a delivery, send, ask how it stands, compare the inbox."""

"""What the gateway remembers: short-lived marks in Redis, leased tracking codes on disk.

Redis may be away at any time. Nothing here is needed for correctness, only for doing less: the provider's own
`localid` keeps a message from going twice, and the case store drops what it has.
"""

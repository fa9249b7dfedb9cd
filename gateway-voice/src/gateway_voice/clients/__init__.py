"""What the gateway asks of others: Asterisk over ARI, the case store."""

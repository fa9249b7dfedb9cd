"""From a batch of messages to what is to be written: pure, in order, all of it before the first write."""

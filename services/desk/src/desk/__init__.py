"""The desk: the pages on which staff read cases and answer them."""

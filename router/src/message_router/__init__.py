"""Reads an envelope and decides kind, topic, audience and desk."""

"""The use cases, one module a subject: file messages, record deliveries, publish, answer, replay."""

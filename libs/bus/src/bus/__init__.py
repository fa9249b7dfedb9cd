"""How it travels: publish, consume, spool and dead-letter over Kafka.

May enter here: what moves records safely, whoever they belong to. May not: what a record means.
Only this package imports aiokafka.
"""

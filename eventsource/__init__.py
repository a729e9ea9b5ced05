"""SQS → CloudEvent → JetStream."""

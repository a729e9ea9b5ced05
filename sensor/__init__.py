"""JetStream → dependencies → parameters → trigger."""

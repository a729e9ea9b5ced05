"""`argosy bus`: what is on the bus, who is how far, and the removal of sensors that are no more."""

"""`argosy deadletters`: what was parked, looked at, sent back to the trigger that parked it, or thrown away.

`command` is the command line and `options` its options; `choice` says which letters are meant; `letters` reads and deletes
them; `replay` and `purge` are the two that change something; `text` is how letters are told.
"""

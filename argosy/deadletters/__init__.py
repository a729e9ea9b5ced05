"""`argosy deadletters`: what was parked, looked at, sent back to the trigger that parked it, or thrown away.

`command` is the command line and `options` its options; `choice` says which letters are meant; `link` connects; `letters`
reads and deletes them; `lister` lists. `change` does something to many, after a `survey`, by `many`: `replay` or `purge`.
`text` is how letters are told.
"""

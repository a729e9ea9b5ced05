"""JetStream → Workflow: the way of one event, file by file.

`consume` pulls it and keeps it ours, `dependencies` tell whose it is and whether it is enough, `parameters` carry its
values into the object, `triggers` fire, `ledger` remembers, `settle` decides what becomes of it; `pipeline` is the order.
"""

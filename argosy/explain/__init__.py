"""`argosy explain`: what a sensor makes of events, offline: which filter says no, or the exact object that would be made.

`document` reads the sensor and makes its triggers ready as the pod does, `events` and `messages` read what came, `walk` goes
the way of each event through each trigger, `report` is what there is to tell, `text` tells it to people.
"""

"""Scripts of users: jq programs and Lua scripts, in a few processes of their own, with bounds on time and memory.

    async with Workers() as workers:                               starts nothing until the first script runs
        data = await workers.run("jq", "{body}", event.data)       the new data of the event, as JSON
        wanted = await workers.accepts(script, event.data)         whether a Lua filter lets it pass

A script that fails is a `ScriptFailed`, in words of its own. One that does not end in time or dies of its memory takes its
process along; the next script gets a new one, and the event is `Rejected("script_timeout")` or `Rejected("script_died")`.
Nothing of the pod is in reach of a script: no files, no environment, no network, no processes (fault F27 of Argo Events).

`workers` is the side of the sensor. `worker` is the other side: `gojson` reads and writes JSON as Go does, `jqprogram` and
`luascript` run the two languages, `lualibrary` is what a Lua script finds there, `frames` is what goes over the pipes.
"""

from sensor.scripts.frames import ScriptFailed
from sensor.scripts.workers import Workers, require

__all__ = ["ScriptFailed", "Workers", "require"]

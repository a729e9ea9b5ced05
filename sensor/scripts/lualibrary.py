"""What a Lua script finds: the library of gopher-lua 1.1, without everything that reaches out of the script.

LuaJIT's own functions are kept where they do the same. Numbers print as Go prints them, `string.format` is Go's, `tonumber`
reads what Go reads, errors carry a position where gopher-lua's do, `math.huge` is the largest number, and dates are in UTC.
The text is Lua: it runs in each fresh state, changes the globals and gives `run(source)`, `is_array(table)` and
`is_negative_zero(table, key)`.
"""

from sensor.scripts.luabase import BASE
from sensor.scripts.luastrings import STRINGS

_REST = r"""
-- table

local tables = {insert = table.insert, remove = table.remove, sort = table.sort, getn = length, maxn = length}

function tables.concat(t, separator, first, last)
  local pieces = {}
  local count = length(t)
  for i = raw.max(first or 1, 1), last and last < count and last or count do
    local value = t[i]
    if raw.type(value) ~= "string" and raw.type(value) ~= "number" then
      raw.error("invalid value (" .. raw.type(value) .. ") at index " .. i .. " in table for concat", 2)
    end
    pieces[#pieces + 1] = plain_text(value)
  end
  return raw.concat(pieces, separator and plain_text(separator) or "")
end

table = tables

-- math, os

local maths = {}
for _, name in ipairs({"abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod",
    "frexp", "ldexp", "log10", "max", "min", "modf", "pi", "pow", "rad", "random", "randomseed", "sin", "sinh", "sqrt",
    "tan", "tanh"}) do
  maths[name] = math[name]
end
maths.huge = 1.7976931348623157e308
maths.log = function(x) return raw.log(x) end
maths.mod = function(a, b) return a % b end
math = maths

local DATE = {A = "%A", b = "%b", B = "%B", c = "%d %b %y %H:%M UTC", d = "%d", F = "%Y-%m-%d", H = "%H", I = "%I", m = "%m",
  M = "%M", p = "%p", S = "%S", w = "%w", x = "%H/%M/%S", X = "%H:%M:%S", y = "%y", Y = "%Y"}

local function date(template, at)
  at = at or raw.time()
  template = raw.gsub(template or "%c", "^!+", "")
  if raw.sub(template, 1, 2) == "*t" then
    local parts = raw.date("!*t", at)
    parts.yday, parts.isdst = 0, false
    return parts
  end
  return (raw.gsub(template, "%%(.)", function(flag)
    if flag == "%" then return "%" end
    if flag == "a" then return "mon" end
    if flag == "P" then return raw.lower(raw.date("!%p", at)) end
    if flag == "z" then return "+0000" end
    if flag == "Z" then return "UTC" end
    return DATE[flag] and raw.date("!" .. DATE[flag], at) or "%" .. flag
  end))
end

local function time(parts)
  if parts == nil then return raw.time() end
  return raw.time({year = parts.year or -1, month = parts.month or -1, day = parts.day or -1, hour = parts.hour,
    min = parts.min, sec = parts.sec, isdst = false})
end

local clock = os.clock
os = {
  clock = clock, date = date, time = time, difftime = function(a, b) return a - b end, setlocale = function() return false end,
}
coroutine = {create = coroutine.create, yield = coroutine.yield, resume = coroutine.resume, running = coroutine.running,
  status = coroutine.status, wrap = coroutine.wrap}

print = function() end
collectgarbage = function() end
_VERSION = "Lua 5.1"
for _, name in ipairs({"bit", "debug", "dofile", "ffi", "gcinfo", "io", "jit", "loadfile", "module", "newproxy", "package",
    "python", "require", "rawlen"}) do
  _G[name] = nil
end

local function last(ok, ...)
  local count = raw.select("#", ...)
  if not ok then return false, plain_text((...)) end
  if count == 0 then return true, nil end
  return true, (raw.select(count, ...))
end

local function run(source)
  _text, _length = operand, count
  local chunk, why = raw.loadstring(source, "=<string>")
  if not chunk then return false, why end
  return last(raw.pcall(chunk))
end

local function is_array(value)
  local meta = raw.getmetatable(value)
  return meta ~= nil and raw.rawget(meta, "__is_array") == true
end

local function is_negative_zero(t, key)
  local value = raw.rawget(t, key)
  return value == 0 and 1/value < 0
end

return run, is_array, is_negative_zero
"""

LIBRARY = BASE + STRINGS + _REST

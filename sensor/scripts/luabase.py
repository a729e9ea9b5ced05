"""The first part of a Lua script's library: numbers as text, errors, loading, `tonumber`. The text is Lua."""

BASE = r"""
local change_case = ...
local raw = {
  error = error, pcall = pcall, loadstring = loadstring, tostring = tostring, type = type, select = select, next = next,
  getmetatable = debug.getmetatable, getinfo = debug.getinfo, rawget = rawget, rawset = rawset, unpack = unpack,
  format = string.format, find = string.find, byte = string.byte, sub = string.sub, gsub = string.gsub, rep = string.rep,
  match = string.match, lower = string.lower, upper = string.upper, concat = table.concat, date = os.date, time = os.time,
  floor = math.floor, log = math.log, max = math.max, abs = math.abs,
}

local function whole(n)
  return n == raw.floor(n) and n >= -9223372036854775808 and n < 9223372036854775808
end

-- Shortest digits that read back as the number: sign, digits, and the power of ten of the first digit.
local function digits_of(n)
  for precision = 0, 16 do
    local text = raw.format("%." .. precision .. "e", n)
    if tonumber(text) == n or precision == 16 then
      local sign, first, rest, power = raw.match(text, "^(%-?)(%d)%.?(%d*)e([+-]%d+)$")
      return sign, first .. raw.gsub(rest, "0+$", ""), tonumber(power)
    end
  end
end

local function shortest(n)
  if n ~= n then return "NaN" end
  if n == 1/0 then return "+Inf" end
  if n == -1/0 then return "-Inf" end
  if n == 0 then return 1/n < 0 and "-0" or "0" end
  local sign, digits, power = digits_of(n)
  if power < -4 or power >= 6 then
    local fraction = raw.sub(digits, 2)
    return sign .. raw.sub(digits, 1, 1) .. (fraction ~= "" and "." .. fraction or "") .. raw.format("e%+03d", power)
  end
  if power < 0 then return sign .. "0." .. raw.rep("0", -power - 1) .. digits end
  if #digits <= power + 1 then return sign .. digits .. raw.rep("0", power + 1 - #digits) end
  return sign .. raw.sub(digits, 1, power + 1) .. "." .. raw.sub(digits, power + 2)
end

local function number_text(n)
  if whole(n) then
    return n == 0 and "0" or raw.format("%.0f", n)
  end
  return shortest(n)
end

local function plain_text(value)
  local kind = raw.type(value)
  if kind == "number" then return number_text(value) end
  if kind == "string" then return value end
  return raw.tostring(value)
end

function tostring(...)
  if raw.select("#", ...) == 0 then raw.error("bad argument #1 to tostring (value expected)", 2) end
  local value = ...
  local meta = raw.getmetatable(value)
  if raw.type(value) == "table" and raw.type(meta) == "table" and raw.rawget(meta, "__tostring") then
    return raw.rawget(meta, "__tostring")(value)
  end
  return plain_text(value)
end

-- Where the script stands, `level` calls up; what is not Lua has no place and is passed over.
local function place(level)
  repeat
    level = level + 1
    local at = raw.getinfo(level, "Sl")
    if not at then return "" end
    if at.currentline > 0 and at.short_src ~= "library" then return at.short_src .. ":" .. at.currentline .. ": " end
  until false
end

function error(...)
  if raw.select("#", ...) == 0 then raw.error("bad argument #1 to error (value expected)", 2) end
  local value, level = ...
  level = level or 1
  if raw.type(value) == "string" and level > 0 then value = place(level + 1) .. value end
  raw.error(value, 0)
end

function assert(...)
  local value, text = ...
  if value then return ... end
  if text ~= nil and raw.type(text) ~= "string" and raw.type(text) ~= "number" then
    raw.error("bad argument #2 to assert (string expected, got " .. raw.type(text) .. ")", 2)
  end
  raw.error(place(2) .. (text == nil and "assertion failed!" or plain_text(text)), 0)
end

function rawset(t, key, value)
  raw.rawset(t, key, value)
end

-- The last index that holds something, whatever holes there are before it.
local function length(t)
  local most = 0
  for key in raw.next, t do
    if raw.type(key) == "number" and key > most and whole(key) then most = key end
  end
  return most
end

-- What `#` is in a script: as `length`, but an array without holes is not walked through.
local function count(value)
  if raw.type(value) == "string" then return #value end
  if raw.type(value) ~= "table" then raw.error(place(2) .. "__len undefined", 0) end
  local meta = raw.getmetatable(value)
  if raw.type(meta) == "table" and meta.__len then return meta.__len(value) end
  local most = #value
  local key = raw.next(value, most > 0 and most or nil)
  while key ~= nil do
    if raw.type(key) == "number" and key > most and whole(key) then most = key end
    key = raw.next(value, key)
  end
  return most
end

-- What `..` joins: numbers as Go prints them, all else as it is.
local function operand(value)
  return raw.type(value) == "number" and number_text(value) or value
end

function unpack(t, first, last)
  return raw.unpack(t, first or 1, last or length(t))
end

local function load_text(text, name)
  if raw.byte(text) == 27 then return nil, "only text can be loaded" end
  return raw.loadstring(text, "=" .. name)
end

function loadstring(text, name)
  if raw.type(text) ~= "string" then raw.error("bad argument #1 to loadstring (string expected)", 2) end
  return load_text(text, name or "<string>")
end

function load(reader, name)
  if raw.type(reader) ~= "function" then raw.error("bad argument #1 to load (function expected)", 2) end
  local pieces = {}
  for piece in reader do
    if piece == "" then break end
    pieces[#pieces + 1] = piece
  end
  return load_text(raw.concat(pieces), name or "?")
end

local function read_integer(text, base)
  local sign, body = raw.match(text, "^([+-]?)(%w+)$")
  if not body then return nil end
  local value = 0
  for i = 1, #body do
    local digit = raw.find("0123456789abcdefghijklmnopqrstuvwxyz", raw.lower(raw.sub(body, i, i)), 1, true)
    if not digit or digit > base then return nil end
    value = value * base + digit - 1
  end
  if value > 9223372036854775808 then return nil end
  return sign == "-" and -value or value
end

local raw_tonumber = tonumber
function tonumber(...)
  if raw.select("#", ...) == 0 then raw.error("bad argument #1 to tonumber (value expected)", 2) end
  local value, base = ...
  if raw.type(value) == "number" then return value end
  if raw.type(value) ~= "string" then return nil end
  local text = raw.match(value, "^[ \n\t]*(.-)[ \n\t]*$")
  if raw.find(text, ".", 1, true) then
    local plain = raw.gsub(text, "(%d)_(%d)", "%1%2")
    if raw.match(plain, "^[+-]?%d*%.%d*$") and raw.find(plain, "%d") then return raw_tonumber(plain) end
    if raw.match(plain, "^[+-]?%d*%.%d*[eE][+-]?%d+$") and raw.find(plain, "%d.*[eE]") then return raw_tonumber(plain) end
    return nil
  end
  if base == nil and raw.find(text, "^0[xX]") then return read_integer(raw.sub(text, 3), 16) end
  return read_integer(text, base or 10)
end
"""

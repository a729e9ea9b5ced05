"""The second part of a Lua script's library: `string`, with Go's formatting and Go's upper and lower case. The text is Lua."""

STRINGS = r"""
-- string

local strings = {}
for _, name in ipairs({"char", "gmatch", "len", "match", "reverse", "sub"}) do
  strings[name] = string[name]
end
strings.gfind = string.gmatch
strings.dump = function() raw.error("GopherLua does not support the string.dump", 2) end

function strings.rep(text, count)
  return raw.rep(text, count)
end

function strings.find(text, pattern, ...)
  if pattern == "" then return 1, 0 end
  return raw.find(text, pattern, ...)
end

function strings.gsub(text, pattern, replacement, most)
  -- What is no capture stands for itself, `%` included.
  if raw.type(replacement) == "string" then
    replacement = raw.gsub(replacement, "%%(.)", function(c)
      if c == "%" or raw.find(c, "%d") then return "%" .. c end
      return "%%" .. c
    end)
  end
  if most ~= nil and most <= 0 then most = nil end
  return raw.gsub(text, pattern, replacement, most)
end

function strings.byte(text, first, ...)
  if first == nil then return raw.byte(text, 1, -1) end
  return raw.byte(text, first, ...)
end

function strings.upper(text)
  text = plain_text(text)
  if raw.find(text, "[\128-\255]") then return change_case(text, true) end
  return raw.upper(text)
end

function strings.lower(text)
  text = plain_text(text)
  if raw.find(text, "[\128-\255]") then return change_case(text, false) end
  return raw.lower(text)
end

local function utf8_char(code)
  if code < 0 or code > 1114111 or (code >= 55296 and code < 57344) then return "\239\191\189" end
  if code < 128 then return string.char(code) end
  local tail, lead = "", 64
  while code >= lead do
    tail = string.char(128 + code % 64) .. tail
    code = raw.floor(code / 64)
    lead = lead == 64 and 32 or lead / 2
  end
  return string.char((256 - lead * 2) % 256 + code) .. tail
end

local ESCAPES = {["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\v"] = "\\v",
  ['"'] = '\\"', ["\\"] = "\\\\"}
local function go_quoted(text)
  return '"' .. raw.gsub(text, '[%c"\\\127]', function(c)
    return ESCAPES[c] or raw.format("\\x%02x", raw.byte(c))
  end) .. '"'
end

local function padded(text, flags, width)
  local _, continued = raw.gsub(text, "[\128-\191]", "")
  local missing = (width or 0) - (#text - continued)
  if missing <= 0 then return text end
  if raw.find(flags, "-", 1, true) then return text .. raw.rep(" ", missing) end
  if raw.find(flags, "0", 1, true) then
    local sign, rest = raw.match(text, "^([+-]?)(.*)$")
    return sign .. raw.rep("0", missing) .. rest
  end
  return raw.rep(" ", missing) .. text
end

local function first_characters(text, count)
  local at = 1
  while count > 0 and at <= #text do
    at = (raw.find(text, "[^\128-\191]", at + 1)) or #text + 1
    count = count - 1
  end
  return raw.sub(text, 1, at - 1)
end

local SHORT = {d = true, o = true, x = true, X = true}
local function formatted_integer(value, flags, width, precision, verb)
  value = value < 0 and -raw.floor(-value) or raw.floor(value)
  if verb == "c" then return padded(utf8_char(value), raw.gsub(flags, "0", ""), width) end
  if verb == "U" then return padded(raw.format("U+%04X", value), flags, width) end
  if verb == "b" then
    local bits, rest = "", raw.abs(value)
    repeat bits, rest = rest % 2 .. bits, raw.floor(rest / 2) until rest == 0
    return padded((value < 0 and "-" or "") .. bits, flags, width)
  end
  if SHORT[verb] and verb ~= "d" and value < 0 then
    local text = "-" .. raw.format("%" .. (raw.find(flags, "#", 1, true) and "#" or "") .. verb, -value)
    return padded(text, flags, width)
  end
  local spec = "%" .. flags .. (width or "") .. (precision and "." .. precision or "")
  if verb == "d" and raw.abs(value) >= 9007199254740992 then return padded(raw.format("%.0f", value), flags, width) end
  return raw.format(spec .. verb, value)
end

local function formatted_float(value, flags, width, precision, verb)
  if value ~= value or value == 1/0 or value == -1/0 then
    local text = shortest(value)
    if not raw.find(flags, "+", 1, true) then text = raw.gsub(text, "^%+", "") end
    if value == 1/0 then text = "+Inf" end
    return padded(text, raw.gsub(flags, "0", ""), width)
  end
  if verb == "F" then verb = "f" end
  if (verb == "g" or verb == "G") and not precision then
    local text = shortest(value)
    if value > 0 and raw.find(flags, "+", 1, true) then text = "+" .. text end
    return padded(verb == "G" and raw.upper(text) or text, flags, width)
  end
  return raw.format("%" .. flags .. (width or "") .. (precision and "." .. precision or "") .. verb, value)
end

local KINDS = {boolean = "lua.LBool", table = "*lua.LTable", ["function"] = "*lua.LFunction", ["nil"] = "*lua.LNilType"}
local function formatted(value, flags, width, precision, verb)
  local kind = raw.type(value)
  if kind == "number" then
    if verb == "i" then verb = "d" end
    if raw.find("bcdoxXU", verb, 1, true) then return formatted_integer(value, flags, width, precision, verb) end
    if raw.find("eEfFgG", verb, 1, true) then return formatted_float(value, flags, width, precision, verb) end
    if verb == "q" then return padded(go_quoted(number_text(value)), flags, width) end
    if verb == "s" or verb == "v" then
      local text = number_text(value)
      return padded(precision and first_characters(text, precision) or text, flags, width)
    end
    return "%!" .. verb .. "(" .. (whole(value) and "int64=" or "float64=") .. number_text(value) .. ")"
  end
  local text = kind == "string" and value or plain_text(value)
  if kind == "string" and (verb == "d" or verb == "i") then
    if raw_tonumber(text) == nil then return formatted_integer(0, flags, width, precision, "d") end
    verb = "s"
  end
  if verb == "s" or verb == "v" then
    return padded(precision and first_characters(text, precision) or text, flags, width)
  end
  if verb == "q" then return padded(go_quoted(text), flags, width) end
  if verb == "x" or verb == "X" then
    return (raw.gsub(text, ".", function(c) return raw.format(verb == "x" and "%02x" or "%02X", raw.byte(c)) end))
  end
  if kind == "boolean" and verb == "t" then return padded(text, flags, width) end
  return "%!" .. verb .. "(" .. (KINDS[kind] or "string") .. "=" .. text .. ")"
end

function strings.format(...)
  local template = ...
  if raw.type(template) ~= "string" and raw.type(template) ~= "number" then
    raw.error("bad argument #1 to format (string expected, got " .. raw.type(template) .. ")", 2)
  end
  local arguments, count, used = {...}, raw.select("#", ...), 1
  return (raw.gsub(plain_text(template), "%%([-+# 0]*)(%d*)(%.?)(%d*)(.?)", function(flags, width, dot, precision, verb)
    if verb == "%" then return "%" end
    if verb == "" then return "%!(NOVERB)" end
    used = used + 1
    if used > count then return "%!" .. verb .. "(MISSING)" end
    precision = dot == "." and (raw_tonumber(precision) or 0) or nil
    return formatted(arguments[used], flags, raw_tonumber(width), precision, verb)
  end))
end

strings.__index = strings
raw.getmetatable("").__index = strings
string = strings
"""

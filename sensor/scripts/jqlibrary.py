"""What stands in front of each jq program: functions as gojq has them, where libjq has none, others, or none like them.

Source: what gojq 0.12.19 answers, and https://github.com/itchyny/gojq#difference-to-jq. The text is jq.
"""

# Objects are in the order of their keys, and texts have an index (see `jqsource`).
_ORDER = r"""
def __each: if type == "object" then .[keys[]] else .[] end;
def __at($i): if type != "string" then .[$i]
  else (if $i == -1 then .[-1:] else .[$i:$i + 1] end) | if . == "" then null else . end end;
def __listed: if type == "object" then [__each] else . end;
def __join($s): join($s);
def __flatten($n): flatten($n);
def map(f): [__each | f];
def recurse: def r: ., (__each? | r); r;
def add: reduce __each as $x (null; . + $x);
def join($s): __listed | __join($s);
def flatten($n): __listed | __flatten($n);
def flatten: flatten(1e9);
def paths: path(recurse) | select(. != []);
def paths(f): path(recurse | select(f)) | select(. != []);
def tostream: path(def r: (__each? | r), .; r) as $p | getpath($p) | reduce path(__each?) as $q ([$p, .]; [$p + $q]);
def to_entries: [keys[] as $k | {key: $k, value: .[$k]}];
def with_entries(f): to_entries | map(f) | from_entries;
def first: __at(0);
def last: __at(-1);
def nth($n): __at($n);
"""

# Numbers print as Go prints them: an exponent only from 1e21 on and below 1e-6.
_TEXTS = r"""
def __number: tojson | if contains("e") | not then . else
    capture("^(?<sign>-?)(?<first>.)\\.?(?<rest>[0-9]*)e(?<power>[+-][0-9]+)$") as $n | ($n.power | tonumber) as $p
    | if $p >= 21 or $p < -6 then $n.sign + $n.first + (if $n.rest == "" then "" else "." + $n.rest end)
        + "e" + $n.power[:1] + (if $p < 0 then -$p else $p end | tojson)
      elif $p < 0 then $n.sign + "0." + ("0" * (-1 - $p) // "") + $n.first + $n.rest
      else $n.sign + $n.first + $n.rest + ("0" * ($p - ($n.rest | length)) // "") end
  end;
def __sorted: if type == "object" then . as $o | reduce keys[] as $k ({}; .[$k] = ($o[$k] | __sorted))
  elif type == "array" then map(__sorted) elif type == "number" then . + 0 else . end;
def __exactly: if type == "object" then "{" + ([keys[] as $k | ($k | tojson) + ":" + (.[$k] | __exactly)] | join(",")) + "}"
  elif type == "array" then "[" + (map(__exactly) | join(",")) + "]"
  elif type == "number" and . == . then __number else tojson end;
def __tojson: __sorted as $v | $v | tojson | if test("[0-9]e[+-][0-9]") then $v | __exactly else . end;
def __format(f): format(f);
def tojson: __tojson;
def tostring: if type == "string" then . else tojson end;
def format($f): if $f == "json" then tojson elif $f == "csv" or $f == "tsv" or $f == "sh" then __format($f)
  else tostring | __format($f) end;
"""

_CHECKED = r"""
def __reverse: reverse;
def reverse: if type != "array" then error("reverse cannot be applied to: \(type)") else __reverse end;
def __tonumber: tonumber;
def tonumber: if type == "string" and test("^[+-]?[ni]"; "i") then error("tonumber cannot be applied to: \(.)")
  else __tonumber end;
def abs: if type != "number" then error("abs cannot be applied to: \(type)") elif . < 0 then -. else . end;
def __isnan: isnan;
def isnan: if type == "number" then __isnan elif . == null then false else error("isnan cannot be applied to: \(type)") end;
def gamma: tgamma;
def modulemeta: error("modulemeta: there are no modules");
def __searched($x): if type == "array" or . == null or type == "string" and ($x | type) == "string" then .
  else error("cannot be searched: \(type)") end;
def __indices($x): indices($x);
def __index($x): index($x);
def __rindex($x): rindex($x);
def indices($x): __searched($x) | __indices($x);
def index($x): __searched($x) | __index($x);
def rindex($x): __searched($x) | __rindex($x);
def __transpose: transpose;
def transpose: if type != "array" then error("transpose cannot be applied to: \(type)") else __transpose end;
def __split($s): split($s);
def split($s): if . == "" and ($s | type) == "string" and $s != "" then [""] else __split($s) end;
"""

_DATES = r"""
def __strftime(f): strftime(f);
def strftime($f): __strftime($f | gsub("%Z"; "UTC"));
def __offset: (capture("(?<sign>[+-])(?<h>[0-9]{2}):?(?<m>[0-9]{2})$")? // null) as $zone
  | if $zone == null then null
    else ("\($zone.sign)60" | tonumber) * (($zone.h | tonumber) * 60 + ($zone.m | tonumber)) end;
def __strptime($f): strptime($f);
def strptime($f): if type == "string" and ($f | endswith("%z")) then __offset as $offset
  | __strptime($f) | if $offset == null then . else mktime - $offset | gmtime end else __strptime($f) end;
def __fromdate: fromdateiso8601;
def fromdateiso8601: (if type == "string" then __offset else null end) as $offset
  | if $offset == null then __fromdate else (sub("[+-][0-9]{2}:?[0-9]{2}$"; "Z") | __fromdate) - $offset end;
def fromdate: fromdateiso8601;
"""

# Go's patterns have no lookaround, no back references and no comments; of the flags there are these three, and `m` lets a
# dot match a line feed.
_PATTERNS = r"""
def __pattern($re; $flags):
  if ($re | type) != "string" or ($flags != null and ($flags | type) != "string") then error("match cannot be applied")
  elif $flags != null and ($flags | test("[^gim]")) then error("unsupported regular expression flag: \($flags)")
  elif $re | test("(^|[^\\\\])(\\\\\\\\)*(\\(\\?([=!>#]|<[=!])|\\\\[1-9hHRXKGZ])")
    then error("invalid regular expression: \($re)")
  elif $flags != null and ($flags | contains("m")) then "(?s)" + $re else $re end;
def __flags($flags): if $flags == null then null else $flags | gsub("m"; "") end;
def __match($re; $flags): match($re; $flags);
def __test($re; $flags): test($re; $flags);
def __capture($re; $flags): capture($re; $flags);
def __scan($re; $flags): scan($re; $flags);
def __split($re; $flags): split($re; $flags);
def __splits($re; $flags): splits($re; $flags);
def __sub($re; f; $flags): sub($re; f; $flags);
def match($re; $flags): __match(__pattern($re; $flags); __flags($flags));
def match($re): match($re; null);
def test($re; $flags): __test(__pattern($re; $flags); __flags($flags));
def test($re): test($re; null);
def capture($re; $flags): __capture(__pattern($re; $flags); __flags($flags));
def capture($re): capture($re; null);
def scan($re; $flags): __scan(__pattern($re; $flags); __flags($flags));
def scan($re): scan($re; null);
def split($re; $flags): __split(__pattern($re; $flags); __flags($flags));
def splits($re; $flags): __splits(__pattern($re; $flags); __flags($flags));
def splits($re): splits($re; null);
def sub($re; f; $flags): __sub(__pattern($re; $flags); f; __flags($flags));
def sub($re; f): sub($re; f; "");
def gsub($re; f; $flags): sub($re; f; $flags + "g");
def gsub($re; f): sub($re; f; "g");
"""

LIBRARY = _ORDER + _TEXTS + _CHECKED + _DATES + _PATTERNS

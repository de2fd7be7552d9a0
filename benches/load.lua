-- What wrk sends: prepared requests, in turn.
--
-- wrk -s load.lua URL -- PAUSE once|again|count FILE WIDTH COUNT
--   PAUSE  milliseconds that each connection waits before its next request, on average: were it always as long, answers that
--          came together would be followed by requests that come together
--   once   FILE.<thread> holds requests that are good once
--   again  FILE holds requests that may be sent any number of times
--   count  FILE holds one request, in which a run of '@' stands for a number below COUNT, of WIDTH digits

local threads = {}

function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Each request is its length in a line, then its bytes.
local function parse(text)
  local list, at = {}, 1
  while at <= #text do
    local stop = text:find("\n", at, true)
    local length = tonumber(text:sub(at, stop - 1))
    list[#list + 1] = text:sub(stop + 1, stop + length)
    at = stop + length + 1
  end
  return list
end

function init(args)
  sent, spent = 0, 0
  local pause = tonumber(table.remove(args, 1))
  math.randomseed(id)
  if pause > 0 then delay = function() return math.random(0, 2 * pause) end end
  mode = args[1]
  if mode == "count" then
    local width = args[3]
    local head, tail = read(args[2]):match("^(.-)" .. ("@"):rep(tonumber(width)) .. "(.*)$")
    local format, count = "%0" .. width .. "d", tonumber(args[4])
    -- Each thread has every second number, so that none is sent twice.
    request = function()
      local number = (sent * 2 + id) % count
      sent = sent + 1
      return head .. format:format(number) .. tail
    end
  else
    local list = parse(read(mode == "once" and args[2] .. "." .. id or args[2]))
    local count = #list
    request = function()
      sent = sent + 1
      if mode == "once" and sent > count then spent = 1 end
      return list[(sent - 1) % count + 1]
    end
  end
end

function done(summary, latency, requests)
  local spent = 0
  for _, thread in ipairs(threads) do spent = spent + thread:get("spent") end
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"micros":%d,"p50":%d,"p99":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,"spent":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout, spent))
end

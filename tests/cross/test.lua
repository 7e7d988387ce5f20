-- SPDX-License-Identifier: GPL-2.0-or-later
-- Integers, floats, strings, tables, closures, coroutines, errors, packing.
local t, s = {}, 0
for i = 1, 20000 do
    t[i] = (i * 7919) % 10007
    s = s + t[i] * i
end
print(s, #t, math.type(s), 7 // 2, -7 // 2, 7 % -3, 2 ^ 53, 1e15, 1 / 3, 0x7fffffffffffffff + 1)
table.sort(t)
print(t[1], t[100], t[20000], select("#", table.unpack(t, 1, 50)))
local words = {}
for w in ("the quick brown fox jumps over the lazy dog the end"):gmatch("%a+") do
    words[w] = (words[w] or 0) + 1
end
local keys = {}
for k, v in pairs(words) do
    keys[#keys + 1] = k .. "=" .. v
end
table.sort(keys)
print(table.concat(keys, " "))
print(("x"):rep(10), ("hello"):upper():reverse(), ("%5.2f|%-6s|%x|%q"):format(math.pi, "ab", 255, "a\nb"))
print(string.pack(">i4 <i8 z s2 d", 1, -2, "zero", "two", 1.5):byte(1, -1))
print(string.unpack("<d", string.pack("<d", -0.1)))
local co = coroutine.wrap(function(a)
    for i = 1, 3 do
        a = coroutine.yield(a * i)
    end
    error({code = 42})
end)
print(co(5), co(6), co(7))
print(select("#", pcall(co, 8)))
print(pcall(error, "message", 0), select(2, pcall(function() return nil + 1 end)))
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
print(fib(22), math.sin(1), math.exp(1), math.log(10), math.sqrt(2), math.fmod(7, 3), math.tointeger(3.0))
local mt = setmetatable({}, {__index = function(_, k) return k .. "!" end, __add = function() return "sum" end,
    __close = function() print("closed") end, __gc = function() end})
do
    local c <close> = mt
    print(mt.key, mt + 1)
end
collectgarbage()
print(utf8.char(228, 8364, 0x10ffff), utf8.len("äöü"), os.time({year = 2020, month = 1, day = 2, hour = 12}) > 0)
local f = assert(io.open("lua.txt", "w"))
f:write("one\n", 2, "\n", 3.5, "\n")
f:close()
for l in io.lines("lua.txt") do io.write(l, ";") end
print(io.open("/nonexistent"))
print(os.execute("exit 3"))
print(io.popen("echo from a pipe"):read("a"))
for i = 1, 64, 9 do io.write(1 << i, " ", ~i, " ", 5 ~ i, " ") end
print(load("return 1 + ...")(41), string.format("%a", 0.1))

-- SPDX-License-Identifier: GPL-2.0-or-later
local words, list = {}, {}
for i = 1, 1500000 do
    local w = "w" .. (i * 7919 % 5003)
    words[w] = (words[w] or 0) + i
end
for w, n in pairs(words) do
    list[#list + 1] = {word = w, n = n}
end
table.sort(list, function(a, b) return a.n < b.n end)
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
local sieve, primes = {}, 0
for i = 2, 1500000 do
    if not sieve[i] then
        primes = primes + 1
        for k = i * i, 1500000, i do sieve[k] = true end
    end
end
local text = string.rep("the quick brown fox ", 30000)
local count = select(2, text:gsub("%w+", string.upper))
local x = 0.0
for i = 1, 9000000 do x = x * 0.5 + i % 7 end
print(#list, list[1].word, fib(30), primes, count, x)

# SPDX-License-Identifier: GPL-2.0-or-later
import json
import re


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def move(self, d):
        return Point(self.x + d, self.y - d)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


words = {}
for i in range(1500000):
    w = "w%d" % (i * 7919 % 5003)
    words[w] = words.get(w, 0) + 1
p = Point(0, 1.5)
for i in range(1500000):
    p = p.move(i % 3)
document = {"a": [{"id": i, "name": "n%d" % i, "v": i * 0.5} for i in range(6000)]}
for i in range(10):
    text = json.dumps(document)
    document = json.loads(text)
pattern = re.compile(r'"name": "n(\d+)7"')
found = sum(int(m) for i in range(20) for m in pattern.findall(text))
primes = [n for n in range(2, 30000) if all(n % d for d in range(2, int(n ** 0.5) + 1))]
items = sorted(words.items(), key=lambda t: (-t[1], t[0]))
print(items[0], p.x, p.y, fib(27), len(text), found, len(primes))

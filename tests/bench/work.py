# SPDX-License-Identifier: GPL-2.0-or-later
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def move(self, d):
        return Point(self.x + d, self.y - d)


words = {}
for i in range(120000):
    w = "w%d" % (i * 7919 % 5003)
    words[w] = words.get(w, 0) + 1
p = Point(0, 1.5)
for i in range(150000):
    p = p.move(i % 3)
items = sorted(words.items(), key=lambda t: (-t[1], t[0]))
primes = [n for n in range(2, 8000) if all(n % d for d in range(2, int(n ** 0.5) + 1))]
text = "".join(chr(97 + i % 26) for i in range(200000))
print(items[0], p.x, p.y, len(primes), text.count("abc"), len(text.upper().split("M")))

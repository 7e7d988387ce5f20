#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random instruction words for every pattern of a decode table, as C.

usage: words.py TABLE.decode COUNT [SEED]

Prints {0xWORD, "NAME"}, lines.  General registers are limited to what the
test program sets up: X1 is the base of loads and stores, X2 the post-index
register, X2..X15 and XZR the rest.
"""
import random
import re
import sys

GENERAL = {"DUP_gen": "rn", "INS_gen": "rn", "UMOV": "rd", "SMOV": "rd"}


def patterns(path):
    runs = {"rd": "rn:5 rd:5", "rmd": "rm:5 rn:5 rd:5"}
    for line in open(path):
        words = line.split("#")[0].split()
        if not words or words[0] in "{}":
            continue
        if words[0][0] == "%":
            runs[words[0][1:]] = " ".join(words[1:])
            continue
        if "->" in words:
            words = words[: words.index("->")]
        bits = []
        for word in words[1:]:
            bits += runs[word[1:]].split() if word[0] == "%" else [word]
        yield words[0], [w for w in bits if "=" not in w]


def sample(name, bits):
    word = 0
    for part in bits:
        if re.fullmatch("[01x]+", part):
            for c in part:
                word = word << 1 | (random.getrandbits(1) if c == "x" else int(c))
            continue
        field, _, width = part.partition(":")
        width = int(width or 1)
        value = random.getrandbits(width)
        memory = "multiple" in name or "single" in name
        if field == "rn" and memory:
            value = 1
        elif field == "rm" and memory:
            value = random.choice((2, 31))
        elif field == GENERAL.get(name):
            value = random.choice((*range(2, 16), 31))
        elif width == 5 and random.random() < 0.3:
            value = random.randrange(4)  # so that operands are often the same
        word = word << width | value
    return word


def main():
    random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    for name, bits in patterns(sys.argv[1]):
        free = sum(len(p) if set(p) <= set("01x") else int((p + ":1").split(":")[1]) for p in bits)
        assert free == 32, (name, free)
        for _ in range(int(sys.argv[2])):
            print('{0x%08x, "%s"},' % (sample(name, bits), name))


main()

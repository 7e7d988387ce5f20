/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Framing: GDB manual, "Overview" of the remote protocol. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "runner/gdb/server.h"

void reply_text(struct reply *r, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    int n = vsnprintf(r->text + r->len, sizeof r->text - r->len, format, ap);
    va_end(ap);
    r->len += n;
    if (r->len >= sizeof r->text)
        r->len = sizeof r->text - 1;
}

void reply_hex(struct reply *r, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = bytes;

    for (size_t i = 0; i < n && r->len + 2 < sizeof r->text; i++) {
        r->text[r->len++] = digits[p[i] >> 4];
        r->text[r->len++] = digits[p[i] & 15];
    }
}

void reply_binary(struct reply *r, const void *bytes, size_t n)
{
    const char *p = bytes;

    for (size_t i = 0; i < n && r->len + 2 < sizeof r->text; i++) {
        if (memchr("#$}*", p[i], 4)) {
            r->text[r->len++] = '}';
            r->text[r->len++] = (char)(p[i] ^ 0x20);
        } else {
            r->text[r->len++] = p[i];
        }
    }
}

void reply_part(struct reply *r, const char *range, const void *object, size_t size)
{
    char *end;
    size_t offset = strtoul(range, &end, 16);
    size_t n = *end == ',' ? strtoul(end + 1, NULL, 16) : 0;

    if (offset > size)
        offset = size;
    if (n > size - offset)
        n = size - offset;
    if (n > PACKET_MAX / 2)
        n = PACKET_MAX / 2;
    reply_text(r, "%c", offset + n < size ? 'm' : 'l');
    reply_binary(r, (const char *)object + offset, n);
}

static int get(int fd)
{
    unsigned char c;
    ssize_t n;

    do
        n = recv(fd, &c, 1, 0);
    while (n < 0 && errno == EINTR);
    return n == 1 ? c : -1;
}

static bool send_all(int fd, const char *text, size_t n)
{
    while (n) {
        ssize_t done = send(fd, text, n, MSG_NOSIGNAL);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        text += done;
        n -= (size_t)done;
    }
    return true;
}

static int digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int packet_read(int fd, bool ack, char *text, size_t size)
{
    for (;;) {
        int c = get(fd);
        uint8_t sum = 0;
        size_t n = 0;

        if (c < 0)
            return -1;
        if (c == 3) {
            strcpy(text, "\3");
            return 1;
        }
        if (c != '$')
            continue; /* acknowledgements, noise */
        while ((c = get(fd)) >= 0 && c != '#') {
            sum += c;
            if (c == '}') {
                if ((c = get(fd)) < 0)
                    return -1;
                sum += c;
                c ^= 0x20;
            }
            if (n + 1 < size)
                text[n++] = (char)c;
        }
        int high = c < 0 ? -1 : get(fd), low = c < 0 ? -1 : get(fd);
        if (low < 0)
            return -1;
        text[n] = 0;
        if (!ack)
            return (int)n;
        if (digit(high) * 16 + digit(low) == sum)
            return send_all(fd, "+", 1) ? (int)n : -1;
        send_all(fd, "-", 1);
    }
}

bool packet_send(int fd, bool ack, const char *text, size_t len)
{
    uint8_t sum = 0;
    char end[4];
    int c;

    for (size_t i = 0; i < len; i++)
        sum += (uint8_t)text[i];
    snprintf(end, sizeof end, "#%02x", sum);
    do {
        if (!send_all(fd, "$", 1) || !send_all(fd, text, len) || !send_all(fd, end, 3))
            return false;
        if (!ack)
            return true;
        do
            c = get(fd);
        while (c >= 0 && c != '+' && c != '-');
    } while (c == '-');
    return c == '+';
}

size_t hex_read(const char *hex, uint8_t *out, size_t max)
{
    size_t n = 0;

    while (n < max && digit(hex[2 * n]) >= 0 && digit(hex[2 * n + 1]) >= 0) {
        out[n] = (uint8_t)(digit(hex[2 * n]) << 4 | digit(hex[2 * n + 1]));
        n++;
    }
    return n;
}

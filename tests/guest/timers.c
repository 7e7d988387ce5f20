/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks, sleeping, interval and POSIX timers. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t count, value;
static void expired(int sig, siginfo_t *si, void *uc)
{
    (void)sig;
    (void)uc;
    count++;
    value = si->si_value.sival_int + 1000 * (si->si_code == SI_TIMER);
}
static volatile int thread_fired;
static void in_thread(union sigval v)
{
    thread_fired = v.sival_int;
}
static double since(struct timespec a)
{
    struct timespec b;
    clock_gettime(CLOCK_MONOTONIC, &b);
    return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9;
}

int main(void)
{
    struct timespec t, u, start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    clock_gettime(CLOCK_REALTIME, &t);
    struct timeval tv;
    gettimeofday(&tv, NULL);
    printf("agree %d %d\n", llabs((long long)(tv.tv_sec - t.tv_sec)) <= 1,
           llabs((long long)(time(NULL) - t.tv_sec)) <= 1);
    for (int c = 0; c < 12; c++)
        printf("%d", clock_gettime(c, &t) == 0);
    printf(" %d\n", clock_gettime(99, &t) == -1 && errno == EINVAL);
    int r = clock_getres(CLOCK_MONOTONIC, &t);
    printf("res %d %ld\n", r, t.tv_nsec);
    t = (struct timespec){0, 30000000};
    r = nanosleep(&t, NULL);
    printf("sleep %d %d\n", r, since(start) >= 0.03);
    r = nanosleep(&(struct timespec){0, 1000000000}, NULL);
    printf("bad sleep %d %d\n", r, errno == EINVAL);
    clock_gettime(CLOCK_MONOTONIC, &u);
    u.tv_nsec += 20000000;
    if (u.tv_nsec >= 1000000000)
        u.tv_sec++, u.tv_nsec -= 1000000000;
    printf("absolute %d\n", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &u, NULL));

    struct sigaction sa = {.sa_sigaction = expired, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN + 1, &sa, NULL);
    sigaction(SIGALRM, &sa, NULL);
    sigaction(SIGVTALRM, &sa, NULL);
    timer_t id;
    struct sigevent ev = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 42};
    printf("create %d\n", timer_create(CLOCK_MONOTONIC, &ev, &id));
    struct itimerspec its = {{0, 5000000}, {0, 5000000}}, now;
    timer_settime(id, 0, &its, NULL);
    while (count < 4)
        pause();
    printf("value %d\n", value);
    timer_gettime(id, &now);
    printf("interval %ld\n", now.it_interval.tv_nsec);
    r = timer_delete(id);
    printf("delete %d", r);
    printf(" %d\n", timer_delete(id));

    ev = (struct sigevent){.sigev_notify = SIGEV_THREAD,
                           .sigev_notify_function = in_thread,
                           .sigev_value.sival_int = 17};
    timer_create(CLOCK_REALTIME, &ev, &id);
    its = (struct itimerspec){{0, 0}, {0, 1000000}};
    timer_settime(id, 0, &its, NULL);
    for (int i = 0; i < 1000 && !thread_fired; i++)
        usleep(1000);
    printf("thread %d\n", thread_fired);
    timer_delete(id);

    ev = (struct sigevent){
        .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 5};
    ev._sigev_un._tid = (int)syscall(SYS_gettid);
    count = 0;
    printf("to thread %d\n", timer_create(CLOCK_MONOTONIC, &ev, &id));
    timer_settime(id, 0, &its, NULL);
    while (!count)
        usleep(1000);
    printf("value %d\n", value);

    count = 0;
    struct itimerval it = {{0, 2000}, {0, 2000}}, old;
    setitimer(ITIMER_REAL, &it, NULL);
    while (count < 5)
        pause();
    memset(&it, 0, sizeof it);
    setitimer(ITIMER_REAL, &it, &old);
    printf("itimer %ld\n", (long)old.it_interval.tv_usec);
    count = 0;
    it.it_value.tv_usec = 20000;
    setitimer(ITIMER_VIRTUAL, &it, NULL);
    for (volatile uint64_t i = 0; !count; i++)
        ;
    printf("virtual %d\n", count);
    printf("alarm %u", alarm(10));
    printf(" %u\n", alarm(0));

    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    its = (struct itimerspec){{0, 1000000}, {0, 1000000}};
    timerfd_settime(fd, 0, &its, NULL);
    uint64_t n, total = 0;
    for (int i = 0; i < 3; i++) {
        read(fd, &n, sizeof n);
        total += n;
    }
    printf("timerfd %d\n", total >= 3);

    struct rusage ru;
    struct tms tms;
    r = getrusage(RUSAGE_SELF, &ru);
    printf("usage %d %d\n", r, ru.ru_maxrss > 0);
    printf("times %d\n", times(&tms) != (clock_t)-1);
    struct timex tx = {0};
    r = adjtimex(&tx);
    printf("adjtimex %d\n", r >= 0 && tx.tick > 9000);
    return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* C++ exceptions through many frames, destructors, rethrow, threads, and the
 * standard containers. */
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

static std::atomic<int> alive;
struct guard {
    int id;
    explicit guard(int i) : id(i)
    {
        alive++;
    }
    ~guard()
    {
        alive--;
    }
};
struct base {
    virtual ~base()
    {
    }
    virtual int f(int x)
    {
        return x;
    }
};
struct derived : base {
    int f(int x) override
    {
        return x * 3;
    }
};
struct other : virtual base {
    int f(int x) override
    {
        return x - 1;
    }
};

static int __attribute__((noinline)) dive(int n, int mode)
{
    guard g(n);
    if (n == 0) {
        if (mode == 0)
            throw std::runtime_error("bottom");
        if (mode == 1)
            throw 42;
        if (mode == 2)
            throw std::string("text");
        if (mode == 3)
            return std::vector<int>(3).at(7);
    }
    try {
        return dive(n - 1, mode) + 1;
    } catch (const std::runtime_error &) {
        if (n % 3 == 0)
            throw;
        throw std::runtime_error("again");
    }
}

static int caught(int n, int mode)
{
    try {
        return dive(n, mode);
    } catch (const std::runtime_error &e) {
        return 1 + (e.what()[0] == 'b');
    } catch (int i) {
        return i;
    } catch (const std::out_of_range &) {
        return 77;
    } catch (...) {
        return 99;
    }
}

int main()
{
    for (int i = 0; i < 40; i++)
        printf("%d %d\n", caught(i, i % 4), alive.load());
    std::vector<std::thread> threads;
    std::atomic<long> total{0};
    std::mutex m;
    std::map<int, int> shared;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; i++) {
                total += caught(i % 10, (i + t) % 4);
                std::lock_guard<std::mutex> l(m);
                shared[i % 17]++;
            }
        });
    for (auto &t : threads)
        t.join();
    printf("%ld\n", total.load());
    for (auto &p : shared)
        printf("%d:%d ", p.first, p.second);
    std::unordered_map<std::string, double> u;
    std::istringstream in("the quick brown fox jumps over the lazy dog the end");
    std::string w;
    while (in >> w)
        u[w] += 1.5;
    std::vector<std::pair<std::string, double>> v(u.begin(), u.end());
    std::sort(v.begin(), v.end());
    for (auto &p : v)
        std::cout << p.first << '=' << p.second << ' ';
    std::cout << '\n'
              << std::regex_replace(std::string("a1b22c333"), std::regex("[0-9]+"), "<$&>") << '\n';
    std::unique_ptr<base> p[3] = {std::make_unique<base>(), std::make_unique<derived>(),
                                  std::make_unique<other>()};
    int x = 5;
    for (int i = 0; i < 30; i++)
        x = p[i % 3]->f(x) % 1000;
    std::function<int(int)> f = [&](int n) { return n < 2 ? n : f(n - 1) + f(n - 2); };
    std::cout << x << ' ' << f(15) << ' ' << (dynamic_cast<derived *>(p[1].get()) != nullptr)
              << std::endl;
    try {
        dive(3, 1);
    } catch (long) {
    } catch (int) {
    }
    return alive;
}

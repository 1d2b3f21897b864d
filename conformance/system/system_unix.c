// SPDX-License-Identifier: Apache-2.0
// What the faulty implementations and the shapes need of Unix.
#include "conformance/system/system.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { SECOND_NS = 1000000000 };

void system_lock_take(struct system_lock *lock)
{
    (void)pthread_mutex_lock(&lock->mutex);
}

bool system_lock_try(struct system_lock *lock)
{
    return pthread_mutex_trylock(&lock->mutex) == 0;
}

void system_lock_release(struct system_lock *lock)
{
    (void)pthread_mutex_unlock(&lock->mutex);
}

uint64_t system_now_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

void system_sleep(uint64_t ns)
{
    struct timespec time = {.tv_sec = (time_t)(ns / SECOND_NS), .tv_nsec = (long)(ns % SECOND_NS)};
    (void)nanosleep(&time, NULL);
}

void system_yield(void)
{
    (void)sched_yield();
}

_Noreturn void system_hang(void)
{
    for (;;)
        (void)pause();
}

struct work {
    void (*work)(void *argument);
    void *argument;
};

static void *do_work(void *argument)
{
    const struct work *work = argument;
    work->work(work->argument);
    return NULL;
}

bool system_work_in_thread(void (*work)(void *argument), void *argument)
{
    struct work what = {work, argument};
    pthread_t thread;
    if (pthread_create(&thread, NULL, do_work, &what) != 0)
        return false;
    (void)pthread_join(thread, NULL);
    return true;
}

static void *wait_for_ever(void *unused)
{
    (void)unused;
    system_hang();
}

void system_leave_thread(void)
{
    enum { SMALL_STACK = 65536 };
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) != 0)
        return;
    (void)pthread_attr_setstacksize(&attributes, SMALL_STACK);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)pthread_create(&thread, &attributes, wait_for_ever, NULL);
    (void)pthread_attr_destroy(&attributes);
}

_Noreturn void system_end_thread(void)
{
    pthread_exit(NULL);
}

void system_kill_process(void)
{
    (void)kill(getpid(), SIGKILL);
}

void system_misalign(void)
{
    (void)raise(SIGBUS);
}

void *system_pages_take(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void system_pages_release(void *pages, size_t size)
{
    (void)munmap(pages, size);
}

void system_leave_guarded_page(void)
{
    enum { PAGE = 4096 };
    unsigned char *pages = system_pages_take((size_t)2 * PAGE);
    if (pages)
        (void)mprotect(pages + PAGE, PAGE, PROT_NONE);
}

bool system_leave_handle(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0;
}

void system_close_handles(unsigned first, unsigned last)
{
    (void)close_range(first, last, 0);
}

void system_close_standard_input(void)
{
    (void)close(STDIN_FILENO);
}

void system_redirect_standard_error(void)
{
    int log = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (log >= 0) {
        (void)dup2(log, STDERR_FILENO);
        (void)close(log);
    }
}

void system_reset_handler(void)
{
    (void)signal(SIGUSR1, SIG_DFL);
}

bool system_leave_directory(void)
{
    return chdir("/") == 0;
}

// SPDX-License-Identifier: Apache-2.0
// Attacks on the host's own process: its end, its signals, its environment, its time.
#include "tests/hostile/hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

// ---- Its end

void attack_exits_with_zero(const struct asked *asked)
{
    (void)asked;
    _exit(0);
}

void attack_exits_quickly(const struct asked *asked)
{
    (void)asked;
    quick_exit(0);
}

// The statuses with which the host itself says what became of it.
void attack_exits_as_host_does(const struct asked *asked)
{
    static atomic_int calls;
    (void)asked;
    _exit(112 + (atomic_fetch_add(&calls, 1) + (int)getpid()) % 4);
}

static void hang(void)
{
    for (;;)
        pause();
}

void attack_hangs_at_exit(const struct asked *asked)
{
    (void)asked;
    atexit(hang);
    exit(0);
}

void attack_cancels_caller(const struct asked *asked)
{
    (void)asked;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    pthread_cancel(pthread_self());
}

static void hang_in_destructor(void *value)
{
    (void)value;
    hang();
}

// The thread that called can't end.
void attack_hangs_in_thread_destructor(const struct asked *asked)
{
    static pthread_key_t key;
    static atomic_flag begun = ATOMIC_FLAG_INIT;
    (void)asked;
    if (!atomic_flag_test_and_set(&begun))
        pthread_key_create(&key, hang_in_destructor);
    pthread_setspecific(key, &key);
}

// Each time by another one, in turn; it is in none of them a fault of memory.
void attack_dies_by_each_signal(const struct asked *asked)
{
    int number = 1 + (int)(getpid() % 64);
    (void)asked;
    if (number != SIGSTOP && number != SIGTSTP && number != SIGTTIN && number != SIGTTOU) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

void attack_stops_itself_by_terminal_signal(const struct asked *asked)
{
    (void)asked;
    raise(SIGTSTP);
    raise(SIGTTIN);
    kill(getpid(), SIGSTOP);
}

// It goes on after a second: neither ended nor hung.
void attack_stops_for_a_second(const struct asked *asked)
{
    pid_t self = getpid();
    (void)asked;
    if (fork() == 0) {
        sleep_ms(1000);
        kill(self, SIGCONT);
        _exit(0);
    }
    raise(SIGSTOP);
}

void attack_hangs_while_loading(const struct asked *asked)
{
    (void)asked;
    for (int number = 1; number < 65; number++)
        signal(number, SIG_IGN);
    hang();
}

// ---- Hanging at a time when nobody expects it any more

static bool is_second_scenario(void)
{
    char path[512];
    char text[8192];
    snprintf(path, sizeof path, "%s", getenv("ISCSIDSC_SESSION_TABLE"));
    return read_text(path, text, sizeof text) > 0 && strstr(text, "iqn.") == NULL;
}

void attack_hangs_in_second_scenario(const struct asked *asked)
{
    (void)asked;
    if (is_second_scenario())
        hang();
}

void attack_hangs_once_in_a_while(const struct asked *asked)
{
    static atomic_int calls;
    (void)asked;
    if (atomic_fetch_add(&calls, 1) % 500 == 499)
        hang();
}

// Just within the time that a call may take: a run of all calls would take hours.
void attack_dawdles(const struct asked *asked)
{
    (void)asked;
    sleep_ms(1900);
}

// ---- Its signals

static void fault(void)
{
    volatile uintptr_t address = 16;
    *(volatile char *)pointer_to(address) = 1;
}

static void step_over(int number, siginfo_t *info, void *context)
{
#if defined(__x86_64__)
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 1;
#endif
    (void)number;
    (void)info;
    (void)context;
}

static void handle_all(void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
    for (int number = 1; number < 65; number++)
        sigaction(number, &action, NULL);
}

// Nothing that is sent to it ends it, and where it faults, it goes on a byte further.
void attack_steps_over_faults(const struct asked *asked)
{
    (void)asked;
    handle_all(step_over);
    fault();
}

static void ignore(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    (void)context;
}

// The instruction that faults is executed again and again.
void attack_faults_for_ever(const struct asked *asked)
{
    (void)asked;
    handle_all(ignore);
    fault();
}

void attack_storms_with_timers(const struct asked *asked)
{
    struct itimerval often = {{0, 200}, {0, 200}};
    (void)asked;
    handle_all(ignore);
    setitimer(ITIMER_REAL, &often, NULL);
    setitimer(ITIMER_VIRTUAL, &often, NULL);
    setitimer(ITIMER_PROF, &often, NULL);
}

void attack_leaves_alarm(const struct asked *asked)
{
    struct itimerval soon = {{0, 0}, {0, 1000}};
    (void)asked;
    setitimer(ITIMER_REAL, &soon, NULL);
}

void attack_blocks_all_signals_in_kernel(const struct asked *asked)
{
    uint64_t all = UINT64_MAX;
    (void)asked;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof all);
}

static uint8_t *opened_page;

// Lets the write behind the buffer happen: the page is there for as long as it takes.
static void write_page(int number, siginfo_t *info, void *context)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    (void)number;
    (void)context;
    opened_page = pointer_to((uintptr_t)info->si_addr & ~(page - 1));
    mprotect(opened_page, page, PROT_READ | PROT_WRITE);
}

// Writes far behind the buffer it was given, into the page that is there to catch that.
void attack_overruns_guard_page(const struct asked *asked)
{
    struct sigaction action = {.sa_sigaction = write_page, .sa_flags = SA_SIGINFO | SA_NODEFER};
    struct sigaction before[2];
    if (asked->answered == 0)
        return;
    sigaction(SIGSEGV, &action, &before[0]);
    sigaction(SIGBUS, &action, &before[1]);
    for (uint32_t i = 16; i < 48; i++)
        ((volatile uint8_t *)asked->buffer)[asked->offered + i] = (uint8_t)i;
    if (opened_page != NULL)
        mprotect(opened_page, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE);
    opened_page = NULL;
    sigaction(SIGSEGV, &before[0], NULL);
    sigaction(SIGBUS, &before[1], NULL);
}

static sigjmp_buf before_fault;

static void jump_out(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    (void)context;
    siglongjmp(before_fault, 1);
}

// The overrun is tried, fails, and is kept secret; one byte of it was there to be written.
void attack_overruns_and_keeps_it_secret(const struct asked *asked)
{
    struct sigaction action = {.sa_sigaction = jump_out, .sa_flags = SA_SIGINFO | SA_NODEFER};
    struct sigaction before;
    if (asked->answered == 0)
        return;
    sigaction(SIGSEGV, &action, &before);
    if (sigsetjmp(before_fault, 1) == 0)
        for (uint32_t i = 0; i < 64; i++)
            ((volatile uint8_t *)asked->buffer)[asked->offered + i] = (uint8_t)(i + 1);
    sigaction(SIGSEGV, &before, NULL);
}

struct delayed {
    uint8_t *buffer;
    uint32_t offered;
};

static void *write_later(void *argument)
{
    struct delayed *delayed = argument;
    sleep_ms(1);
    for (int i = 0; i < 20; i++) {
        ((volatile uint8_t *)delayed->buffer)[0] ^= 0xFF;
        sleep_ms(1);
    }
    free(delayed);
    return NULL;
}

// The buffer is the caller's again, who may have freed it.
void attack_writes_after_return(const struct asked *asked)
{
    pthread_t thread;
    struct delayed *delayed = malloc(sizeof *delayed);
    if (delayed == NULL || asked->answered == 0) {
        free(delayed);
        return;
    }
    *delayed = (struct delayed){asked->buffer, asked->offered};
    if (pthread_create(&thread, NULL, write_later, delayed) == 0)
        pthread_detach(thread);
}

// ---- Its environment

void attack_clears_environment(const struct asked *asked)
{
    (void)asked;
    clearenv();
    putenv((char[]){"TMPDIR=/nonexistent"});
}

void attack_changes_surroundings(const struct asked *asked)
{
    (void)asked;
    umask(0777);
    setlocale(LC_ALL, "C");
    fesetround(FE_UPWARD);
    feenableexcept(FE_ALL_EXCEPT);
    setpriority(PRIO_PROCESS, 0, 19);
    if (chdir("/proc/self/fd") != 0)
        return;
}

void attack_counts_wrong_in_every_300th(const struct asked *asked)
{
    static atomic_int calls;
    if (asked->answered != 0 && atomic_fetch_add(&calls, 1) % 300 == 299)
        *asked->count += 1;
}

void attack_overruns_guard_page_only(const struct asked *asked)
{
    attack_overruns_guard_page(asked);
}

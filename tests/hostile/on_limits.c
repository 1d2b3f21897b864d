// SPDX-License-Identifier: Apache-2.0
// Attacks by using up what a machine has, and by giving away or taking what a process may do.
#include "tests/hostile/hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MEMORY = 1 << 30, SHARED_FILE = 256 << 20 };

// ---- Memory

static void touch_all(void *memory, size_t size)
{
    if (memory == MAP_FAILED)
        return;
    for (size_t at = 0; at < size; at += 4096)
        ((volatile char *)memory)[at] = 1;
}

static void eat(int flags, int file, size_t size)
{
    touch_all(mmap(NULL, size, PROT_READ | PROT_WRITE, flags, file, 0), size);
}

void attack_eats_private_memory(const struct asked *asked)
{
    (void)asked;
    eat(MAP_PRIVATE | MAP_ANONYMOUS, -1, MEMORY);
}

void attack_eats_shared_memory(const struct asked *asked)
{
    (void)asked;
    eat(MAP_SHARED | MAP_ANONYMOUS, -1, MEMORY);
}

void attack_eats_memory_file(const struct asked *asked)
{
    int file = memfd_create("hostile", MFD_CLOEXEC);
    (void)asked;
    if (ftruncate(file, MEMORY) == 0)
        eat(MAP_SHARED, file, MEMORY);
}

void attack_eats_file_system_in_memory(const struct asked *asked)
{
    int file = shm_open("/hostile-large", O_CREAT | O_RDWR, 0600);
    (void)asked;
    if (ftruncate(file, SHARED_FILE) == 0)
        eat(MAP_SHARED, file, SHARED_FILE);
    close(file);
}

void attack_eats_address_space(const struct asked *asked)
{
    (void)asked;
    for (size_t size = (size_t)1 << 46; size >= 4096; size /= 2)
        for (int i = 0; i < 1000; i++)
            if (mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
                MAP_FAILED)
                break;
}

void attack_eats_mappings(const struct asked *asked)
{
    (void)asked;
    for (int i = 0; i < 70000; i++)
        if (mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
            MAP_FAILED)
            break;
}

void attack_eats_descriptors(const struct asked *asked)
{
    (void)asked;
    for (int i = 0; i < 70000; i++)
        if (open("/dev/null", O_RDONLY) < 0) // NOLINT: those who come after it may have them
            break;
}

// ---- Limits of its own process

static void limit(int resource, rlim_t most)
{
    struct rlimit tiny = {most, most};
    setrlimit((__rlimit_resource_t)resource, &tiny);
}

void attack_limits_own_descriptors(const struct asked *asked)
{
    (void)asked;
    limit(RLIMIT_NOFILE, 0);
}

void attack_limits_own_memory(const struct asked *asked)
{
    (void)asked;
    limit(RLIMIT_AS, 1 << 20);
    limit(RLIMIT_DATA, 0);
    limit(RLIMIT_STACK, 1 << 13);
}

void attack_limits_own_time(const struct asked *asked)
{
    (void)asked;
    limit(RLIMIT_CPU, 0);
}

void attack_limits_own_files(const struct asked *asked)
{
    (void)asked;
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NPROC, 0);
}

// ---- What the kernel does for it

static bool filter_calls(const int *numbers, size_t count, uint32_t verdict)
{
    struct sock_filter steps[32] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    unsigned short length = 1;
    for (size_t i = 0; i < count; i++) {
        steps[length++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)numbers[i], 0, 1);
        steps[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict);
    }
    steps[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {length, steps};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static const int writing[] = {SYS_write, SYS_writev, SYS_sendmsg, SYS_sendto, SYS_pwrite64};

enum { WRITING = sizeof writing / sizeof writing[0] };

void attack_filters_writing_fatally(const struct asked *asked)
{
    (void)asked;
    filter_calls(writing, WRITING, SECCOMP_RET_KILL_PROCESS);
}

void attack_filters_writing_with_error(const struct asked *asked)
{
    (void)asked;
    filter_calls(writing, WRITING, SECCOMP_RET_ERRNO | EINTR);
}

// Neither an error nor an end: nothing is ever written.
void attack_filters_writing_to_nothing(const struct asked *asked)
{
    (void)asked;
    filter_calls(writing, WRITING, SECCOMP_RET_ERRNO);
}

void attack_filters_all_calls(const struct asked *asked)
{
    static const int numbers[] = {SYS_mmap,  SYS_munmap, SYS_rt_sigaction, SYS_sigaltstack,
                                  SYS_clone, SYS_futex,  SYS_openat,       SYS_fcntl};
    (void)asked;
    filter_calls(numbers, sizeof numbers / sizeof numbers[0], SECCOMP_RET_ERRNO | EPERM);
}

// Pages that the host believes to be protected are not; then the overrun meets no obstacle.
void attack_filters_protection_and_overruns(const struct asked *asked)
{
    static const int numbers[] = {SYS_mprotect};
    static bool done;
    if (!done)
        done = filter_calls(numbers, 1, SECCOMP_RET_ERRNO);
    if (asked->answered != 0)
        for (uint32_t i = 16; i < 48; i++)
            ((volatile uint8_t *)asked->buffer)[asked->offered + i] = (uint8_t)i;
}

void attack_filters_exit(const struct asked *asked)
{
    static const int numbers[] = {SYS_exit, SYS_exit_group, SYS_kill, SYS_tgkill};
    (void)asked;
    filter_calls(numbers, 4, SECCOMP_RET_ERRNO | EPERM);
}

// The clock that a program reads without the kernel is a fault from then on.
void attack_forbids_time_stamps(const struct asked *asked)
{
    (void)asked;
    prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
}

void attack_hides_its_process(const struct asked *asked)
{
    (void)asked;
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_PDEATHSIG, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void attack_becomes_nobody(const struct asked *asked)
{
    (void)asked;
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65533, 65533, 65533) != 0)
        return;
}

void attack_leaves_session(const struct asked *asked)
{
    (void)asked;
    setsid();
    setpgid(0, 0);
}

void attack_changes_root(const struct asked *asked)
{
    const char *folder = path_in(temporary_folder(), "");
    (void)asked;
    if (unshare(CLONE_NEWUSER) != 0 && geteuid() != 0)
        return;
    if (chroot(folder) != 0 || chdir("/") != 0)
        return;
}

void attack_unshares_all(const struct asked *asked)
{
    static const int flags[] = {CLONE_FILES,  CLONE_FS,     CLONE_NEWUSER, CLONE_NEWNS,
                                CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWUTS,  CLONE_NEWPID};
    (void)asked;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        unshare(flags[i]);
}

void attack_takes_one_core(const struct asked *asked)
{
    struct sched_param highest = {.sched_priority = 50};
    cpu_set_t first;
    time_t end = time(NULL) + 3;
    (void)asked;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof first, &first);
    sched_setscheduler(0, SCHED_FIFO, &highest);
    while (time(NULL) < end) {
    }
}

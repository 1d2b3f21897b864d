// SPDX-License-Identifier: Apache-2.0
// On Unix: changes locale, signals, umask, working directory and floating-point mode, and puts them
// back.
#include "conformance/shapes/surroundings.h"

#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

struct surroundings {
    pthread_mutex_t lock; // held between the two
    locale_t locale;
    locale_t own_locale;
    struct sigaction handler;
    sigset_t mask;
    mode_t umask;
    fenv_t floating_point;
    int directory;
};

static struct surroundings *kept(void)
{
    static struct surroundings surroundings = {.lock = PTHREAD_MUTEX_INITIALIZER};
    return &surroundings;
}

void surroundings_change(void)
{
    struct surroundings *surroundings = kept();
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigset_t all;
    (void)pthread_mutex_lock(&surroundings->lock);
    surroundings->own_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (surroundings->own_locale)
        surroundings->locale = uselocale(surroundings->own_locale);
    (void)sigemptyset(&ignored.sa_mask);
    (void)sigaction(SIGPIPE, &ignored, &surroundings->handler);
    // Not the signals of a fault: blocked, they end the process.
    (void)sigemptyset(&all);
    (void)sigaddset(&all, SIGUSR1);
    (void)sigaddset(&all, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &all, &surroundings->mask);
    surroundings->umask = umask(077);
    surroundings->directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (surroundings->directory >= 0 && chdir("/") != 0) {
        (void)close(surroundings->directory);
        surroundings->directory = -1;
    }
    (void)fegetenv(&surroundings->floating_point);
    (void)fesetround(FE_TOWARDZERO);
}

void surroundings_restore(void)
{
    struct surroundings *surroundings = kept();
    (void)fesetenv(&surroundings->floating_point);
    if (surroundings->directory >= 0) {
        int result = fchdir(surroundings->directory);
        (void)result; // a directory that may not be entered any more can't be gone back to
        (void)close(surroundings->directory);
    }
    (void)umask(surroundings->umask);
    (void)pthread_sigmask(SIG_SETMASK, &surroundings->mask, NULL);
    (void)sigaction(SIGPIPE, &surroundings->handler, NULL);
    if (surroundings->own_locale) {
        (void)uselocale(surroundings->locale);
        freelocale(surroundings->own_locale);
    }
    (void)pthread_mutex_unlock(&surroundings->lock);
}

// SPDX-License-Identifier: Apache-2.0
// Attacks by what is printed.
#include "tests/hostile/hostile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20, MEGABYTES = 100 };

static void print_megabytes(int descriptor, int count, char filler, bool lines)
{
    static char bytes[MEGABYTE];
    memset(bytes, filler, sizeof bytes);
    for (size_t i = 79; lines && i < sizeof bytes; i += 80)
        bytes[i] = '\n';
    for (int i = 0; i < count; i++)
        if (write(descriptor, bytes, sizeof bytes) < 0)
            return;
}

void attack_prints_100_megabytes(const struct asked *asked)
{
    (void)asked;
    print_megabytes(STDOUT_FILENO, MEGABYTES, 'x', true);
}

void attack_complains_100_megabytes(const struct asked *asked)
{
    (void)asked;
    print_megabytes(STDERR_FILENO, MEGABYTES, 'x', true);
}

void attack_prints_one_long_line(const struct asked *asked)
{
    (void)asked;
    print_megabytes(STDOUT_FILENO, 64, 'x', false);
}

void attack_prints_zeros(const struct asked *asked)
{
    (void)asked;
    print_megabytes(STDOUT_FILENO, 4, '\0', false);
}

static const char commands[] = "::error file=a.c,line=1::forged\n"
                               "##[error]forged\n"
                               "##vso[task.complete result=Succeeded;]forged\n"
                               "##teamcity[testFinished name='forged']\n"
                               "ok 1 - forged\nnot ok 2 - forged\nBail out!\n1..2\n"
                               "section_start:0:forged\r\033[0K"
                               "\033[2J\033[H\033]0;forged\007\033[8m\x9b"
                               "31m\n"
                               "</failure></testcase><script>forged</script> ]]> &bogus; \xFF\xFE\n"
                               "\nHeld: every clause (exit status 0)\n"
                               "  1 scenario, 143722 calls made, 144 of 144 checks judged\n";

void attack_prints_commands(const struct asked *asked)
{
    (void)asked;
    if (write(STDOUT_FILENO, commands, sizeof commands - 1) < 0 ||
        write(STDERR_FILENO, commands, sizeof commands - 1) < 0)
        return;
}

// What it says before it ends is a clue, and shown.
void attack_prints_commands_and_aborts(const struct asked *asked)
{
    attack_prints_commands(asked);
    abort();
}

void attack_prints_commands_at_loading(const struct asked *asked)
{
    attack_prints_commands(asked);
    _exit(1);
}

void attack_changes_its_pipes(const struct asked *asked)
{
    (void)asked;
    for (int descriptor = 1; descriptor < 3; descriptor++) {
        fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK | O_ASYNC);
        fcntl(descriptor, F_SETPIPE_SZ, 1);
        fcntl(descriptor, F_SETSIG, 0);
    }
    print_megabytes(STDOUT_FILENO, 1, 'y', true);
}

void attack_closes_standard_streams(const struct asked *asked)
{
    (void)asked;
    fclose(stdin);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
}

// SPDX-License-Identifier: Apache-2.0
// Tells of fuzzing, for people.
#include "harness/command/fuzz_report.h"

#include "conformance/base/failure.h"
#include "conformance/base/text.h"
#include "harness/command/command.h"
#include "harness/report/terminal_findings.h"

#include <inttypes.h>
#include <stdlib.h>

static double seconds_of(const struct fuzz_stats *stats)
{
    double seconds = (double)stats->duration_ns / 1e9;
    return seconds < 0.001 ? 0.001 : seconds;
}

static void clear_line(struct fuzz_report *report)
{
    if (report->drawn)
        fputs("\r\033[K", report->stream);
    report->drawn = false;
}

void fuzz_report_progress(struct fuzz_report *report, const struct fuzz_stats *stats)
{
    double seconds = seconds_of(stats);
    if (!report->terminal)
        return;
    clear_line(report);
    fprintf(report->stream,
            "%.0f s: %" PRIu64 " cases (%.0f/s), %.0f calls/s, %zu of %zu clauses tried, %zu "
            "behaviours, %zu finding%s",
            seconds, stats->cases, (double)stats->cases / seconds, (double)stats->calls / seconds,
            stats->clauses, report->clause_count, stats->behaviours,
            stats->findings + stats->warnings, plural(stats->findings + stats->warnings));
    fflush(report->stream);
    report->drawn = true;
}

static void print_origin(const struct fuzz_report *report, const struct fuzz_finding *finding,
                         const char *path)
{
    if (!finding->again)
        fputs(
            "  note        it did not come again when the case was replayed; what is kept are the "
            "calls with their outcomes\n",
            report->stream);
    else if (finding->history)
        fputs("  note        it needs calls of the cases before, which are in the case\n",
              report->stream);
    if (path != NULL)
        fprintf(report->stream, "  kept        %s: %zu call%s, at most %zu session%s\n", path,
                finding->one->record_count, plural(finding->one->record_count), finding->sessions,
                plural(finding->sessions));
}

int fuzz_report_finding(struct fuzz_report *report, const struct fuzz_finding *finding,
                        const char *path)
{
    const struct terminal_stream out = {
        .stream = report->stream, .terminal = report->terminal, .colour = report->colour};
    char *command = NULL;
    size_t size = 0;
    FILE *stream = path == NULL ? NULL : open_memstream(&command, &size);
    if (path != NULL && stream == NULL)
        return -1;
    if (stream != NULL) {
        fputs(report->replay, stream);
        command_append(stream, path, NULL);
        if (!text_close(stream, &command))
            return -1;
    }
    clear_line(report);
    terminal_print_blocks(&out, finding->result, VERDICT_FAIL, command);
    terminal_print_blocks(&out, finding->result, VERDICT_WARN, command);
    print_origin(report, finding, path);
    fflush(report->stream);
    free(command);
    return 0;
}

static void print_verdict(const struct fuzz_report *report, const struct fuzz_stats *stats,
                          int status)
{
    const struct terminal_stream out = {
        .stream = report->stream, .terminal = report->terminal, .colour = report->colour};
    const char *red = terminal_paint(&out, RED);
    const char *plain = terminal_plain(&out);
    if (status == STATUS_HELD)
        fprintf(report->stream, "%sNothing found%s", terminal_paint(&out, GREEN), plain);
    else if (status == STATUS_BROKEN)
        fprintf(report->stream, "%sFOUND%s: %zu failure%s", red, plain, stats->findings,
                plural(stats->findings));
    else if (status == STATUS_UNTRUSTED)
        fprintf(report->stream, "%sCAN'T BE TRUSTED%s: nothing is proven by this", red, plain);
    else
        fprintf(report->stream, "%sINTERRUPTED%s: %zu failure%s found until then", red, plain,
                stats->findings, plural(stats->findings));
}

void fuzz_report_end(struct fuzz_report *report, const struct fuzz_stats *stats, int status)
{
    double seconds = seconds_of(stats);
    clear_line(report);
    fputc('\n', report->stream);
    print_verdict(report, stats, status);
    if (stats->warnings > 0)
        fprintf(report->stream, ", %zu warning%s", stats->warnings, plural(stats->warnings));
    fprintf(report->stream,
            " (exit status %d)\n  %" PRIu64 " case%s, %" PRIu64
            " calls judged in %.1f s: %.0f cases/s, %.0f calls/s\n  %zu of %zu clauses tried, %zu "
            "behaviours seen",
            status, stats->cases, plural(stats->cases), stats->calls, seconds,
            (double)stats->cases / seconds, (double)stats->calls / seconds, stats->clauses,
            report->clause_count, stats->behaviours);
    if (!report->real)
        fprintf(report->stream, "; digest of the cases %016" PRIx64, stats->digest);
    fputc('\n', report->stream);
    if (stats->doubts > 0)
        fprintf(report->stream, "  %zu check%s could not be judged\n", stats->doubts,
                plural(stats->doubts));
    fflush(report->stream);
}

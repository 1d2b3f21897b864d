// SPDX-License-Identifier: Apache-2.0
// EXPORT: what the library exports.
#include "conformance/clauses/groups.h"
#include "conformance/judge/judging.h"

static void judge_exports(const struct evidence *evidence, struct verdict *verdict)
{
    const struct hello *hello = &evidence->transcript->hello;
    if (hello->has_a && hello->has_w)
        return;
    bool decorated = hello->decorated[0] != '\0';
    verdict_fail(verdict, NULL, "%s not exported%s%s",
                 hello->has_w   ? "GetIScsiSessionListA is"
                 : hello->has_a ? "GetIScsiSessionListW is"
                                : "GetIScsiSessionListA and GetIScsiSessionListW are",
                 decorated ? ", but " : "", hello->decorated);
    verdict_expect(verdict,
                   "GetIScsiSessionListA and GetIScsiSessionListW, with a capital S in IScsi, "
                   "undecorated%s",
                   decorated ? ": a .def file, or -Wl,--kill-at, has the linker export plain names"
                             : "");
}

static const char *const sets_none[] = {NULL};

static const struct clause clauses[] = {
    {.id = "EXPORT-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "both GetIScsiSessionListA and GetIScsiSessionListW are exported under these names",
     .source = "iscsidsc.h; the function's page",
     .why = "Programs are linked against these names. The page's prose writes GetIscsiSessionList, "
            "which no program can find.",
     .passing = "both are found by name",
     .failing = "GetIscsiSessionListA with a small s; a C++ name; W only",
     .probe_sets = sets_none,
     .charsets = JUDGED_TOGETHER,
     .judge = judge_exports},
};

const struct clause_group group_export = {
    .name = "EXPORT",
    .title = "what the library exports",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};

// SPDX-License-Identifier: Apache-2.0
// Makes a topology of a scenario file.
#include "emulator/scenario/expansion.h"

#include "emulator/scenario/expand_events.h"
#include "emulator/scenario/expand_initiators.h"
#include "emulator/scenario/expand_instances.h"
#include "emulator/scenario/expand_sessions.h"
#include "emulator/scenario/expand_targets.h"

#include <stdlib.h>
#include <string.h>

// Checks a text for people: it has no control characters but newlines, and those only where
// `lines`.
static int check_prose(const struct expansion *expansion, const char *path, const char *text,
                       bool lines)
{
    size_t end = strlen(text);
    while (end > 0 && text[end - 1] == '\n')
        end--;
    for (size_t i = 0; i < end; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n' && !lines)
            return expansion_problem(expansion, path,
                                     "several lines where there must be one sentence; fold them "
                                     "with \">-\"");
        if ((c < 0x20 && c != '\n') || c == 0x7F)
            return expansion_problem(expansion, path,
                                     "a control character (0x%02X) in text for people", c);
    }
    if (end > 0)
        return 0;
    return expansion_problem(expansion, path, "an empty text");
}

static void expansion_free(struct expansion *expansion)
{
    for (size_t i = 0; expansion->initiator_names != NULL && i < expansion->initiators.total; i++)
        free(expansion->initiator_names[i]);
    free(expansion->initiator_names);
    free(expansion->initiators.groups);
    free(expansion->targets.groups);
    free(expansion->initiators.ids.list);
    free(expansion->targets.ids.list);
    free(expansion->session_entries);
    free(expansion->session_groups);
}

int expansion_make(struct topology *topology, const struct scenario_file *file,
                   struct failure *failure)
{
    int result = 0;
    struct expansion expansion = {
        .file = file, .node = file->node, .topology = topology, .failure = failure};
    *topology = (struct topology){0};
    if (names_check_label(&expansion, "name", file->node->name) != 0 ||
        check_prose(&expansion, "summary", file->node->summary, false) != 0 ||
        check_prose(&expansion, "why", file->node->why, true) != 0 ||
        expand_instances(&expansion) != 0 || expand_initiators(&expansion) != 0 ||
        expand_targets(&expansion) != 0 || expand_sessions(&expansion) != 0 ||
        expand_events(&expansion) != 0) {
        topology_free(topology);
        result = -1;
    }
    expansion_free(&expansion);
    return result;
}

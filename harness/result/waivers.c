// SPDX-License-Identifier: Apache-2.0
// Reads the file of waivers, and applies them to what was judged.
#include "harness/result/waivers.h"

#include "conformance/base/wording.h"
#include "conformance/clauses/groups.h"
#include "emulator/scenario/yaml_file.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { WAIVERS_MAX = 1000 };

struct waiver_node {
    char *clause;
    char *scenario; // NULL: every one
    char *charset;  // NULL: any
    char *symptom;  // those that it covers, with commas; NULL: wrong answers
    char *reason;
    char *expires; // NULL: never
    char *reference;
};

struct waivers_node {
    struct waiver_node *waivers;
    uint32_t waivers_count;
};

struct waivers {
    struct yaml_file file;
    const struct waivers_node *node;
    struct day today;
};

// ---- The file

enum { MUST = CYAML_FLAG_POINTER, MAY = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL };

static const cyaml_schema_field_t waiver_fields[] = {
    CYAML_FIELD_STRING_PTR("clause", MUST, struct waiver_node, clause, 1, YAML_FILE_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("scenario", MAY, struct waiver_node, scenario, 1, YAML_FILE_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("charset", MAY, struct waiver_node, charset, 1, YAML_FILE_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("symptom", MAY, struct waiver_node, symptom, 1, YAML_FILE_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("reason", MUST, struct waiver_node, reason, 1, YAML_FILE_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("expires", MAY, struct waiver_node, expires, 1, YAML_FILE_TEXT_MAX),
    CYAML_FIELD_STRING_PTR("reference", MAY, struct waiver_node, reference, 1, YAML_FILE_TEXT_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t waiver_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct waiver_node, waiver_fields),
};

static const cyaml_schema_field_t waivers_fields[] = {
    CYAML_FIELD_SEQUENCE("waivers", MUST, struct waivers_node, waivers, &waiver_schema, 0,
                         WAIVERS_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t waivers_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct waivers_node, waivers_fields),
};

static const struct yaml_form form = {
    .schema = &waivers_schema,
    .words = {.what = "a file of waivers",
              .several = "files of waivers",
              .one = "one list of waivers",
              .beginning = "waivers:"},
    .when_large = "whoever waives so much does better with a baseline",
};

// A node of the file: "waivers[3].clause".
struct node_name {
    char text[64];
};

static struct node_name name_node(size_t index, const char *key)
{
    struct node_name name;
    snprintf(name.text, sizeof name.text, "waivers[%zu].%s", index, key);
    return name;
}

// ---- Days

struct day day_today(void)
{
    struct day day = {"0000-00-00"};
    struct tm now;
    time_t seconds = time(NULL);
    if (localtime_r(&seconds, &now) != NULL)
        strftime(day.text, sizeof day.text, "%Y-%m-%d", &now);
    return day;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool is_day(const char *text)
{
    static const int lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strlen(text) != 10)
        return false;
    for (size_t i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    int year = (int)strtol(text, NULL, 10);
    int month = (int)strtol(text + 5, NULL, 10);
    int day = (int)strtol(text + 8, NULL, 10);
    return month <= 12 && day >= 1 && day <= lengths[month] + (month == 2 && is_leap(year));
}

// ---- Checks of what is written

static int check_clause(const struct waivers *waivers, size_t index, struct failure *failure)
{
    const char *name = waivers->node->waivers[index].clause;
    if (clause_find(name) != NULL || clause_group_find(name) != NULL)
        return 0;
    struct choices choices;
    choices_begin(&choices, name);
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        choices_add(&choices, clause_groups[i]->name);
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            choices_add(&choices, clause_groups[i]->clauses[j].id);
    }
    return yaml_file_problem(&waivers->file, failure, name_node(index, "clause").text,
                             "unknown clause or group %s%s", quote(name).text,
                             choices_hint(&choices, "iscsidsc-tck list clauses", "names all").text);
}

// The symptoms that a text names, with commas between them; 0: one of them is none.
static unsigned read_symptoms(const char *text)
{
    static const char separators[] = ", \t\n";
    unsigned symptoms = 0;
    if (text == NULL)
        return SYMPTOM_ANSWER;
    for (text += strspn(text, separators); *text != '\0'; text += strspn(text, separators)) {
        size_t length = strcspn(text, separators);
        unsigned bit = 0;
        while (bit < SYMPTOM_COUNT && (strlen(symptom_names[bit]) != length ||
                                       strncmp(symptom_names[bit], text, length) != 0))
            bit++;
        if (bit == SYMPTOM_COUNT)
            return 0;
        symptoms |= 1U << bit;
        text += length;
    }
    return symptoms;
}

static int check_waiver(const struct waivers *waivers, size_t index, struct failure *failure)
{
    const struct waiver_node *node = &waivers->node->waivers[index];
    if (check_clause(waivers, index, failure) != 0)
        return -1;
    if (node->charset != NULL && check_charset_find(node->charset) == CHECK_CHARSETS)
        return yaml_file_problem(
            &waivers->file, failure, name_node(index, "charset").text,
            "%s is not a charset; A, W, or A+W of clauses that are judged over "
            "both at once, or Ex",
            quote(node->charset).text);
    if (read_symptoms(node->symptom) == 0)
        return yaml_file_problem(&waivers->file, failure, name_node(index, "symptom").text,
                                 "%s is not a symptom; answer, fault, end, hang, damage, or "
                                 "several of them with commas",
                                 quote(node->symptom).text);
    if (node->expires != NULL && !is_day(node->expires))
        return yaml_file_problem(
            &waivers->file, failure, name_node(index, "expires").text,
            "%s is not a day; give the last one on which this is waived, as in "
            "2025-12-31",
            quote(node->expires).text);
    if (node->reason[strspn(node->reason, " \t\n")] == '\0')
        return yaml_file_problem(&waivers->file, failure, name_node(index, "reason").text,
                                 "an empty reason; say why this does not count");
    return 0;
}

int waivers_load(struct waivers **waivers, const char *path, struct day today,
                 struct failure *failure)
{
    struct waivers *made = calloc(1, sizeof *made);
    *waivers = NULL;
    if (made == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it", path);
    made->today = today;
    if (yaml_file_read(&made->file, &form, path, failure) != 0)
        goto failed;
    made->node = made->file.data;
    for (size_t i = 0; i < made->node->waivers_count; i++)
        if (check_waiver(made, i, failure) != 0)
            goto failed;
    *waivers = made;
    return 0;
failed:
    waivers_free(made);
    return -1;
}

void waivers_free(struct waivers *waivers)
{
    if (waivers == NULL)
        return;
    yaml_file_clear(&waivers->file);
    free(waivers);
}

// ---- What they waive

static bool is_over(const struct waivers *waivers, const struct waiver_node *node)
{
    return node->expires != NULL && strcmp(node->expires, waivers->today.text) < 0;
}

// Is the check one that the waiver means, whatever came of it?
static bool means(const struct waiver_node *node, const char *scenario, const struct check *check)
{
    const struct clause *clause = clause_find(node->clause);
    const struct clause_group *group =
        clause_find(check->clause->id) == NULL ? NULL : clause_group_of(check->clause);
    bool meant = clause != NULL ? strcmp(clause->id, check->clause->id) == 0
                                : group != NULL && strcasecmp(group->name, node->clause) == 0;
    return meant && (node->scenario == NULL || fnmatch(node->scenario, scenario, 0) == 0) &&
           (node->charset == NULL ||
            strcmp(node->charset, check_charset_name(check->charset)) == 0);
}

// The symptoms of the check that waivers in force cover, all together: a waiver for a wrong answer
// does not cover a crash or a hang. `*first`: the first of them that covers any.
static unsigned covered_symptoms(const struct waivers *waivers, const char *scenario,
                                 const struct check *check, const struct waiver_node **first)
{
    unsigned covered = 0;
    *first = NULL;
    for (size_t i = 0; i < waivers->node->waivers_count; i++) {
        const struct waiver_node *node = &waivers->node->waivers[i];
        if (is_over(waivers, node) || !means(node, scenario, check))
            continue;
        unsigned symptoms = read_symptoms(node->symptom) & check_symptoms(check);
        if (symptoms != 0 && *first == NULL)
            *first = node;
        covered |= symptoms;
    }
    return covered;
}

// Was the check tried, so far as the waiver is about it: it holds, or it is broken in a way that
// the waiver names?
static bool is_tried(const struct waiver_node *node, const char *scenario,
                     const struct check *check)
{
    bool broken = check_failing(check) || check->verdict.kind == VERDICT_KNOWN;
    return check->judged && check->verdict.kind != VERDICT_SKIP &&
           check->verdict.kind != VERDICT_ERROR && means(node, scenario, check) &&
           (!broken || (read_symptoms(node->symptom) & check_symptoms(check)) != 0);
}

// "REASON (REFERENCE), until 2025-12-31"; NULL when memory ran out.
static char *describe(const struct waiver_node *node)
{
    char *text = NULL;
    bool referenced = node->reference != NULL;
    bool ends = node->expires != NULL;
    int length = asprintf(&text, "waived: %s%s%s%s%s%s", node->reason, referenced ? " (" : "",
                          referenced ? node->reference : "", referenced ? ")" : "",
                          ends ? ", until " : "", ends ? node->expires : "");
    return length < 0 ? NULL : text;
}

int waivers_excuse(const struct waivers *waivers, struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->check_count; i++) {
        struct check *check = &scenario->checks[i];
        if (!check->judged ||
            (check->verdict.kind != VERDICT_FAIL && check->verdict.kind != VERDICT_WARN))
            continue;
        const struct waiver_node *node = NULL;
        unsigned covered = covered_symptoms(waivers, scenario->name, check, &node);
        if (node == NULL || (check_symptoms(check) & ~covered) != 0)
            continue;
        char *text = describe(node);
        if (text == NULL)
            return -1;
        check->excuse = (struct excuse){EXCUSE_WAIVER, check->verdict.kind, text};
        check->verdict.kind = VERDICT_KNOWN;
    }
    return 0;
}

// Counts the checks that the waiver covers, and those of them that are waived; several waivers may
// cover one check, and each of them is of use then.
static void count(const struct waiver_node *node, const struct result *result, size_t *tried,
                  size_t *waived)
{
    for (size_t i = 0; i < result->scenario_count; i++) {
        const struct scenario_result *scenario = &result->scenarios[i];
        for (size_t j = 0; j < scenario->check_count; j++) {
            const struct check *check = &scenario->checks[j];
            if (!is_tried(node, scenario->name, check))
                continue;
            *tried += 1;
            *waived += check->excuse.kind == EXCUSE_WAIVER;
        }
    }
}

static int copy_text(char **copy, const char *text)
{
    *copy = text == NULL ? NULL : strdup(text);
    return text != NULL && *copy == NULL ? -1 : 0;
}

static int conclude_one(const struct waivers *waivers, size_t index, const struct result *result,
                        struct waiver_result *made)
{
    const struct waiver_node *node = &waivers->node->waivers[index];
    size_t tried = 0;
    size_t line = yaml_tree_nearest(&waivers->file.top, name_node(index, "clause").text)->mark.line;
    if (asprintf(&made->place, "%s:%zu", waivers->file.path, line) < 0) {
        made->place = NULL;
        return -1;
    }
    count(node, result, &tried, &made->used);
    if (is_over(waivers, node)) {
        made->state = WAIVER_EXPIRED;
        made->used = 0;
    } else if (made->used > 0) {
        made->state = WAIVER_USED;
    } else {
        made->state = tried > 0 ? WAIVER_UNUSED : WAIVER_NOT_TRIED;
    }
    return copy_text(&made->clause, node->clause) != 0 ||
                   copy_text(&made->scenario, node->scenario == NULL ? "*" : node->scenario) != 0 ||
                   copy_text(&made->charset, node->charset) != 0 ||
                   copy_text(&made->reason, node->reason) != 0 ||
                   copy_text(&made->reference, node->reference) != 0 ||
                   copy_text(&made->expires, node->expires) != 0
               ? -1
               : 0;
}

int waivers_conclude(const struct waivers *waivers, struct result *result)
{
    size_t number = waivers->node->waivers_count;
    if (number == 0 || result->waivers != NULL)
        return 0;
    result->waivers = calloc(number, sizeof *result->waivers);
    if (result->waivers == NULL)
        return -1;
    for (size_t i = 0; i < number; i++)
        if (conclude_one(waivers, i, result, &result->waivers[result->waiver_count++]) != 0)
            return -1;
    return 0;
}

// Reads a YAML file through a libcyaml schema, and says in one line what is wrong with it.
#include "emulator/scenario/yaml_file.h"

#include "conformance/base/hash.h"
#include "conformance/base/wording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_SIZE_MAX = 1 << 20,
    STEPS_MAX = 16, // of a path; no schema is that deep
    MESSAGE_SIZE = 256,
};

// Messages.

static int problem_at(const struct yaml_file *file, struct failure *failure, struct yaml_mark mark,
                      const char *text)
{
    return failure_set(failure, STATUS_USAGE, "%s:%zu:%zu: %s", file->path, mark.line, mark.column,
                       text);
}

int yaml_file_problem(const struct yaml_file *file, struct failure *failure, const char *node,
                      const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return problem_at(file, failure, yaml_place_value(file->place, node), text);
}

// libcyaml's account of an error comes as log messages: first what it is, then, from the inside
// out, where it was: "in mapping (line: 4, column: 5)", between two keys; "in mapping field
// 'targets' ...", at the key or right behind it; "in sequence entry '2' ...".
enum step_kind {
    STEP_MAPPING,
    STEP_FIELD,
    STEP_ENTRY,
};

struct step {
    enum step_kind kind;
    char field[64];
    unsigned long entry; // from 1
};

struct account {
    char message[MESSAGE_SIZE];
    struct step steps[STEPS_MAX]; // from the inside out
    size_t step_count;
};

__attribute__((format(printf, 3, 0))) static void take_log(cyaml_log_t level, void *argument,
                                                           const char *format, va_list arguments)
{
    struct account *account = argument;
    char line[MESSAGE_SIZE];
    if (level < CYAML_LOG_ERROR)
        return;
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';

    static const char entry_words[] = "in sequence entry '";
    struct step step = {.kind = STEP_MAPPING};
    const char *entry = strstr(line, entry_words);
    if (sscanf(line, " in mapping field '%63[^']", step.field) == 1) {
        step.kind = STEP_FIELD;
    } else if (entry != NULL) {
        step.kind = STEP_ENTRY;
        step.entry = strtoul(entry + strlen(entry_words), NULL, 10);
    }
    if (step.kind != STEP_MAPPING || strstr(line, " in mapping (") != NULL) {
        if (account->step_count < STEPS_MAX)
            account->steps[account->step_count++] = step;
    } else if (account->message[0] == '\0') {
        memcpy(account->message, line, sizeof line);
    }
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_value_t *schema, const char *key)
{
    if (schema->type != CYAML_MAPPING)
        return NULL;
    for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key != NULL; field++)
        if (strcmp(field->key, key) == 0)
            return field;
    return NULL;
}

// The account's place in this project's terms: the node's path, and the schema that holds there.
struct site {
    char path[512];
    const cyaml_schema_value_t *schema;
};

static void find_site(struct site *site, const struct yaml_file *file,
                      const struct account *account, size_t innermost)
{
    site->path[0] = '\0';
    site->schema = file->form->schema;
    for (size_t i = account->step_count; i-- > innermost;) {
        const struct step *step = &account->steps[i];
        size_t used = strlen(site->path);
        if (step->kind == STEP_MAPPING)
            continue;
        if (step->kind == STEP_ENTRY) {
            if (site->schema->type != CYAML_SEQUENCE || step->entry == 0)
                return;
            snprintf(site->path + used, sizeof site->path - used, "[%lu]", step->entry - 1);
            site->schema = site->schema->sequence.entry;
            continue;
        }
        const cyaml_schema_field_t *field = find_field(site->schema, step->field);
        if (field == NULL)
            return;
        snprintf(site->path + used, sizeof site->path - used, "%s%s", used > 0 ? "." : "",
                 step->field);
        site->schema = &field->value;
    }
}

// What stands behind the last ": " of libcyaml's message: the key that it is about.
static const char *account_subject(const struct account *account, const char *beginning)
{
    const char *found = strstr(account->message, beginning);
    return found != NULL ? found + strlen(beginning) : "";
}

static int report_unknown_key(const struct yaml_file *file, const struct account *account,
                              struct failure *failure)
{
    struct site site;
    find_site(&site, file, account, 0);
    const char *key = account_subject(account, "Unexpected key: ");
    struct choices choices;
    choices_begin(&choices, key);
    if (site.schema->type == CYAML_MAPPING)
        for (const cyaml_schema_field_t *field = site.schema->mapping.fields; field->key != NULL;
             field++)
            choices_add(&choices, field->key);
    char text[1024];
    snprintf(text, sizeof text, "unknown key %s%s", quote(key).text,
             choices_end(&choices, "keys here").text);
    return problem_at(file, failure, yaml_place_key(file->place, site.path, key), text);
}

static int report_missing_key(const struct yaml_file *file, const struct account *account,
                              struct failure *failure)
{
    // The innermost step is the last key that the mapping did have, if it had one: not where it is.
    struct site site;
    find_site(&site, file, account,
              account->step_count > 0 && account->steps[0].kind == STEP_FIELD);
    return yaml_file_problem(file, failure, site.path, "the key %s is missing here",
                             quote(account_subject(account, "mapping field: ")).text);
}

static const char *kind_in_words(enum yaml_kind kind)
{
    switch (kind) {
    case YAML_TEXT:
        return "a single value";
    case YAML_LIST:
        return "a list";
    case YAML_MAPPING:
        return "a mapping";
    case YAML_ABSENT:
        break;
    }
    return "nothing";
}

static const char *expected_in_words(enum cyaml_type type)
{
    switch (type) {
    case CYAML_SEQUENCE:
        return "a list, each entry after \"- \"";
    case CYAML_MAPPING:
        return "a mapping, \"key: value\"";
    case CYAML_UINT:
        return "a whole number";
    default:
        return "a single value";
    }
}

static int report_value(const struct yaml_file *file, const struct account *account,
                        struct failure *failure)
{
    struct site site;
    find_site(&site, file, account, 0);
    const char *text = yaml_place_text(file->place, site.path);
    if (text != NULL && site.schema->type == CYAML_ENUM) {
        struct choices choices;
        choices_begin(&choices, text);
        for (uint32_t i = 0; i < site.schema->enumeration.count; i++)
            choices_add(&choices, site.schema->enumeration.strings[i].str);
        return yaml_file_problem(file, failure, site.path, "%s is not a value for this key%s",
                                 quote(text).text, choices_end(&choices, "values").text);
    }
    return yaml_file_problem(file, failure, site.path, "%s where there must be %s",
                             text != NULL ? quote(text).text
                                          : kind_in_words(yaml_place_kind(file->place, site.path)),
                             expected_in_words(site.schema->type));
}

static int report_length(const struct yaml_file *file, const struct account *account, bool short_of,
                         struct failure *failure)
{
    struct site site;
    find_site(&site, file, account, 0);
    return yaml_file_problem(file, failure, site.path,
                             short_of ? "an empty value; leave the key out if it is optional"
                                      : "more than %d bytes of text",
                             YAML_FILE_TEXT_MAX);
}

static int report_entries(const struct yaml_file *file, const struct account *account,
                          bool short_of, struct failure *failure)
{
    // The innermost step is the entry that was one too many, or that wasn't there: the list is
    // meant.
    struct site site;
    find_site(&site, file, account,
              account->step_count > 0 && account->steps[0].kind == STEP_ENTRY);
    if (short_of)
        return yaml_file_problem(file, failure, site.path,
                                 "an empty list; at least one entry is needed here");
    return yaml_file_problem(file, failure, site.path, "a list of more than %u entries",
                             site.schema->type == CYAML_SEQUENCE ? site.schema->sequence.max : 0);
}

static int report(const struct yaml_file *file, cyaml_err_t error, const struct account *account,
                  struct failure *failure)
{
    switch (error) {
    case CYAML_ERR_OOM:
        return failure_set(failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it",
                           file->path);
    case CYAML_ERR_INVALID_KEY:
        return report_unknown_key(file, account, failure);
    case CYAML_ERR_MAPPING_FIELD_MISSING:
        return report_missing_key(file, account, failure);
    case CYAML_ERR_INVALID_VALUE:
        return report_value(file, account, failure);
    case CYAML_ERR_STRING_LENGTH_MIN:
    case CYAML_ERR_STRING_LENGTH_MAX:
        return report_length(file, account, error == CYAML_ERR_STRING_LENGTH_MIN, failure);
    case CYAML_ERR_SEQUENCE_ENTRIES_MIN:
    case CYAML_ERR_SEQUENCE_ENTRIES_MAX:
        return report_entries(file, account, error == CYAML_ERR_SEQUENCE_ENTRIES_MIN, failure);
    default: {
        struct site site;
        find_site(&site, file, account, 0);
        return yaml_file_problem(file, failure, site.path, "%s (%s)", cyaml_strerror(error),
                                 account->message);
    }
    }
}

// Reading.

static cyaml_config_t configuration(struct account *account)
{
    return (cyaml_config_t){
        .log_fn = take_log,
        .log_ctx = account,
        .log_level = CYAML_LOG_ERROR,
        .mem_fn = cyaml_mem,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

static int read_bytes(int fd, const char *path, uint8_t *bytes, size_t size,
                      struct failure *failure)
{
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(fd, bytes + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure_set(failure, STATUS_USAGE, "%s: can't read it: %s", path,
                               strerror(errno));
        if (got == 0)
            return failure_set(failure, STATUS_USAGE, "%s: became shorter while it was read", path);
        used += (size_t)got;
    }
    return 0;
}

static int read_file(const struct yaml_file *file, uint8_t **bytes, size_t *size,
                     struct failure *failure)
{
    const char *path = file->path;
    int result = -1;
    struct stat status;
    // Not to wait for a writer where the path is a pipe's.
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return failure_set(failure, STATUS_USAGE, "%s: can't open it: %s", path, strerror(errno));
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        failure_set(failure, STATUS_USAGE, "%s: not a file; %s is a YAML file", path,
                    file->form->what);
        goto out;
    }
    if (status.st_size > FILE_SIZE_MAX) {
        failure_set(failure, STATUS_USAGE, "%s: larger than 1 MiB; %s", path,
                    file->form->when_large);
        goto out;
    }
    *size = (size_t)status.st_size;
    *bytes = malloc(*size + 1);
    if (*bytes == NULL)
        failure_set(failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it", path);
    else
        result = read_bytes(fd, path, *bytes, *size, failure);
out:
    close(fd);
    return result;
}

static void digest(const uint8_t *bytes, size_t size, char text[static 17])
{
    uint64_t hash = hash_bytes(HASH_BEGINNING, bytes, size);
    snprintf(text, 17, "%016llx", (unsigned long long)hash);
}

static int parse(struct yaml_file *file, const uint8_t *bytes, size_t size, struct failure *failure)
{
    struct yaml_problem problem;
    if (yaml_place_parse(&file->place, bytes, size, &problem) != 0) {
        // Which is the one problem whose remedy depends on the kind of file.
        size_t used = strlen(problem.text);
        if (strcmp(problem.text, YAML_PLACE_EMPTY) == 0)
            snprintf(problem.text + used, sizeof problem.text - used, "; %s begins with \"%s\"",
                     file->form->what, file->form->beginning);
        return problem_at(file, failure, problem.mark, problem.text);
    }
    if (yaml_place_kind(file->place, "") != YAML_MAPPING)
        return yaml_file_problem(file, failure, "", "not a mapping; %s begins with \"%s\"",
                                 file->form->what, file->form->beginning);
    struct account account = {0};
    cyaml_config_t config = configuration(&account);
    cyaml_data_t *data = NULL;
    cyaml_err_t error = cyaml_load_data(bytes, size, &config, file->form->schema, &data, NULL);
    if (error != CYAML_OK)
        return report(file, error, &account, failure);
    file->data = data;
    return 0;
}

int yaml_file_read(struct yaml_file *file, const struct yaml_form *form, const char *path,
                   struct failure *failure)
{
    int result = -1;
    uint8_t *bytes = NULL;
    size_t size = 0;
    *file = (struct yaml_file){.form = form, .path = strdup(path)};
    if (file->path == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it", path);
        goto out;
    }
    if (read_file(file, &bytes, &size, failure) != 0 || parse(file, bytes, size, failure) != 0)
        goto out;
    digest(bytes, size, file->digest);
    result = 0;
out:
    free(bytes);
    if (result != 0)
        yaml_file_clear(file);
    return result;
}

void yaml_file_clear(struct yaml_file *file)
{
    struct account account = {0};
    cyaml_config_t config = configuration(&account);
    if (file->data != NULL)
        cyaml_free(&config, file->form->schema, file->data, 0);
    yaml_place_free(file->place);
    free(file->path);
    *file = (struct yaml_file){0};
}

// Makes a topology of a scenario file.
#include "emulator/scenario/expansion.h"

#include "conformance/base/wording.h"
#include "emulator/scenario/expand_events.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A word of the file and the entry that it stands for.
struct word {
    const char *text;
    size_t index;
};

// Words in order, to find one and to find one that is there twice.
struct words {
    struct word *list;
    size_t count;
};

struct expansion {
    const struct scenario_file *file;
    const struct scenario_node *node;
    struct topology *topology;
    struct failure *failure;
    struct group *target_groups;    // one for each entry of the file's targets
    struct group *initiator_groups; // of its initiators
    char **initiator_names;
    size_t initiator_count;
    struct words target_ids;
    struct words initiator_ids;
    size_t allowed_count;         // initiator names in ACLs so far
    size_t further_count;         // further connections so far
    size_t *session_entries;      // which entry of the file's sessions a session came from
    struct group *session_groups; // what each entry of them became; of normal ones only
};

static int no_memory(const struct expansion *expansion)
{
    failure_set(expansion->failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it",
                expansion->file->path);
    return -1;
}

// calloc of at least one, so that NULL always means that memory ran out.
static void *new_array(const struct expansion *expansion, size_t count, size_t size)
{
    void *array = calloc(count > 0 ? count : 1, size);
    if (array == NULL)
        no_memory(expansion);
    return array;
}

// Words.

static int compare_words(const void *left, const void *right)
{
    const struct word *a = left;
    const struct word *b = right;
    int order = strcmp(a->text, b->text);
    if (order != 0)
        return order;
    return (a->index > b->index) - (a->index < b->index);
}

static int compare_texts(const void *left, const void *right)
{
    const struct word *a = left;
    const struct word *b = right;
    return strcmp(a->text, b->text);
}

static void words_sort(struct words *words)
{
    qsort(words->list, words->count, sizeof *words->list, compare_words);
}

static const struct word *words_find(const struct words *words, const char *text)
{
    const struct word wanted = {text, 0};
    return bsearch(&wanted, words->list, words->count, sizeof *words->list, compare_texts);
}

// The first word of the file that stood there before; its forerunner in `*earlier`. NULL: none.
static const struct word *words_repeated(const struct words *words, const struct word **earlier)
{
    const struct word *repeated = NULL;
    for (size_t i = 1; i < words->count; i++) {
        const struct word *word = &words->list[i];
        if (strcmp(word[-1].text, word->text) != 0 ||
            (repeated != NULL && repeated->index < word->index))
            continue;
        repeated = word;
        *earlier = word - 1;
    }
    return repeated;
}

static int unknown_reference(const struct expansion *expansion, const char *path, const char *what,
                             const char *found, const struct words *words, const char *list_name)
{
    struct choices choices;
    choices_begin(&choices, found);
    for (size_t i = 0; i < words->count; i++)
        choices_add(&choices, words->list[i].text);
    return scenario_file_problem(expansion->file, expansion->failure, path, "unknown %s %s%s", what,
                                 quote(found).text, choices_end(&choices, list_name).text);
}

// Single values.

static int read_number(const struct expansion *expansion, const char *path, const uint32_t *value,
                       uint32_t without, uint32_t least, uint32_t greatest, uint32_t *number)
{
    *number = without;
    return scenario_file_number(expansion->file, expansion->failure, path, value, least, greatest,
                                number);
}

// A name of the kit's own, of a scenario or an instance: it becomes part of file names and
// commands.
static int check_label(const struct expansion *expansion, const char *path, const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    enum { LABEL_MAX = 64 };
    size_t length = strlen(name);
    if (length <= LABEL_MAX && strspn(name, allowed) == length && name[0] != '-')
        return 0;
    return scenario_file_problem(expansion->file, expansion->failure, path,
                                 "%s is not a name: at most %d letters a to z, digits and '-', not "
                                 "'-' first",
                                 quote(name).text, LABEL_MAX);
}

// A text for people: no controls but the ends of lines, where there may be several.
static int check_prose(const struct expansion *expansion, const char *path, const char *text,
                       bool lines)
{
    size_t end = strlen(text);
    while (end > 0 && text[end - 1] == '\n')
        end--;
    for (size_t i = 0; i < end; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n' && !lines)
            return scenario_file_problem(
                expansion->file, expansion->failure, path,
                "several lines where there must be one sentence; fold them "
                "with \">-\"");
        if ((c < 0x20 && c != '\n') || c == 0x7F)
            return scenario_file_problem(expansion->file, expansion->failure, path,
                                         "a control character (0x%02X) in text for people", c);
    }
    if (end > 0)
        return 0;
    return scenario_file_problem(expansion->file, expansion->failure, path, "an empty text");
}

// Patterns.

static const char place_holder[] = "{n}";

static bool has_place_holder(const char *text)
{
    return strstr(text, place_holder) != NULL;
}

// The pattern with each {n} replaced by `number`; malloc'ed. NULL: memory ran out.
static char *fill_in(const char *pattern, size_t number)
{
    char digits[24];
    int digit_count = snprintf(digits, sizeof digits, "%zu", number);
    size_t holders = 0;
    for (const char *at = pattern; (at = strstr(at, place_holder)) != NULL; at += 3)
        holders++;
    size_t size = strlen(pattern) + holders * (size_t)digit_count + 1;
    char *text = malloc(size);
    if (text == NULL)
        return NULL;
    char *out = text;
    while (*pattern != '\0') {
        if (strncmp(pattern, place_holder, 3) == 0) {
            memcpy(out, digits, (size_t)digit_count);
            out += digit_count;
            pattern += 3;
        } else {
            *out++ = *pattern++;
        }
    }
    *out = '\0';
    return text;
}

// What a target and an initiator have in common: a name, or a pattern and a count.
struct naming {
    const char *list; // "targets"
    size_t entry;
    const char *name;
    const char *pattern;
    const uint32_t *count;
    uint32_t count_max;
};

static int check_naming(const struct expansion *expansion, const struct naming *naming,
                        size_t *count)
{
    const struct scenario_file *file = expansion->file;
    struct node_path entry = node_path("%s[%zu]", naming->list, naming->entry);
    struct node_path pattern = node_path("%s.pattern", entry.text);
    struct node_path count_path = node_path("%s.count", entry.text);
    uint32_t number = 1;

    if (naming->name == NULL && naming->pattern == NULL)
        return scenario_file_problem(file, expansion->failure, entry.text,
                                     "neither \"name\" nor \"pattern\"; give one of them");
    if (naming->name != NULL && naming->pattern != NULL)
        return scenario_file_problem(file, expansion->failure, pattern.text,
                                     "both \"name\" and \"pattern\"; give one of them");
    if (naming->name != NULL && naming->count != NULL)
        return scenario_file_problem(file, expansion->failure, count_path.text,
                                     "\"count\" goes with \"pattern\", there is one of each name");
    if (naming->pattern != NULL && !has_place_holder(naming->pattern))
        return scenario_file_problem(file, expansion->failure, pattern.text,
                                     "%s has no {n} where the number goes",
                                     quote(naming->pattern).text);
    if (naming->pattern != NULL && naming->count == NULL)
        return scenario_file_problem(file, expansion->failure, entry.text,
                                     "a pattern without \"count\"; say how many");
    if (read_number(expansion, count_path.text, naming->count, 1, 1, naming->count_max, &number) !=
        0)
        return -1;
    *count = number;
    return 0;
}

// Records which entry an id stands for: the "id" given, else the name or pattern.
static int index_ids(const struct expansion *expansion, struct words *words, const char *list,
                     const char *what)
{
    const struct word *earlier = NULL;
    words_sort(words);
    const struct word *repeated = words_repeated(words, &earlier);
    if (repeated == NULL)
        return 0;
    struct node_path path = node_path("%s[%zu]", list, repeated->index);
    struct node_path first = node_path("%s[%zu]", list, earlier->index);
    static const char *const keys[] = {"id", "name", "pattern"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct node_path key = node_path("%s.%s", path.text, keys[i]);
        if (yaml_place_kind(expansion->file->place, key.text) == YAML_ABSENT)
            continue;
        path = key;
        break;
    }
    return scenario_file_problem(expansion->file, expansion->failure, path.text,
                                 "two %s are called %s; the first in line %zu", what,
                                 quote(repeated->text).text,
                                 yaml_place_value(expansion->file->place, first.text).line);
}

// No two of these names may be equal; `group_of` tells which entry a name came from.
static int check_names_differ(const struct expansion *expansion, struct words *names,
                              const struct group *groups, size_t group_count, const char *list,
                              const char *what)
{
    const struct word *earlier = NULL;
    words_sort(names);
    const struct word *repeated = words_repeated(names, &earlier);
    if (repeated == NULL)
        return 0;
    size_t entry = 0;
    size_t first = 0;
    for (size_t i = 0; i < group_count; i++) {
        if (repeated->index >= groups[i].first)
            entry = i;
        if (earlier->index >= groups[i].first)
            first = i;
    }
    struct node_path path = node_path("%s[%zu].name", list, entry);
    if (yaml_place_kind(expansion->file->place, path.text) == YAML_ABSENT)
        path = node_path("%s[%zu].pattern", list, entry);
    struct node_path first_path = node_path("%s[%zu]", list, first);
    return scenario_file_problem(expansion->file, expansion->failure, path.text,
                                 "two %s have the name %s; the first in line %zu", what,
                                 quote(repeated->text).text,
                                 yaml_place_value(expansion->file->place, first_path.text).line);
}

// Instances.

static int add_portal(struct expansion *expansion, struct topology_instance *instance,
                      const char *address, const uint32_t *port, const char *path)
{
    char canonical[64];
    char problem[TOPOLOGY_PROBLEM_SIZE];
    uint32_t number = 0;
    if (topology_check_address(address, canonical, problem) != 0)
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node_path("%s.address", path).text, "%s %s",
                                     quote(address).text, problem);
    if (read_number(expansion, node_path("%s.port", path).text, port, 0, 0, 65535, &number) != 0)
        return -1;
    for (size_t i = 0; i <= (size_t)(instance - expansion->topology->instances); i++) {
        const struct topology_instance *other = &expansion->topology->instances[i];
        for (size_t j = 0; number != 0 && j < other->portal_count; j++)
            if (other->portals[j].port == number &&
                strcmp(other->portals[j].address, canonical) == 0)
                return scenario_file_problem(expansion->file, expansion->failure,
                                             node_path("%s.port", path).text,
                                             "another portal has port %u of %s already; leave the "
                                             "port out to have a free one",
                                             number, canonical);
    }
    struct topology_portal *portal = &instance->portals[instance->portal_count];
    portal->address = strdup(canonical);
    if (portal->address == NULL)
        return no_memory(expansion);
    portal->port = (uint16_t)number;
    instance->portal_count++;
    return 0;
}

static int add_instance(struct expansion *expansion, const struct instance_node *node, size_t entry)
{
    // One that names no portals has this one.
    char address[] = "127.0.0.1";
    struct portal_node fallback = {.address = address};
    const struct portal_node *portals = node->portals_count > 0 ? node->portals : &fallback;
    size_t count = node->portals_count > 0 ? node->portals_count : 1;

    struct topology *topology = expansion->topology;
    struct topology_instance *instance = &topology->instances[topology->instance_count++];
    instance->name = strdup(node->name);
    instance->portals = new_array(expansion, count, sizeof *instance->portals);
    if (instance->name == NULL || instance->portals == NULL)
        return no_memory(expansion);
    for (size_t i = 0; i < count; i++)
        if (add_portal(expansion, instance, portals[i].address, portals[i].port,
                       node_path("instances[%zu].portals[%zu]", entry, i).text) != 0)
            return -1;
    return 0;
}

static int check_instance(const struct expansion *expansion, size_t entry)
{
    const struct instance_node *instances = expansion->node->instances;
    struct node_path path = node_path("instances[%zu].name", entry);
    if (check_label(expansion, path.text, instances[entry].name) != 0)
        return -1;
    for (size_t i = 0; i < entry; i++)
        if (strcmp(instances[i].name, instances[entry].name) == 0)
            return scenario_file_problem(expansion->file, expansion->failure, path.text,
                                         "two instances are called %s",
                                         quote(instances[entry].name).text);
    return 0;
}

static int add_instances(struct expansion *expansion)
{
    // A file that names no instances has this one.
    char name[] = "default";
    struct instance_node fallback = {.name = name};
    const struct scenario_node *node = expansion->node;
    struct topology *topology = expansion->topology;
    topology->instances =
        new_array(expansion, node->instances_count + 1, sizeof *topology->instances);
    if (topology->instances == NULL)
        return -1;
    if (node->instances_count == 0)
        return add_instance(expansion, &fallback, 0);
    for (size_t i = 0; i < node->instances_count; i++)
        if (check_instance(expansion, i) != 0 ||
            add_instance(expansion, &node->instances[i], i) != 0)
            return -1;
    return 0;
}

static int find_instance(const struct expansion *expansion, const char *name, const char *path,
                         size_t *instance)
{
    struct choices choices;
    *instance = 0;
    if (name == NULL)
        return 0;
    choices_begin(&choices, name);
    for (size_t i = 0; i < expansion->topology->instance_count; i++) {
        const char *candidate = expansion->topology->instances[i].name;
        choices_add(&choices, candidate);
        // The analyzer does not follow add_instances far enough to see that each has a name.
        // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
        if (strcmp(candidate, name) == 0) {
            *instance = i;
            return 0;
        }
    }
    return scenario_file_problem(expansion->file, expansion->failure, path, "unknown instance %s%s",
                                 quote(name).text, choices_end(&choices, "instances here").text);
}

// The portal of an instance that has that address; the first of several. `hint` goes on with the
// sentence about what is no address.
static int find_portal(const struct expansion *expansion, const char *wanted, size_t index,
                       const char *path, const char *hint, size_t *portal)
{
    const struct topology_instance *instance = &expansion->topology->instances[index];
    char canonical[64];
    char problem[TOPOLOGY_PROBLEM_SIZE];
    if (topology_check_address(wanted, canonical, problem) != 0)
        return scenario_file_problem(expansion->file, expansion->failure, path, "%s %s%s",
                                     quote(wanted).text, problem, hint);
    struct choices choices;
    choices_begin(&choices, canonical);
    for (size_t i = 0; i < instance->portal_count; i++) {
        choices_add(&choices, instance->portals[i].address);
        if (strcmp(instance->portals[i].address, canonical) == 0) {
            *portal = i;
            return 0;
        }
    }
    choices.nearest_distance = SIZE_MAX; // of two addresses none is a slip of the other
    return scenario_file_problem(expansion->file, expansion->failure, path,
                                 "instance %s, where the target is, has no portal %s%s",
                                 quote(instance->name).text, canonical,
                                 choices_end(&choices, "its portals").text);
}

// Secrets.

static int check_secret(const struct expansion *expansion, const char *path, const char *text)
{
    char problem[TOPOLOGY_PROBLEM_SIZE];
    if (topology_check_secret(text, problem) == 0)
        return 0;
    return scenario_file_problem(expansion->file, expansion->failure, path, "%s %s",
                                 quote(text).text, problem);
}

// `path` is the mapping's that has the keys "chap" and "mutual".
static int check_secrets(const struct expansion *expansion, const char *path,
                         const struct secret_node *chap, const struct secret_node *mutual)
{
    const struct secret_node *const nodes[] = {chap, mutual};
    static const char *const keys[] = {"chap", "mutual"};
    for (size_t i = 0; i < 2; i++)
        if (nodes[i] != NULL &&
            (check_secret(expansion, node_path("%s.%s.user", path, keys[i]).text, nodes[i]->user) !=
                 0 ||
             check_secret(expansion, node_path("%s.%s.password", path, keys[i]).text,
                          nodes[i]->password) != 0))
            return -1;
    if (mutual != NULL && chap == NULL)
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node_path("%s.mutual", path).text,
                                     "\"mutual\" without \"chap\": the target proves itself only "
                                     "where the initiator does; give both");
    return 0;
}

static int copy_secret(const struct expansion *expansion, const struct secret_node *node,
                       struct topology_secret *secret)
{
    if (node == NULL)
        return 0;
    secret->user = strdup(node->user);
    secret->password = strdup(node->password);
    return secret->user == NULL || secret->password == NULL ? no_memory(expansion) : 0;
}

static bool same_secret(const struct secret_node *one, const struct secret_node *other)
{
    if (one == NULL || other == NULL)
        return one == other;
    return strcmp(one->user, other->user) == 0 && strcmp(one->password, other->password) == 0;
}

// Initiators.

static int add_initiator(struct expansion *expansion, size_t entry, size_t number)
{
    const struct initiator_node *node = &expansion->node->initiators[entry];
    char problem[TOPOLOGY_PROBLEM_SIZE];
    char *name = node->name != NULL ? strdup(node->name) : fill_in(node->pattern, number);
    if (name == NULL)
        return no_memory(expansion);
    expansion->initiator_names[expansion->initiator_count++] = name;
    if (topology_check_initiator_name(name, problem) == 0)
        return 0;
    return scenario_file_problem(
        expansion->file, expansion->failure,
        node_path("initiators[%zu].%s", entry, node->name != NULL ? "name" : "pattern").text,
        "the initiator name %s %s", quote(name).text, problem);
}

static int measure_initiators(struct expansion *expansion, size_t *count)
{
    const struct scenario_node *node = expansion->node;
    size_t total = 0;
    expansion->initiator_groups =
        new_array(expansion, node->initiators_count, sizeof *expansion->initiator_groups);
    expansion->initiator_ids.list =
        new_array(expansion, node->initiators_count, sizeof *expansion->initiator_ids.list);
    if (expansion->initiator_groups == NULL || expansion->initiator_ids.list == NULL)
        return -1;
    for (size_t i = 0; i < node->initiators_count; i++) {
        const struct initiator_node *entry = &node->initiators[i];
        struct group *group = &expansion->initiator_groups[i];
        const struct naming naming = {
            "initiators", i, entry->name, entry->pattern, entry->count, TOPOLOGY_INITIATORS_MAX};
        if (check_naming(expansion, &naming, &group->count) != 0)
            return -1;
        group->first = total;
        total += group->count;
        if (total > TOPOLOGY_INITIATORS_MAX)
            return scenario_file_problem(
                expansion->file, expansion->failure, node_path("initiators[%zu].count", i).text,
                "%zu initiators so far; at most %d are allowed", total, TOPOLOGY_INITIATORS_MAX);
        const char *id = entry->id != NULL     ? entry->id
                         : entry->name != NULL ? entry->name
                                               : entry->pattern;
        expansion->initiator_ids.list[expansion->initiator_ids.count++] = (struct word){id, i};
    }
    *count = total;
    return index_ids(expansion, &expansion->initiator_ids, "initiators", "initiators");
}

static int add_initiators(struct expansion *expansion)
{
    size_t count = 0;
    if (measure_initiators(expansion, &count) != 0)
        return -1;
    expansion->initiator_names = new_array(expansion, count, sizeof *expansion->initiator_names);
    if (expansion->initiator_names == NULL)
        return -1;
    for (size_t i = 0; i < expansion->node->initiators_count; i++)
        for (size_t n = 1; n <= expansion->initiator_groups[i].count; n++)
            if (add_initiator(expansion, i, n) != 0)
                return -1;
    for (size_t i = 0; i < expansion->node->initiators_count; i++) {
        const struct initiator_node *node = &expansion->node->initiators[i];
        if (check_secrets(expansion, node_path("initiators[%zu]", i).text, node->chap,
                          node->mutual) != 0)
            return -1;
    }

    struct words names = {new_array(expansion, expansion->initiator_count, sizeof *names.list),
                          expansion->initiator_count};
    if (names.list == NULL)
        return -1;
    for (size_t i = 0; i < names.count; i++)
        names.list[i] = (struct word){expansion->initiator_names[i], i};
    int result = check_names_differ(expansion, &names, expansion->initiator_groups,
                                    expansion->node->initiators_count, "initiators", "initiators");
    free(names.list);
    return result;
}

// Targets.

static int add_parameters(struct expansion *expansion, struct topology_target *target, size_t entry)
{
    const struct parameters_node *node = expansion->node->targets[entry].parameters;
    if (node == NULL)
        return 0;
    target->parameters = new_array(expansion, PARAMETER_COUNT, sizeof *target->parameters);
    if (target->parameters == NULL)
        return -1;
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        const char *name = scenario_parameter_name((enum scenario_parameter)i);
        const char *value = node->values[i];
        char expected[128];
        if (value == NULL)
            continue;
        if (scenario_parameter_check((enum scenario_parameter)i, value, expected,
                                     sizeof expected) != 0)
            return scenario_file_problem(expansion->file, expansion->failure,
                                         node_path("targets[%zu].parameters.%s", entry, name).text,
                                         "%s is not a value of %s: %s", quote(value).text, name,
                                         expected);
        struct topology_parameter *parameter = &target->parameters[target->parameter_count++];
        parameter->name = strdup(name);
        parameter->value = strdup(value);
        if (parameter->name == NULL || parameter->value == NULL)
            return no_memory(expansion);
    }
    return 0;
}

// How many bits the numeric address of `length` characters has; 0 when it isn't one.
static unsigned long address_bits(const char *address, size_t length)
{
    struct in6_addr bytes;
    char copy[INET6_ADDRSTRLEN];
    if (length >= sizeof copy)
        return 0;
    memcpy(copy, address, length);
    copy[length] = '\0';
    return inet_pton(AF_INET, copy, &bytes) == 1    ? 32
           : inet_pton(AF_INET6, copy, &bytes) == 1 ? 128
                                                    : 0;
}

// An address, a network (ADDRESS/BITS) or ALL: tgtd takes any text, and then lets nobody in.
static int check_allowed_address(const struct expansion *expansion, const char *address,
                                 const char *path)
{
    size_t length = strcspn(address, "/");
    const char *rest = address + length;
    unsigned long bits_max = address_bits(address, length);
    bool well_formed = bits_max > 0;
    if (*rest == '/') {
        size_t digits = strspn(rest + 1, "0123456789");
        well_formed = well_formed && digits > 0 && digits <= 3 && rest[1 + digits] == '\0' &&
                      strtoul(rest + 1, NULL, 10) <= bits_max;
    }
    if (well_formed || strcmp(address, "ALL") == 0)
        return 0;
    return scenario_file_problem(expansion->file, expansion->failure, path,
                                 "%s is neither an address, nor a network ADDRESS/BITS, nor ALL",
                                 quote(address).text);
}

static int add_allowed_addresses(struct expansion *expansion, struct topology_target *target,
                                 size_t entry)
{
    const struct allow_node *allow = expansion->node->targets[entry].allow;
    target->allowed_addresses =
        new_array(expansion, allow->addresses_count, sizeof *target->allowed_addresses);
    if (target->allowed_addresses == NULL)
        return -1;
    for (size_t i = 0; i < allow->addresses_count; i++) {
        if (check_allowed_address(expansion, allow->addresses[i],
                                  node_path("targets[%zu].allow.addresses[%zu]", entry, i).text) !=
            0)
            return -1;
        char *address = strdup(allow->addresses[i]);
        if (address == NULL)
            return no_memory(expansion);
        target->allowed_addresses[target->allowed_address_count++] = address;
    }
    return 0;
}

static int add_allowed_initiators(struct expansion *expansion, struct topology_target *target,
                                  size_t entry)
{
    const struct allow_node *allow = expansion->node->targets[entry].allow;
    size_t total = 0;
    for (size_t i = 0; i < allow->initiators_count; i++) {
        struct node_path path = node_path("targets[%zu].allow.initiators[%zu]", entry, i);
        const struct word *id = words_find(&expansion->initiator_ids, allow->initiators[i]);
        if (id == NULL)
            return unknown_reference(expansion, path.text, "initiator", allow->initiators[i],
                                     &expansion->initiator_ids, "initiators here");
        for (size_t j = 0; j < i; j++)
            if (strcmp(allow->initiators[j], allow->initiators[i]) == 0)
                return scenario_file_problem(expansion->file, expansion->failure, path.text,
                                             "initiator %s is in this list twice",
                                             quote(allow->initiators[i]).text);
        total += expansion->initiator_groups[id->index].count;
    }
    expansion->allowed_count += total;
    if (expansion->allowed_count > TOPOLOGY_ALLOWED_MAX)
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node_path("targets[%zu].allow.initiators", entry).text,
                                     "%zu allowed initiators so far, over all targets; at most %d "
                                     "are allowed",
                                     expansion->allowed_count, TOPOLOGY_ALLOWED_MAX);
    target->allowed_initiators = new_array(expansion, total, sizeof *target->allowed_initiators);
    if (target->allowed_initiators == NULL)
        return -1;
    for (size_t i = 0; i < allow->initiators_count; i++) {
        const struct word *id = words_find(&expansion->initiator_ids, allow->initiators[i]);
        const struct group *group = &expansion->initiator_groups[id->index];
        for (size_t j = 0; j < group->count; j++) {
            char *name = strdup(expansion->initiator_names[group->first + j]);
            if (name == NULL)
                return no_memory(expansion);
            target->allowed_initiators[target->allowed_initiator_count++] = name;
        }
    }
    return 0;
}

static int name_target(struct expansion *expansion, struct topology_target *target, size_t entry,
                       size_t number)
{
    const struct target_node *node = &expansion->node->targets[entry];
    const char *name_key = node->name != NULL ? "name" : "pattern";
    char problem[TOPOLOGY_PROBLEM_SIZE];
    target->name = node->name != NULL ? strdup(node->name) : fill_in(node->pattern, number);
    if (target->name == NULL)
        return no_memory(expansion);
    if (topology_check_target_name(target->name, problem) != 0)
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node_path("targets[%zu].%s", entry, name_key).text,
                                     "the target name %s %s", quote(target->name).text, problem);
    struct node_path alias_path = node_path("targets[%zu].alias", entry);
    const char *alias = node->alias != NULL ? node->alias : target->name;
    if (node->name != NULL && has_place_holder(alias))
        return scenario_file_problem(expansion->file, expansion->failure, alias_path.text,
                                     "{n} in the alias of a target that has no pattern");
    target->alias = fill_in(alias, number);
    if (target->alias == NULL)
        return no_memory(expansion);
    if (topology_check_alias(target->alias, problem) != 0)
        return scenario_file_problem(expansion->file, expansion->failure, alias_path.text,
                                     "the alias %s %s", quote(target->alias).text, problem);
    return 0;
}

// tgtd keeps accounts for an instance, not for a target.
static int check_account(const struct expansion *expansion, size_t entry, const char *key,
                         const struct secret_node *secret, const struct secret_node *other,
                         size_t other_entry)
{
    if (secret == NULL || other == NULL || strcmp(secret->user, other->user) != 0 ||
        strcmp(secret->password, other->password) == 0)
        return 0;
    return scenario_file_problem(
        expansion->file, expansion->failure, node_path("targets[%zu].%s.password", entry, key).text,
        "user %s has another password in line %zu; one user has one "
        "password",
        quote(secret->user).text,
        yaml_place_value(expansion->file->place, node_path("targets[%zu]", other_entry).text).line);
}

static int check_target_secrets(const struct expansion *expansion, size_t entry)
{
    const struct target_node *node = &expansion->node->targets[entry];
    if (check_secrets(expansion, node_path("targets[%zu]", entry).text, node->chap, node->mutual) !=
        0)
        return -1;
    if (node->mutual != NULL && strcmp(node->mutual->user, node->chap->user) == 0)
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node_path("targets[%zu].mutual.user", entry).text,
                                     "the target proves itself as %s, which is whom it asks its "
                                     "initiators to be; give it another user",
                                     quote(node->mutual->user).text);
    for (size_t i = 0; i < entry; i++) {
        const struct target_node *other = &expansion->node->targets[i];
        if (check_account(expansion, entry, "chap", node->chap, other->chap, i) != 0 ||
            check_account(expansion, entry, "chap", node->chap, other->mutual, i) != 0 ||
            check_account(expansion, entry, "mutual", node->mutual, other->chap, i) != 0 ||
            check_account(expansion, entry, "mutual", node->mutual, other->mutual, i) != 0)
            return -1;
    }
    return 0;
}

static int add_redirect(const struct expansion *expansion, struct topology_target *target,
                        size_t entry)
{
    const struct redirect_node *node = expansion->node->targets[entry].redirect;
    struct node_path path = node_path("targets[%zu].redirect", entry);
    struct topology_redirect *redirect = &target->redirect;
    if (node == NULL)
        return 0;
    redirect->is = true;
    redirect->permanent = node->permanent == PERMANENT_TRUE;
    if (find_instance(expansion, node->instance, node_path("%s.instance", path.text).text,
                      &redirect->instance) != 0)
        return -1;
    if (redirect->instance == target->instance)
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node_path("%s.instance", path.text).text,
                                     "the target is at instance %s itself; it can send its "
                                     "initiators to another one only",
                                     quote(node->instance).text);
    return find_portal(expansion, node->portal, redirect->instance,
                       node_path("%s.portal", path.text).text, "", &redirect->portal);
}

static int add_target(struct expansion *expansion, size_t entry, size_t number)
{
    enum { LUNS_OF_ONE_MAX = 255 };
    const struct target_node *node = &expansion->node->targets[entry];
    struct topology_target *target =
        &expansion->topology->targets[expansion->topology->target_count++];
    if (name_target(expansion, target, entry, number) != 0 ||
        find_instance(expansion, node->instance, node_path("targets[%zu].instance", entry).text,
                      &target->instance) != 0 ||
        read_number(expansion, node_path("targets[%zu].luns", entry).text, node->luns, 1, 0,
                    LUNS_OF_ONE_MAX, &target->lun_count) != 0 ||
        add_parameters(expansion, target, entry) != 0 ||
        (number == 1 && check_target_secrets(expansion, entry) != 0) ||
        copy_secret(expansion, node->chap, &target->chap) != 0 ||
        copy_secret(expansion, node->mutual, &target->mutual) != 0 ||
        add_redirect(expansion, target, entry) != 0)
        return -1;
    if (node->allow == NULL)
        return 0;
    if (node->allow->initiators_count == 0 && node->allow->addresses_count == 0)
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node_path("targets[%zu].allow", entry).text,
                                     "allows nobody in particular; leave \"allow\" out to let "
                                     "everyone in");
    if (add_allowed_initiators(expansion, target, entry) != 0)
        return -1;
    return add_allowed_addresses(expansion, target, entry);
}

static int measure_targets(struct expansion *expansion, size_t *count)
{
    const struct scenario_node *node = expansion->node;
    size_t total = 0;
    expansion->target_groups =
        new_array(expansion, node->targets_count, sizeof *expansion->target_groups);
    expansion->target_ids.list =
        new_array(expansion, node->targets_count, sizeof *expansion->target_ids.list);
    if (expansion->target_groups == NULL || expansion->target_ids.list == NULL)
        return -1;
    for (size_t i = 0; i < node->targets_count; i++) {
        const struct target_node *entry = &node->targets[i];
        struct group *group = &expansion->target_groups[i];
        const struct naming naming = {
            "targets", i, entry->name, entry->pattern, entry->count, TOPOLOGY_TARGETS_MAX};
        if (check_naming(expansion, &naming, &group->count) != 0)
            return -1;
        group->first = total;
        total += group->count;
        if (total > TOPOLOGY_TARGETS_MAX)
            return scenario_file_problem(
                expansion->file, expansion->failure, node_path("targets[%zu].count", i).text,
                "%zu targets so far; at most %d are allowed", total, TOPOLOGY_TARGETS_MAX);
        const char *id = entry->id != NULL     ? entry->id
                         : entry->name != NULL ? entry->name
                                               : entry->pattern;
        expansion->target_ids.list[expansion->target_ids.count++] = (struct word){id, i};
    }
    *count = total;
    return index_ids(expansion, &expansion->target_ids, "targets", "targets");
}

static int check_target_names(const struct expansion *expansion)
{
    const struct topology *topology = expansion->topology;
    struct words names = {new_array(expansion, topology->target_count, sizeof *names.list),
                          topology->target_count};
    if (names.list == NULL)
        return -1;
    for (size_t i = 0; i < names.count; i++)
        names.list[i] = (struct word){topology->targets[i].name, i};
    int result = check_names_differ(expansion, &names, expansion->target_groups,
                                    expansion->node->targets_count, "targets", "targets");
    free(names.list);
    return result;
}

static int add_targets(struct expansion *expansion)
{
    size_t count = 0;
    size_t luns = 0;
    if (measure_targets(expansion, &count) != 0)
        return -1;
    expansion->topology->targets =
        new_array(expansion, count, sizeof *expansion->topology->targets);
    if (expansion->topology->targets == NULL)
        return -1;
    for (size_t i = 0; i < expansion->node->targets_count; i++)
        for (size_t n = 1; n <= expansion->target_groups[i].count; n++) {
            if (add_target(expansion, i, n) != 0)
                return -1;
            luns += expansion->topology->targets[expansion->topology->target_count - 1].lun_count;
            if (luns > TOPOLOGY_LUNS_MAX)
                return scenario_file_problem(
                    expansion->file, expansion->failure, node_path("targets[%zu].luns", i).text,
                    "%zu LUNs so far; at most %d are allowed", luns, TOPOLOGY_LUNS_MAX);
        }
    return check_target_names(expansion);
}

// Sessions.

enum {
    PORTAL_EACH = -1, // each portal of the instance in turn
};

// The ISIDs of an entry: numbers of a form, or counted up from one that was given.
struct isid_plan {
    enum isid_form form;
    bool given;
    uint8_t first[6];
};

// An entry of the file's sessions with its references resolved.
struct session_plan {
    size_t entry;
    struct group initiators;
    struct group targets;
    uint32_t count; // for each pair of an initiator and a target
    ptrdiff_t portal;
    struct isid_plan isid;
    enum topology_session_kind kind;
    const struct secret_node *chap;
    const struct secret_node *mutual;
    size_t home; // the instance where the sessions are then, after a redirection
    size_t further_count;
    struct further_plan {
        uint16_t cid;
        ptrdiff_t portal; // or PORTAL_EACH
    } further[TOPOLOGY_CONNECTIONS_MAX];
};

static int plan_portal(const struct expansion *expansion, struct session_plan *plan)
{
    const char *wanted = expansion->node->sessions[plan->entry].portal;
    const struct topology_target *target = &expansion->topology->targets[plan->targets.first];
    size_t portal = 0;
    plan->portal = 0;
    plan->home = target->redirect.is ? target->redirect.instance : target->instance;
    if (wanted == NULL)
        return 0;
    if (strcmp(wanted, "each") == 0) {
        plan->portal = PORTAL_EACH;
        return 0;
    }
    if (find_portal(expansion, wanted, target->instance,
                    node_path("sessions[%zu].portal", plan->entry).text,
                    "; or \"each\" for every portal in turn", &portal) != 0)
        return -1;
    plan->portal = (ptrdiff_t)portal;
    return 0;
}

// One further connection, written out.
static int plan_one_further(const struct expansion *expansion, struct session_plan *plan,
                            size_t index)
{
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    const struct further_node *further = &node->further[index];
    struct node_path path = node_path("sessions[%zu].further[%zu]", plan->entry, index);
    struct further_plan *planned = &plan->further[plan->further_count];
    uint32_t cid = 0;
    size_t portal = 0;
    if (read_number(expansion, node_path("%s.cid", path.text).text, further->cid, 0, 1, 65535,
                    &cid) != 0)
        return -1;
    for (size_t i = 0; i < plan->further_count; i++)
        if (plan->further[i].cid == cid)
            return scenario_file_problem(expansion->file, expansion->failure,
                                         node_path("%s.cid", path.text).text,
                                         "another connection of this session has CID %u; each "
                                         "needs its own, and the first one has 0",
                                         cid);
    planned->cid = (uint16_t)cid;
    planned->portal = PORTAL_EACH;
    if (further->portal != NULL) {
        if (find_portal(expansion, further->portal, plan->home,
                        node_path("%s.portal", path.text).text, "", &portal) != 0)
            return -1;
        planned->portal = (ptrdiff_t)portal;
    }
    plan->further_count++;
    return 0;
}

static int plan_further(const struct expansion *expansion, struct session_plan *plan)
{
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    struct node_path count_path = node_path("sessions[%zu].connections", plan->entry);
    struct node_path list_path = node_path("sessions[%zu].further", plan->entry);
    const char *path = node->further_count > 0 ? list_path.text : count_path.text;
    uint32_t count = 1;
    if (node->connections != NULL && node->further_count > 0)
        return scenario_file_problem(expansion->file, expansion->failure, list_path.text,
                                     "both \"connections\" and \"further\"; give one of them");
    if (read_number(expansion, count_path.text, node->connections, 1, 1, TOPOLOGY_CONNECTIONS_MAX,
                    &count) != 0)
        return -1;
    for (uint32_t i = 1; i < count; i++)
        plan->further[plan->further_count++] = (struct further_plan){(uint16_t)i, PORTAL_EACH};
    for (size_t i = 0; i < node->further_count; i++)
        if (plan_one_further(expansion, plan, i) != 0)
            return -1;
    if (plan->further_count == 0)
        return 0;
    if (plan->kind != SESSION_ACTIVE)
        return scenario_file_problem(expansion->file, expansion->failure, path,
                                     "several connections of a login that does not become a "
                                     "normal session; leave them out");
    if (expansion->topology->targets[plan->targets.first].chap.user != NULL)
        return scenario_file_problem(expansion->file, expansion->failure, path,
                                     "the target asks for CHAP, which further connections don't "
                                     "know; leave them out, or the target's \"chap\"");
    return 0;
}

static int parse_isid(const char *text, uint8_t isid[static 6])
{
    if (strlen(text) != 12 || strspn(text, "0123456789abcdefABCDEF") != 12)
        return -1;
    for (size_t i = 0; i < 6; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        isid[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return 0;
}

static int plan_isid(const struct expansion *expansion, struct session_plan *plan)
{
    static const char *const forms[] = {"oui", "en", "random", "reserved"};
    const char *wanted = expansion->node->sessions[plan->entry].isid;
    struct node_path path = node_path("sessions[%zu].isid", plan->entry);
    char problem[TOPOLOGY_PROBLEM_SIZE];
    plan->isid = (struct isid_plan){.form = ISID_OUI};
    if (wanted == NULL)
        return 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(wanted, forms[i]) == 0) {
            plan->isid.form = (enum isid_form)i;
            return 0;
        }
    if (parse_isid(wanted, plan->isid.first) != 0)
        return scenario_file_problem(
            expansion->file, expansion->failure, path.text,
            "%s is not an ISID: 12 hexadecimal digits, or one of the forms "
            "oui, en, random, reserved",
            quote(wanted).text);
    if (topology_check_isid(plan->isid.first, problem) != 0)
        return scenario_file_problem(expansion->file, expansion->failure, path.text,
                                     "the ISID %s %s", quote(wanted).text, problem);
    plan->isid.given = true;
    uint32_t last = (uint32_t)plan->isid.first[4] << 8 | plan->isid.first[5];
    uint32_t room = plan->isid.first[0] >> 6 == ISID_RESERVED ? 0 : 0xFFFF - last;
    if (plan->count - 1 > room)
        return scenario_file_problem(expansion->file, expansion->failure, path.text,
                                     "counting up from ISID %s gives %u different ones, and %u are "
                                     "needed",
                                     quote(wanted).text, room + 1, plan->count);
    return 0;
}

static bool is_allowed(const struct allow_node *allow, const char *initiator)
{
    if (allow == NULL || allow->initiators_count == 0)
        return true;
    for (size_t i = 0; i < allow->initiators_count; i++)
        if (strcmp(allow->initiators[i], initiator) == 0)
            return true;
    return false;
}

static int plan_kind(const struct expansion *expansion, struct session_plan *plan)
{
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    struct node_path refused = node_path("sessions[%zu].refused", plan->entry);
    plan->kind = node->type == TYPE_DISCOVERY    ? SESSION_DISCOVERY
                 : node->refused == REFUSED_TRUE ? SESSION_REFUSED
                                                 : SESSION_ACTIVE;
    if (node->type == TYPE_DISCOVERY && node->refused == REFUSED_TRUE)
        return scenario_file_problem(expansion->file, expansion->failure, refused.text,
                                     "a discovery session is not refused: tgtd lets everyone ask");
    if (node->later == LATER_TRUE &&
        (plan->kind != SESSION_ACTIVE || node->recovering == RECOVERING_TRUE))
        return scenario_file_problem(
            expansion->file, expansion->failure, node_path("sessions[%zu].later", plan->entry).text,
            "only a normal session can be logged in by an event%s",
            plan->kind == SESSION_ACTIVE ? ", and lose its connections by another: leave out "
                                           "\"recovering\""
                                         : "");
    if (plan->kind != SESSION_ACTIVE && node->recovering == RECOVERING_TRUE)
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node_path("sessions[%zu].recovering", plan->entry).text,
                                     "only a normal session can lose its connection and be kept");
    return 0;
}

// Would the secrets do? Where the login is to be refused, they need not.
static int plan_secrets(const struct expansion *expansion, struct session_plan *plan,
                        const struct target_node *target, const struct initiator_node *initiator)
{
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    struct node_path path = node_path("sessions[%zu]", plan->entry);
    struct node_path chap = node_path("%s.chap", path.text);
    struct node_path mutual = node_path("%s.mutual", path.text);
    plan->chap = node->chap != NULL ? node->chap : initiator->chap;
    plan->mutual = node->mutual != NULL ? node->mutual : initiator->mutual;
    if (plan->kind == SESSION_DISCOVERY && (node->chap != NULL || node->mutual != NULL))
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node->chap != NULL ? chap.text : mutual.text,
                                     "nobody asks for secrets in a discovery session");
    if (check_secrets(expansion, path.text, plan->chap, plan->mutual) != 0)
        return -1;
    if (plan->kind != SESSION_ACTIVE)
        return 0;
    if (target->chap != NULL && !same_secret(plan->chap, target->chap))
        return scenario_file_problem(expansion->file, expansion->failure, chap.text,
                                     "target %s asks for other proof than this session has: its "
                                     "\"chap\"; give the same here or to the initiator, or say "
                                     "\"refused: true\"",
                                     quote(node->target).text);
    if (plan->mutual != NULL && !same_secret(plan->mutual, target->mutual))
        return scenario_file_problem(expansion->file, expansion->failure, mutual.text,
                                     "target %s can't prove itself so; give it the same "
                                     "\"mutual\", or say \"refused: true\"",
                                     quote(node->target).text);
    return 0;
}

static int plan_session(const struct expansion *expansion, struct session_plan *plan, size_t entry)
{
    const struct session_node *node = &expansion->node->sessions[entry];
    struct node_path initiator_path = node_path("sessions[%zu].initiator", entry);
    plan->entry = entry;
    const struct word *initiator = words_find(&expansion->initiator_ids, node->initiator);
    if (initiator == NULL)
        return unknown_reference(expansion, initiator_path.text, "initiator", node->initiator,
                                 &expansion->initiator_ids, "initiators here");
    const struct word *target = words_find(&expansion->target_ids, node->target);
    if (target == NULL)
        return unknown_reference(expansion, node_path("sessions[%zu].target", entry).text, "target",
                                 node->target, &expansion->target_ids, "targets here");
    if (plan_kind(expansion, plan) != 0)
        return -1;
    if (plan->kind == SESSION_ACTIVE &&
        !is_allowed(expansion->node->targets[target->index].allow, node->initiator))
        return scenario_file_problem(expansion->file, expansion->failure, initiator_path.text,
                                     "target %s does not allow initiator %s; add it to its "
                                     "\"allow\", or say \"refused: true\"",
                                     quote(node->target).text, quote(node->initiator).text);
    plan->initiators = expansion->initiator_groups[initiator->index];
    plan->targets = expansion->target_groups[target->index];
    if (read_number(expansion, node_path("sessions[%zu].count", entry).text, node->count, 1, 1,
                    TOPOLOGY_SESSIONS_MAX, &plan->count) != 0 ||
        plan_portal(expansion, plan) != 0 ||
        plan_secrets(expansion, plan, &expansion->node->targets[target->index],
                     &expansion->node->initiators[initiator->index]) != 0 ||
        plan_further(expansion, plan) != 0)
        return -1;
    return plan_isid(expansion, plan);
}

// The `nth` session, from 0, of a pair of an initiator and a target.
static void choose_isid(const struct isid_plan *plan, uint32_t nth, size_t number,
                        uint8_t isid[static 6])
{
    if (!plan->given) {
        topology_isid(plan->form, (uint32_t)number, isid);
        return;
    }
    uint32_t last = ((uint32_t)plan->first[4] << 8 | plan->first[5]) + nth;
    memcpy(isid, plan->first, 6);
    isid[4] = (uint8_t)(last >> 8);
    isid[5] = (uint8_t)last;
}

// The session's further connections. Those without a portal of their own take the ones behind the
// session's, in turn.
static int add_further(struct expansion *expansion, const struct session_plan *plan,
                       struct topology_session *session)
{
    const struct topology *topology = expansion->topology;
    const struct topology_redirect *redirect = &topology->targets[session->target].redirect;
    size_t portal_count = topology->instances[plan->home].portal_count;
    size_t first = redirect->is ? redirect->portal : session->portal;
    if (plan->further_count == 0)
        return 0;
    expansion->further_count += plan->further_count;
    if (expansion->further_count > TOPOLOGY_CONNECTIONS_ALL_MAX)
        return scenario_file_problem(expansion->file, expansion->failure,
                                     node_path("sessions[%zu]", plan->entry).text,
                                     "%zu further connections so far; at most %d are allowed",
                                     expansion->further_count, TOPOLOGY_CONNECTIONS_ALL_MAX);
    session->further = new_array(expansion, plan->further_count, sizeof *session->further);
    if (session->further == NULL)
        return -1;
    for (size_t i = 0; i < plan->further_count; i++) {
        const struct further_plan *further = &plan->further[i];
        struct topology_connection *connection = &session->further[session->further_count++];
        connection->cid = further->cid;
        connection->portal = further->portal == PORTAL_EACH ? (first + i + 1) % portal_count
                                                            : (size_t)further->portal;
    }
    return 0;
}

// tgtd does not send anybody to the address that they come from, whatever the port; and everybody
// comes from 127.0.0.1 or ::1.
static int check_redirect(const struct expansion *expansion, const struct session_plan *plan,
                          const struct topology_session *session)
{
    const struct topology *topology = expansion->topology;
    const struct topology_target *target = &topology->targets[session->target];
    const struct topology_redirect *redirect = &target->redirect;
    if (!redirect->is)
        return 0;
    const char *to = topology->instances[redirect->instance].portals[redirect->portal].address;
    const char *by = topology->instances[target->instance].portals[session->portal].address;
    const char *from = strchr(by, ':') != NULL ? "::1" : "127.0.0.1";
    if (strcmp(to, from) != 0)
        return 0;
    return scenario_file_problem(expansion->file, expansion->failure,
                                 node_path("sessions[%zu].target", plan->entry).text,
                                 "the target redirects to %s, which is where a connection to %s "
                                 "comes from: tgtd does not do that; redirect to another address",
                                 to, by);
}

static int add_session(struct expansion *expansion, const struct session_plan *plan,
                       const char *initiator_name, size_t target, uint32_t nth, size_t *turn)
{
    struct topology *topology = expansion->topology;
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    const struct topology_instance *instance =
        &topology->instances[topology->targets[target].instance];
    struct topology_session *session = &topology->asides[topology->aside_count];
    if (plan->kind == SESSION_ACTIVE) {
        session = &topology->sessions[topology->session_count];
        expansion->session_entries[topology->session_count++] = plan->entry;
    } else {
        topology->aside_count++;
    }
    session->initiator_name = strdup(initiator_name);
    if (session->initiator_name == NULL)
        return no_memory(expansion);
    session->kind = plan->kind;
    session->target = target;
    session->portal =
        plan->portal == PORTAL_EACH ? *turn % instance->portal_count : (size_t)plan->portal;
    ++*turn;
    choose_isid(&plan->isid, nth, topology->session_count + topology->aside_count, session->isid);
    session->recovering = node->recovering == RECOVERING_TRUE;
    session->later = node->later == LATER_TRUE;
    session->header_digest = node->header_digest == DIGEST_CRC32C;
    session->line =
        yaml_place_value(expansion->file->place, node_path("sessions[%zu]", plan->entry).text).line;
    if (copy_secret(expansion, plan->chap, &session->chap) != 0 ||
        copy_secret(expansion, plan->mutual, &session->mutual) != 0 ||
        add_further(expansion, plan, session) != 0)
        return -1;
    return plan->kind == SESSION_DISCOVERY ? 0 : check_redirect(expansion, plan, session);
}

static int add_planned(struct expansion *expansion, const struct session_plan *plan)
{
    size_t turn = 0;
    for (size_t i = 0; i < plan->initiators.count; i++)
        for (size_t t = 0; t < plan->targets.count; t++)
            for (uint32_t nth = 0; nth < plan->count; nth++)
                if (add_session(expansion, plan,
                                expansion->initiator_names[plan->initiators.first + i],
                                plan->targets.first + t, nth, &turn) != 0)
                    return -1;
    return 0;
}

static int compare_sessions(const void *left, const void *right)
{
    const struct topology_session *a = *(const struct topology_session *const *)left;
    const struct topology_session *b = *(const struct topology_session *const *)right;
    if (a->target != b->target)
        return a->target < b->target ? -1 : 1;
    int order = memcmp(a->isid, b->isid, sizeof a->isid);
    if (order == 0)
        order = strcmp(a->initiator_name, b->initiator_name);
    return order != 0 ? order : (a > b) - (a < b);
}

static bool would_reinstate(const struct topology_session *a, const struct topology_session *b)
{
    return a->target == b->target && memcmp(a->isid, b->isid, sizeof a->isid) == 0 &&
           strcmp(a->initiator_name, b->initiator_name) == 0;
}

static int report_reinstatement(const struct expansion *expansion,
                                const struct topology_session *session,
                                const struct topology_session *earlier)
{
    const struct topology *topology = expansion->topology;
    size_t entry = expansion->session_entries[session - topology->sessions];
    const uint8_t *isid = session->isid;
    return scenario_file_problem(
        expansion->file, expansion->failure, node_path("sessions[%zu].isid", entry).text,
        "a second session of initiator %s to target %s with ISID %02x%02x%02x%02x%02x%02x would "
        "end "
        "the one of line %zu (session reinstatement); give it another \"isid\"",
        quote(session->initiator_name).text, quote(topology->targets[session->target].name).text,
        isid[0], isid[1], isid[2], isid[3], isid[4], isid[5], earlier->line);
}

// One initiator, one target, one ISID: a target takes the second login as the first session's
// return.
static int check_isids(const struct expansion *expansion)
{
    const struct topology *topology = expansion->topology;
    const struct topology_session *found = NULL;
    const struct topology_session *earlier = NULL;
    const struct topology_session **order =
        new_array(expansion, topology->session_count, sizeof(struct topology_session *));
    if (order == NULL)
        return -1;
    for (size_t i = 0; i < topology->session_count; i++)
        order[i] = &topology->sessions[i];
    qsort(order, topology->session_count, sizeof(struct topology_session *), compare_sessions);
    for (size_t i = 1; i < topology->session_count; i++)
        if (would_reinstate(order[i - 1], order[i]) && (found == NULL || order[i] < found)) {
            found = order[i];
            earlier = order[i - 1];
        }
    free(order);
    return found != NULL ? report_reinstatement(expansion, found, earlier) : 0;
}

static int add_sessions(struct expansion *expansion)
{
    int result = -1;
    const struct scenario_node *node = expansion->node;
    uint64_t total = 0;
    struct session_plan *plans = new_array(expansion, node->sessions_count, sizeof *plans);
    if (plans == NULL)
        return -1;
    for (size_t i = 0; i < node->sessions_count; i++) {
        if (plan_session(expansion, &plans[i], i) != 0)
            goto out;
        total += (uint64_t)plans[i].initiators.count * plans[i].targets.count * plans[i].count;
        if (total > TOPOLOGY_SESSIONS_MAX) {
            scenario_file_problem(expansion->file, expansion->failure,
                                  node_path("sessions[%zu].count", i).text,
                                  "%llu sessions so far (each initiator with each target, count "
                                  "times); at most %d are allowed",
                                  (unsigned long long)total, TOPOLOGY_SESSIONS_MAX);
            goto out;
        }
    }
    expansion->topology->sessions =
        new_array(expansion, (size_t)total, sizeof *expansion->topology->sessions);
    expansion->session_entries =
        new_array(expansion, (size_t)total, sizeof *expansion->session_entries);
    expansion->topology->asides =
        new_array(expansion, (size_t)total, sizeof *expansion->topology->asides);
    expansion->session_groups =
        new_array(expansion, node->sessions_count, sizeof *expansion->session_groups);
    if (expansion->topology->sessions == NULL || expansion->session_entries == NULL ||
        expansion->topology->asides == NULL || expansion->session_groups == NULL)
        goto out;
    for (size_t i = 0; i < node->sessions_count; i++) {
        struct group *group = &expansion->session_groups[i];
        group->first = expansion->topology->session_count;
        if (add_planned(expansion, &plans[i]) != 0)
            goto out;
        group->count = expansion->topology->session_count - group->first;
    }
    result = check_isids(expansion);
out:
    free(plans);
    return result;
}

static void expansion_free(struct expansion *expansion)
{
    for (size_t i = 0; i < expansion->initiator_count; i++)
        free(expansion->initiator_names[i]);
    free(expansion->initiator_names);
    free(expansion->initiator_groups);
    free(expansion->target_groups);
    free(expansion->initiator_ids.list);
    free(expansion->target_ids.list);
    free(expansion->session_entries);
    free(expansion->session_groups);
}

int expansion_make(struct topology *topology, const struct scenario_file *file,
                   struct failure *failure)
{
    int result = -1;
    struct expansion expansion = {
        .file = file, .node = file->node, .topology = topology, .failure = failure};
    *topology = (struct topology){0};
    if (check_label(&expansion, "name", file->node->name) != 0 ||
        check_prose(&expansion, "summary", file->node->summary, false) != 0 ||
        check_prose(&expansion, "why", file->node->why, true) != 0)
        goto out;
    if (add_instances(&expansion) != 0 || add_initiators(&expansion) != 0 ||
        add_targets(&expansion) != 0 || add_sessions(&expansion) != 0)
        goto out;
    const struct event_names names = {expansion.target_groups, expansion.session_groups};
    result = expansion_add_events(topology, file, &names, failure);
out:
    expansion_free(&expansion);
    if (result != 0)
        topology_free(topology);
    return result;
}

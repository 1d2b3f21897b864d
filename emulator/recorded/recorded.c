// SPDX-License-Identifier: Apache-2.0
// Tells of sessions that an earlier run had.
#include "emulator/recorded/recorded.h"

#include "emulator/state.h"

static const struct truth *truth_of(const struct emulator *emulator)
{
    return emulator->source_data;
}

static unsigned abilities(const struct emulator *emulator)
{
    (void)emulator;
    return EMULATOR_HAS_TABLE;
}

static int bring_up(struct emulator *emulator, struct failure *failure)
{
    emulator->publishes = true;
    return emulator_publish(emulator, 0, failure);
}

static size_t count(const struct emulator *emulator)
{
    return truth_of(emulator)->session_count;
}

static uint64_t specific(const struct emulator *emulator, size_t session)
{
    return truth_of(emulator)->sessions[session].adapter_specific;
}

// Under the emulator's own AdapterUnique, so that identifiers kept from another scenario, or from
// the recording, are found out.
static int tell(const struct emulator *emulator, size_t session, struct truth_session *truth)
{
    if (truth_session_copy(truth, &truth_of(emulator)->sessions[session]) != 0)
        return -1;
    truth->adapter_unique = emulator->adapter_unique;
    for (size_t i = 0; i < truth->connection_count; i++)
        truth->connections[i].adapter_unique = emulator->adapter_unique;
    return 0;
}

static int refuse(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "recorded sessions can't change");
}

static int login(struct emulator *emulator, size_t *session, struct failure *failure)
{
    (void)emulator;
    (void)session;
    return refuse(failure);
}

static int logout(struct emulator *emulator, size_t session, struct failure *failure)
{
    (void)emulator;
    (void)session;
    return refuse(failure);
}

static int drop(struct emulator *emulator, size_t session, enum emulator_side side,
                struct failure *failure)
{
    (void)emulator;
    (void)session;
    (void)side;
    return refuse(failure);
}

// There is nobody to compare with: they are what was recorded.
static int verify(struct emulator *emulator, struct failure *failure)
{
    (void)emulator;
    (void)failure;
    return 0;
}

static void stop(struct emulator *emulator)
{
    truth_free(emulator->source_data);
}

const struct session_source recorded_source = {
    .abilities = abilities,
    .bring_up = bring_up,
    .count = count,
    .specific = specific,
    .tell = tell,
    .login = login,
    .logout = logout,
    .drop = drop,
    .reinstate = logout,
    .verify = verify,
    .stop = stop,
};

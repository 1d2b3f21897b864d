// SPDX-License-Identifier: Apache-2.0
// Faults in the addresses and ports of connections, and in how they are spelt.
#include "conformance/faulty/faulty.h"

#include <stdlib.h>
#include <string.h>

// --- CONTENT-7: addresses and ports ---

typedef void change_connection(struct table_connection *connection);

static void each_connection(struct faulty_table *table, change_connection *change)
{
    for (size_t i = 0; i < table->known.connection_count; i++)
        change(&table->known.connections[i]);
}

static void port_swapped(struct table_connection *connection)
{
    connection->initiator_port = __builtin_bswap16(connection->initiator_port);
    connection->target_port = __builtin_bswap16(connection->target_port);
}

static void ports_swapped(struct faulty_table *table)
{
    each_connection(table, port_swapped);
}

uint32_t fault_ports_in_network_order(struct faulty_call *call)
{
    return faulty_edited(call, ports_swapped);
}

static void initiator_port_zero(struct table_connection *connection)
{
    connection->initiator_port = 0;
}

static void initiator_ports_zero(struct faulty_table *table)
{
    each_connection(table, initiator_port_zero);
}

uint32_t fault_initiator_port_zero(struct faulty_call *call)
{
    return faulty_edited(call, initiator_ports_zero);
}

static void port_well_known(struct table_connection *connection)
{
    connection->target_port = 3260;
}

static void ports_well_known(struct faulty_table *table)
{
    each_connection(table, port_well_known);
}

uint32_t fault_target_port_always_3260(struct faulty_call *call)
{
    return faulty_edited(call, ports_well_known);
}

static void end_swapped(struct table_connection *connection)
{
    struct text address = connection->initiator_address;
    uint16_t port = connection->initiator_port;
    connection->initiator_address = connection->target_address;
    connection->initiator_port = connection->target_port;
    connection->target_address = address;
    connection->target_port = port;
}

static void ends_swapped(struct faulty_table *table)
{
    each_connection(table, end_swapped);
}

uint32_t fault_ends_swapped(struct faulty_call *call)
{
    return faulty_edited(call, ends_swapped);
}

// For a buffer that would do for the shortest address.
static struct text address_cut(struct faulty_table *table, struct text text)
{
    (void)table;
    return text.length > 8 ? faulty_cut(text, 8) : faulty_cut(text, text.length - 1);
}

static void addresses_cut(struct faulty_table *table)
{
    faulty_change_addresses(table, address_cut);
}

uint32_t fault_addresses_cut(struct faulty_call *call)
{
    return faulty_edited(call, addresses_cut);
}

static struct text address_any(struct faulty_table *table, struct text text)
{
    bool is_ipv6 = memchr(text.bytes, ':', text.length) != NULL;
    return faulty_print(table, "%s", is_ipv6 ? "::" : "0.0.0.0");
}

static void addresses_any(struct faulty_table *table)
{
    faulty_change_addresses(table, address_any);
}

uint32_t fault_addresses_unspecified(struct faulty_call *call)
{
    return faulty_edited(call, addresses_any);
}

static void target_address_of_initiator(struct table_connection *connection)
{
    connection->target_address = connection->initiator_address;
    connection->target_port = connection->initiator_port;
}

static void target_addresses_of_initiators(struct faulty_table *table)
{
    each_connection(table, target_address_of_initiator);
}

uint32_t fault_target_end_is_initiators(struct faulty_call *call)
{
    return faulty_edited(call, target_addresses_of_initiators);
}

// --- CONTENT-10: canonical addresses (and one that is another address: CONTENT-7) ---

static bool is_ipv4(struct text text)
{
    return memchr(text.bytes, ':', text.length) == NULL;
}

static struct text mapped(struct faulty_table *table, struct text text)
{
    if (!is_ipv4(text))
        return text;
    return faulty_print(table, "::ffff:%.*s", (int)text.length, text.bytes);
}

static void addresses_mapped(struct faulty_table *table)
{
    faulty_change_addresses(table, mapped);
}

uint32_t fault_addresses_mapped_to_ipv6(struct faulty_call *call)
{
    return faulty_edited(call, addresses_mapped);
}

static struct text bracketed(struct faulty_table *table, struct text text)
{
    return faulty_print(table, "[%.*s]", (int)text.length, text.bytes);
}

static void addresses_bracketed(struct faulty_table *table)
{
    faulty_change_addresses(table, bracketed);
}

uint32_t fault_addresses_in_brackets(struct faulty_call *call)
{
    return faulty_edited(call, addresses_bracketed);
}

static struct text padded(struct faulty_table *table, struct text text)
{
    if (!is_ipv4(text))
        return faulty_print(table, "0%.*s", (int)text.length, text.bytes);
    char copy[64];
    size_t length = text.length < sizeof copy ? text.length : sizeof copy - 1;
    memcpy(copy, text.bytes, length);
    copy[length] = 0;
    unsigned long bytes[4] = {0};
    char *at = copy;
    for (size_t i = 0; i < 4; i++) {
        bytes[i] = strtoul(at, &at, 10);
        at += *at == '.';
    }
    return faulty_print(table, "%03lu.%03lu.%03lu.%03lu", bytes[0], bytes[1], bytes[2], bytes[3]);
}

static void addresses_padded(struct faulty_table *table)
{
    faulty_change_addresses(table, padded);
}

uint32_t fault_addresses_padded(struct faulty_call *call)
{
    return faulty_edited(call, addresses_padded);
}

static struct text written_out(struct faulty_table *table, struct text text)
{
    if (is_ipv4(text) || text.length < 2 || memcmp(text.bytes, "::", 2) != 0)
        return text;
    // ::1 as 0:0:0:0:0:0:0:1; what begins with zeros is all that a loopback has.
    return faulty_print(table, "0:0:0:0:0:0:0:%.*s", (int)(text.length - 2), text.bytes + 2);
}

static void addresses_written_out(struct faulty_table *table)
{
    faulty_change_addresses(table, written_out);
}

uint32_t fault_ipv6_written_out(struct faulty_call *call)
{
    return faulty_edited(call, addresses_written_out);
}

static struct text with_port(struct faulty_table *table, struct text text)
{
    return faulty_print(table, "%.*s:3260", (int)text.length, text.bytes);
}

static void addresses_with_port(struct faulty_table *table)
{
    faulty_change_addresses(table, with_port);
}

uint32_t fault_addresses_with_port(struct faulty_call *call)
{
    return faulty_edited(call, addresses_with_port);
}

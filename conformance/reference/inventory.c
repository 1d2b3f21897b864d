// SPDX-License-Identifier: Apache-2.0
// What the functions that tell of targets and devices answer. The initiator service is asked for
// each call, and nothing is kept from call to call.
#include "conformance/reference/inventory.h"

#include "conformance/reference/initiator_client.h"
#include "conformance/reference/reports.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// ---- ReportIScsiTargets ----

// The names, each with its NUL, and one NUL more. Returns the characters that they take; writes
// them unless `to` is NULL.
static uint64_t list_names(enum list_charset charset, struct initiator_answer answer, void *to)
{
    const struct text end = {"", 0};
    struct text name;
    uint64_t units = 1;
    while (initiator_answer_take(&answer, &name)) {
        units += caller_text_units(charset, name);
        if (to)
            to = caller_text_write(charset, name, to);
    }
    if (to)
        (void)caller_text_write(charset, end, to);
    return units;
}

uint32_t inventory_targets(enum list_charset charset, bool update, uint32_t *size, void *buffer)
{
    struct initiator_request request;
    struct initiator_answer answer;
    if (!size)
        return LIST_INVALID_PARAMETER;
    initiator_request_begin(&request, "targets");
    initiator_request_add_number(&request, update);
    uint32_t status = initiator_ask(&request, &answer);
    if (status != LIST_SUCCESS)
        return status;
    uint64_t needed = list_names(charset, answer, NULL);
    if (needed > UINT32_MAX) {
        status = LIST_ISCSI_OUT_OF_RESOURCES;
    } else {
        if (!buffer || *size < needed)
            status = LIST_INSUFFICIENT_BUFFER;
        else
            (void)list_names(charset, answer, buffer);
        *size = (uint32_t)needed;
    }
    initiator_answer_free(&answer);
    return status;
}

// ---- GetDevicesForIScsiSession ----

struct device {
    uint8_t lun;
    uint32_t type; // the platform's number for a kind of device
};

enum { TYPE_DISK = 0x07 };

// The members of one element of the caller's array, of A or of W.
struct element {
    enum list_charset charset;
    void *initiator_name;
    void *target_name;
    struct iscsi_scsi_address *address;
    uint32_t *interface_type;
    void *interface_name;
    void *legacy_name;
    struct iscsi_device_number *number;
};

// The platform's number for a peripheral device type of SCSI.
static uint32_t device_type(uint8_t peripheral)
{
    static const struct {
        uint8_t peripheral;
        uint32_t type;
    } types[] = {
        {0x00, TYPE_DISK},
        {0x01, 0x1F}, // tape
        {0x05, 0x02}, // CD-ROM
        {0x0C, 0x04}, // controller
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].peripheral == peripheral)
            return types[i].type;
    }
    return 0x22; // unknown
}

// Takes the next device off an answer. Units whose numbers a SCSI_ADDRESS can't hold are left out.
static bool take_device(struct initiator_answer *answer, struct device *device)
{
    uint8_t peripheral = 0;
    if (!initiator_answer_take_byte(answer, &device->lun) ||
        !initiator_answer_take_byte(answer, &peripheral))
        return false;
    device->type = device_type(peripheral);
    return true;
}

static struct element clear_a(iscsi_device_on_session_a *to)
{
    memset(to, 0, sizeof *to);
    return (struct element){LIST_CHARSET_A,     to->initiator_name, to->target_name, &to->address,
                            to->interface_type, to->interface_name, to->legacy_name, &to->number};
}

static struct element clear_w(iscsi_device_on_session_w *to)
{
    memset(to, 0, sizeof *to);
    return (struct element){LIST_CHARSET_W,     to->initiator_name, to->target_name, &to->address,
                            to->interface_type, to->interface_name, to->legacy_name, &to->number};
}

__attribute__((format(printf, 3, 4))) static void write_name(enum list_charset charset, void *to,
                                                             const char *format, ...)
{
    char text[64];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)caller_text_write(charset, (struct text){text, (size_t)length}, to);
}

// There is no such device on this machine, so its names lead nowhere.
static void write_device(const struct element *to, struct text target, const struct device *device)
{
    static const uint32_t disk_interface[] = {0x53F56307, 0x11D0B6BF, 0xA000F294, 0x8BFB1EC9};
    write_name(to->charset, to->initiator_name, REPORTS_INITIATOR);
    (void)caller_text_write(to->charset, target, to->target_name);
    *to->address = (struct iscsi_scsi_address){.length = sizeof *to->address, .lun = device->lun};
    if (device->type == TYPE_DISK)
        memcpy(to->interface_type, disk_interface, sizeof disk_interface);
    write_name(to->charset, to->interface_name, "\\\\?\\iscsidsc-tck#lun%u", device->lun);
    write_name(to->charset, to->legacy_name, "\\\\.\\iscsidsc-tck%u", device->lun);
    *to->number = (struct iscsi_device_number){device->type, device->lun, 0};
}

// How many devices an answer has, the target's name taken off; writes them unless `to` is NULL.
static uint32_t list_devices(enum list_charset charset, struct initiator_answer answer,
                             struct text target, void *to)
{
    struct device device;
    uint32_t count = 0;
    while (take_device(&answer, &device)) {
        if (to) {
            const struct element element = charset == LIST_CHARSET_A
                                               ? clear_a((iscsi_device_on_session_a *)to + count)
                                               : clear_w((iscsi_device_on_session_w *)to + count);
            write_device(&element, target, &device);
        }
        count++;
    }
    return count;
}

static uint32_t write_devices(enum list_charset charset, struct initiator_answer *answer,
                              uint32_t *count, void *devices)
{
    struct text target;
    if (!initiator_answer_take(answer, &target) ||
        caller_text_units(charset, target) > ISCSI_NAME_SIZE)
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    uint32_t present = list_devices(charset, *answer, target, NULL);
    uint32_t room = *count;
    *count = present;
    if (present > 0 && (!devices || room < present))
        return LIST_INSUFFICIENT_BUFFER;
    (void)list_devices(charset, *answer, target, devices);
    return LIST_SUCCESS;
}

uint32_t inventory_devices(enum list_charset charset, const struct iscsi_unique_id *session,
                           uint32_t *count, void *devices)
{
    struct initiator_request request;
    struct initiator_answer answer;
    if (!session || !count)
        return LIST_INVALID_PARAMETER;
    initiator_request_begin(&request, "devices");
    initiator_request_add_id(&request, session->adapter_unique);
    initiator_request_add_id(&request, session->adapter_specific);
    uint32_t status = initiator_ask(&request, &answer);
    if (status != LIST_SUCCESS)
        return status;
    status = write_devices(charset, &answer, count, devices);
    initiator_answer_free(&answer);
    return status;
}

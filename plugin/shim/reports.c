/* The reports that tshark prints for -z: their names, and what they need of Wireshark.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/conversation.h>
#include <epan/packet_info.h>
#include <epan/proto.h>
#include <epan/stat_tap_ui.h>
#include <epan/to_str.h>

#include "shim.h"
#include "../../wireshark-headers/version.h"

/* --- What is registered --- */

typedef struct {
    const char *name;
    enum tcpshake_report report;
} report_t;

static report_t reports[] = {
    { "tcpshake,story", TCPSHAKE_STORY },
    { "tcpshake,conn.log", TCPSHAKE_CONN_LOG },
    { "tcpshake,conn.json", TCPSHAKE_CONN_JSON },
};

static bool begin(const char *argument, const report_t *wanted)
{
    const char *rest = argument + strlen(wanted->name); /* Wireshark compares no more than that */

    if (*rest != '\0' && *rest != ',') {
        fprintf(stderr, "Not a report: %s. Did you mean -z %s[,filter]?\n", argument, wanted->name);
        return false;
    }
    return tcpshake_begin_report(wanted->report, *rest == ',' ? rest + 1 : NULL);
}

#if AT_LEAST(4, 6)
static bool report_wanted(const char *argument, void *report)
{
    return begin(argument, (const report_t *)report);
}
#else
static void report_wanted(const char *argument, void *report)
{
    if (!begin(argument, (const report_t *)report))
        exit(1); /* as Wireshark's own reports do there */
}
#endif

/* Protocols that are not what a segment is about: TCP's payload where Wireshark knows none, what only frames the messages of
 * another, and postdissectors. */
static const char *const passed_over_names[] = { "data", "nbss", "tpkt", "cotp", "tcpshake", "transum" };
static int passed_over[G_N_ELEMENTS(passed_over_names)];
static int proto_tcp = -1;

void tcpshake_register_reports(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    for (size_t i = 0; i < G_N_ELEMENTS(passed_over); i++)
        passed_over[i] = proto_get_id_by_filter_name(passed_over_names[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(reports); i++) {
        stat_tap_ui ui = {
            .group = REGISTER_STAT_GROUP_GENERIC, .cli_string = reports[i].name, .tap_init_cb = report_wanted
        };
        register_stat_tap_ui(&ui, &reports[i]);
    }
}

/* --- What they need --- */

uint16_t tcpshake_end(const struct conversation *conversation, bool first_flow, char *text, size_t size)
{
    const conversation_element_t *key = conversation->key_ptr;
    bool one = tcpshake_first_end_is_first_flow(conversation) == first_flow;

    address_to_str_buf(one ? conversation_key_addr1(key) : conversation_key_addr2(key), text, (int)size);
    return (uint16_t)(one ? conversation_key_port1(key) : conversation_key_port2(key));
}

void tcpshake_print(const char *text)
{
    fputs(text, stdout);
    fflush(stdout); /* Wireshark's own run time may be another (Windows), and what it prints comes after this */
}

void tcpshake_date(int64_t seconds, char *text, size_t size)
{
    GDateTime *date = g_date_time_new_from_unix_utc(seconds);
    char *made = date == NULL ? NULL : g_date_time_format(date, "%Y-%m-%d-%H-%M-%S");

    g_strlcpy(text, made == NULL ? "-" : made, size);
    g_free(made);
    if (date != NULL)
        g_date_time_unref(date);
}

static bool is_passed_over(int protocol)
{
    for (size_t i = 0; i < G_N_ELEMENTS(passed_over); i++)
        if (protocol == passed_over[i])
            return true;
    return false;
}

int tcpshake_service(const packet_info *pinfo)
{
    bool above = false;
    int service = -1;

    for (wmem_list_frame_t *node = wmem_list_head(pinfo->layers); node != NULL; node = wmem_list_frame_next(node)) {
        int protocol = GPOINTER_TO_INT(wmem_list_frame_data(node));
        if (protocol == proto_tcp && above)
            return -1;
        if (above && service < 0 && !is_passed_over(protocol))
            service = protocol;
        above = above || protocol == proto_tcp;
    }
    return service;
}

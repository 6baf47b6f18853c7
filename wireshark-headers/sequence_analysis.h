/* What is used of Wireshark's flow graphs (its epan/sequence_analysis.h). libwireshark exports the functions, but the header
 * is not installed, so they are declared here, in our own words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Of the records only the first members are declared, up to the last that is used; nothing here depends on a record's
 * size. They are laid out alike in the sources of 4.0 and 4.4; plugin/shim/flow.c looks at each record before it writes.
 */
#ifndef TCPSHAKE_SEQUENCE_ANALYSIS_H
#define TCPSHAKE_SEQUENCE_ANALYSIS_H

#include <epan/address.h>
#include <epan/packet_info.h>
#include <epan/tap.h>

#include "version.h"

/* A flow graph: seq_analysis_info_t. */
typedef struct {
    const char *name;
    tcpshake_boolean_t any_addr; /* link-layer addresses too */
    int nconv;
    GQueue *items;
    /* more follows */
} flow_graph_t;

/* An arrow in it: seq_analysis_item_t. Its texts belong to it, and are freed with g_free. */
typedef struct {
    uint32_t frame_number;
    address src_addr;
    uint16_t port_src;
    address dst_addr;
    uint16_t port_dst;
    char *frame_label;           /* on the arrow */
    char *time_str;
    char *comment;               /* right of the graph */
    /* more follows */
} flow_arrow_t;

/* A kind of flow graph that a dissector offers: register_analysis_t. */
typedef struct register_analysis flow_kind_t;

WS_DLL_PUBLIC void register_seq_analysis(const char *name, const char *ui_name, const int proto_id, const char *tap,
                                         unsigned tap_flags, tap_packet_cb packet);
WS_DLL_PUBLIC flow_kind_t *sequence_analysis_find_by_name(const char *name);
WS_DLL_PUBLIC tap_packet_cb sequence_analysis_get_packet_func(flow_kind_t *kind);

#endif

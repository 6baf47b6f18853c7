/* Reading what Wireshark's TCP dissector works on and leaves behind: of read.c, for shim.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSHAKE_READ_H
#define TCPSHAKE_READ_H

#include <glib.h>

#include <epan/packet_info.h>
#include <epan/proto.h>

#include "shim.h"

/* One call of the TCP dissector, as it found the packet. */
typedef struct tcpshake_noted tcpshake_noted_t;
struct tcpshake_noted {
    tvbuff_t *tvb;           /* the segment */
    address from, to;
    bool quoted;             /* in a packet that quotes others: Wireshark's in_error_pkt */
    bool fragment;           /* in the first fragment of a packet, this one or an outer one, that was not put together */
    tcpshake_noted_t *next;  /* in the same frame, in the order of the calls */
    tcpshake_noted_t *last;  /* of the first one: the end of the list */
};

/* Stands in front of the TCP dissector from now on, and notes its calls for this protocol. */
void tcpshake_stand_before_tcp(int protocol);

/* The first call in this frame, in the first pass; NULL if there was none. Valid until the frame's dissection ends. */
const tcpshake_noted_t *tcpshake_noted(packet_info *pinfo);

/* Reads the header that the TCP dissector was given. False if there is not enough of it to belong to a conversation. */
bool tcpshake_read_header(packet_info *pinfo, const tcpshake_noted_t *noted, tcpshake_header_t *header);

/* tcp.completeness as the user sees it beside our items, for the header at this offset of a data source; -1 if it is not in
 * the tree. */
int tcpshake_shown_completeness(const proto_tree *tree, const tvbuff_t *source, uint32_t offset);

#endif

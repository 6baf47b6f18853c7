/* Reading what Wireshark's TCP dissector leaves behind: of read.c, for shim.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSHAKE_READ_H
#define TCPSHAKE_READ_H

#include <glib.h>

#include <epan/packet_info.h>
#include <epan/proto.h>

#include "shim.h"

/* The items that the TCP dissector left in the tree of a frame, in the order of the frame's layers. Each list is NULL where
 * there is none. */
typedef struct {
    const GPtrArray *tcp;    /* the protocol itself: one for each header, however short */
    const GPtrArray *stream; /* tcp.stream: one for each header that belongs to a conversation */
    const GPtrArray *len;    /* tcp.len: one for each header whose segment's length Wireshark knows */
} tcpshake_items_t;

/* Looks up TCP's fields, once all protocols are registered, and returns those that have to be in the tree in the first
 * pass. The list is the caller's. */
GArray *tcpshake_find_fields(void);

/* The items of a frame in the first pass. */
tcpshake_items_t tcpshake_items(const proto_tree *tree);

/* How many TCP headers the frame has. */
unsigned tcpshake_header_count(const tcpshake_items_t *items);

/* Reads a header, counted from 0. False if nothing is to be made of it: too short, or of no stream. */
bool tcpshake_read_header(packet_info *pinfo, const tcpshake_items_t *items, unsigned index, tcpshake_header_t *header);

/* What stands in the tree of the header at this offset of a data source. */
tcpshake_beside_t tcpshake_beside(const proto_tree *tree, const tvbuff_t *source, uint32_t offset);

#endif

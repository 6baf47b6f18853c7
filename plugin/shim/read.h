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

/* Looks up TCP's fields, once all protocols are registered, and returns those that have to be in the tree in the first
 * pass. The list is the caller's. */
GArray *tcpshake_find_fields(void);

/* The frame's tcp.stream items in the first pass, in the order of its layers: one for each TCP header of which Wireshark read
 * enough to give it a conversation. NULL if there is none. */
const GPtrArray *tcpshake_streams(const proto_tree *tree);

/* Reads the header that this item belongs to. False if it can't be found again. */
bool tcpshake_read_header(packet_info *pinfo, const field_info *stream, tcpshake_header_t *header);

/* Of a frame without such an item: reads the header that an ICMP "destination unreachable" quotes, of which eight bytes are
 * enough (RFC 792), though TCP's dissector needs more. False if there is none, or it belongs to no connection that is known. */
bool tcpshake_read_short_quote(packet_info *pinfo, tvbuff_t *frame, tcpshake_header_t *header);

/* What stands in the tree of the header at this offset of a data source. */
tcpshake_beside_t tcpshake_beside(const proto_tree *tree, const tvbuff_t *source, uint32_t offset);

#endif

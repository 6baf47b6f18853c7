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

/* Looks up TCP's protocol and fields, once all protocols are registered. */
void tcpshake_find_fields(void);

/* Reads the frame's TCP headers in the first pass, in the order of its layers: each that TCP has given a stream, and each that
 * an ICMP error quotes so shortly (eight bytes, RFC 792) that TCP could not. */
void tcpshake_read_headers(packet_info *pinfo, void (*each)(packet_info *pinfo, const tcpshake_header_t *header));

/* How many bytes an IP header takes at least, of the family of the one in front of this offset: 20, 40; 0 if there is
 * none. */
uint8_t tcpshake_ip_header_least(tvbuff_t *source, uint32_t offset);

/* How many bytes the IP header in front of this offset has; where it stands elsewhere (the packet was put together from
 * fragments, or it has extension headers), as many as one of the packet's family takes at least. */
uint8_t tcpshake_ip_header_length(const packet_info *pinfo, tvbuff_t *source, uint32_t offset);

/* What stands in the tree of the header at this offset of a data source. */
tcpshake_beside_t tcpshake_beside(const proto_tree *tree, const tvbuff_t *source, uint32_t offset);

#endif

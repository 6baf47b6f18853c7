/* Reading what Wireshark's TCP dissector left behind: of read.c, for shim.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSHAKE_READ_H
#define TCPSHAKE_READ_H

#include <glib.h>

#include <epan/packet_info.h>
#include <epan/proto.h>

#include "shim.h"

/* Looks up the protocols it goes by, once all are registered. */
void tcpshake_find_protocols(void);

/* Reads the TCP header whose item this is, number `index` (from 0) of the frame. False if there is not enough of it to
 * belong to a conversation. */
bool tcpshake_read_header(packet_info *pinfo, const field_info *item, guint index, tcpshake_header_t *header);

#endif

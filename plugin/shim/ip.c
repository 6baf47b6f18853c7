/* The IP header in front of a TCP header, and what it says about it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/ipproto.h>
#include <epan/packet.h>
#include <epan/proto.h>

#include "ip.h"

/* Protocols that quote packets of others: what is inside is no segment of its connection. They are those that set
 * pinfo->flags.in_error_pkt around a packet that may hold TCP. */
static const char *const quoting_names[] = {
    "icmp", "icmpv6", "sflow", "openflow_v4", "openflow_v5", "openflow_v6", "nhrp", "clnp",
};
static int quoting[G_N_ELEMENTS(quoting_names)];

void tcpshake_find_quoting(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(quoting); i++)
        quoting[i] = proto_get_id_by_filter_name(quoting_names[i]);
}

ip_header_t tcpshake_ip_before(const uint8_t *source, uint32_t offset)
{
    for (uint32_t length = 20; length <= 60 && length <= offset; length += 4) {
        const uint8_t *ip = source + offset - length;
        if (ip[0] == (0x40 | length / 4))
            return (ip_header_t){ ip, AT_IPv4, length };
    }
    if (offset >= 40 && source[offset - 40] >> 4 == 6)
        return (ip_header_t){ source + offset - 40, AT_IPv6, 40 };
    return (ip_header_t){ NULL, AT_NONE, 0 };
}

ends_t tcpshake_ends_of(const ip_header_t *ip)
{
    ends_t ends;
    int size = ip->family == AT_IPv4 ? 4 : 16, start = ip->family == AT_IPv4 ? 12 : 8;

    set_address(&ends.from, ip->family, size, ip->bytes + start);
    set_address(&ends.to, ip->family, size, ip->bytes + start + size);
    return ends;
}

/* The least offset of a TCP header in a quoted packet: behind IPv4, ICMP (RFC 792) and IPv4 again. */
#define QUOTED_OFFSET_MIN 48

/* Whether the frame has a protocol that quotes packets, and may do so in front of this offset. */
bool tcpshake_is_quoted(const packet_info *pinfo, uint32_t offset)
{
    if (offset < QUOTED_OFFSET_MIN)
        return false;
    for (wmem_list_frame_t *node = wmem_list_head(pinfo->layers); node != NULL; node = wmem_list_frame_next(node))
        for (size_t i = 0; i < G_N_ELEMENTS(quoting); i++)
            if (GPOINTER_TO_INT(wmem_list_frame_data(node)) == quoting[i])
                return true;
    return false;
}

/* Whether the IP header before `offset` belongs to the first fragment of a packet that was not put together: IPv4 with more
 * fragments to come, IPv6 with a fragment header (RFC 791, 3.1; RFC 8200, 4.5). */
bool tcpshake_is_fragment(const uint8_t *source, uint32_t offset)
{
    ip_header_t ip = tcpshake_ip_before(source, offset);
    if (ip.family == AT_IPv4)
        return (ip.bytes[6] & 0x20) != 0;
    if (ip.family == AT_IPv6 || offset < 48)
        return false;
    const uint8_t *header = source + offset - 48, *fragment = source + offset - 8;
    return header[0] >> 4 == 6 && header[6] == IP_PROTO_FRAGMENT && fragment[0] == IP_PROTO_TCP && (fragment[3] & 1) != 0;
}

/* The ICMP error right before a quoted IP header (RFC 792; RFC 4443), and the sender in the IP header before that. */
tcpshake_icmp_t tcpshake_icmp_before(const uint8_t *source, uint32_t offset)
{
    ip_header_t quoted = tcpshake_ip_before(source, offset);
    if (quoted.family == AT_NONE || offset < quoted.length + 8)
        return (tcpshake_icmp_t){ NULL, false, { NULL, 0 } };
    tcpshake_icmp_t icmp = { quoted.bytes - 8, quoted.family == AT_IPv6, { NULL, 0 } };
    ip_header_t outer = tcpshake_ip_before(source, offset - quoted.length - 8);
    bool carries = outer.family == quoted.family &&
        outer.bytes[outer.family == AT_IPv4 ? 9 : 6] == (icmp.v6 ? IP_PROTO_ICMPV6 : IP_PROTO_ICMP);
    if (carries)
        icmp.sender = tcpshake_source_of(&outer);
    return icmp;
}

tcpshake_address_t tcpshake_source_of(const ip_header_t *ip)
{
    return ip->family == AT_IPv4 ? (tcpshake_address_t){ ip->bytes + 12, 4 } : (tcpshake_address_t){ ip->bytes + 8, 16 };
}

tcpshake_address_t tcpshake_destination_of(const ip_header_t *ip)
{
    return ip->family == AT_IPv4 ? (tcpshake_address_t){ ip->bytes + 16, 4 } : (tcpshake_address_t){ ip->bytes + 24, 16 };
}

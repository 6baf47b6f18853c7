/* The IP header in front of a TCP header, and what it says about it: of ip.c, for the other files here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSHAKE_IP_H
#define TCPSHAKE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/packet_info.h>

#include "shim.h"

/* The number in two or four bytes, in network order. */
static inline uint16_t get_16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t get_32(const uint8_t *bytes)
{
    return (uint32_t)get_16(bytes) << 16 | get_16(bytes + 2);
}

/* The two ends of a packet. */
typedef struct {
    address from, to;
} ends_t;

/* The IP header in front of a TCP header, with nothing in between but options. */
typedef struct {
    const uint8_t *bytes;
    int family;              /* AT_IPv4, AT_IPv6; AT_NONE if there is none */
    uint32_t length;
} ip_header_t;

/* The IP header right before this offset of a data source. */
ip_header_t tcpshake_ip_before(const uint8_t *source, uint32_t offset);

/* Its addresses, which point into it. It has to be there. */
ends_t tcpshake_ends_of(const ip_header_t *ip);

/* Looks up the protocols that quote packets, once all are registered. */
void tcpshake_find_quoting(void);

/* Whether the TCP header at this offset stands in a packet that is quoted. */
bool tcpshake_is_quoted(const packet_info *pinfo, uint32_t offset);

/* Whether it stands in the first fragment of a packet that was not put together. */
bool tcpshake_is_fragment(const uint8_t *source, uint32_t offset);

/* Its source and its destination; they point into it. It has to be there. */
tcpshake_address_t tcpshake_source_of(const ip_header_t *ip);
tcpshake_address_t tcpshake_destination_of(const ip_header_t *ip);

/* Of a quoted header: the ICMP error that quotes it. */
tcpshake_icmp_t tcpshake_icmp_before(const uint8_t *source, uint32_t offset);

#endif

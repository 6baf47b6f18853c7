/* Reads what Wireshark's TCP dissector left behind: where a header stands, its conversation, what the analysis found.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/conversation.h>
#include <epan/ipproto.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto.h>
#include <epan/tvbuff-int.h>
#include <epan/dissectors/packet-tcp.h>

#include "read.h"

/* How much of a TCP header Wireshark's dissector reads before it counts the segment. */
#define TCP_HEADER_COUNTED 16
/* What an ICMP error quotes at least: the ports and the sequence number (RFC 792). */
#define TCP_HEADER_QUOTED 8

static int proto_tcp = -1;
static int proto_ip = -1;
static int proto_ipv6 = -1;

/* Protocols that quote the headers of other packets: what is inside is no segment of the connection. They are those
 * that set pinfo->flags.in_error_pkt around a packet that may hold TCP. */
static const char *const quoting_names[] = {
    "icmp", "icmpv6", "sflow", "openflow_v4", "openflow_v5", "openflow_v6", "nhrp", "clnp",
};
static int quoting[G_N_ELEMENTS(quoting_names)];
/* By a protocol's number modulo the length: most are told apart from them by one look. */
static bool maybe_quoting[1024];

void tcpshake_find_protocols(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_ip = proto_get_id_by_filter_name("ip");
    proto_ipv6 = proto_get_id_by_filter_name("ipv6");
    for (size_t i = 0; i < G_N_ELEMENTS(quoting); i++) {
        quoting[i] = proto_get_id_by_filter_name(quoting_names[i]);
        maybe_quoting[(unsigned)quoting[i] % G_N_ELEMENTS(maybe_quoting)] = true;
    }
}

static struct tcp_analysis *notes_on(const conversation_t *conversation)
{
    return (struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
}

uint8_t tcpshake_completeness(const struct conversation *conversation)
{
    const struct tcp_analysis *notes = notes_on(conversation);
    return notes == NULL ? 0 : notes->conversation_completeness;
}

/* What the list of a frame's layers says about one of its TCP headers. */
typedef struct {
    int  below;     /* the protocol right below */
    bool quoted;    /* inside a protocol that quotes packets */
    bool covered;   /* another IP header follows, so that pinfo's addresses are not this one's */
} layer_t;

static bool is_quoting(int protocol)
{
    if (!maybe_quoting[(unsigned)protocol % G_N_ELEMENTS(maybe_quoting)])
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(quoting); i++)
        if (protocol == quoting[i])
            return true;
    return false;
}

/* Finds the TCP header number `index` (from 0) among the frame's layers. */
static bool find_layer(const packet_info *pinfo, guint index, layer_t *layer)
{
    bool found = false, quoted = false;
    int below = -1;

    for (wmem_list_frame_t *node = wmem_list_head(pinfo->layers); node != NULL; node = wmem_list_frame_next(node)) {
        int protocol = GPOINTER_TO_INT(wmem_list_frame_data(node));
        if (found && (protocol == proto_ip || protocol == proto_ipv6))
            layer->covered = true;
        if (protocol == proto_tcp && !found && index-- == 0) {
            *layer = (layer_t){ .below = below, .quoted = quoted, .covered = false };
            found = true;
        }
        quoted = quoted || is_quoting(protocol);
        below = protocol;
    }
    return found;
}

/* The part of the frame that the TCP dissector was given: its length is the segment's. Parts of a data source are
 * chained behind it (tvbuff.c, tvb_add_to_chain). Of those that begin at the header it is the shortest that holds the
 * header: a decrypted packet may go on behind the segment with padding. */
static tvbuff_t *tcp_part(const field_info *item)
{
    tvbuff_t *best = NULL;

    for (tvbuff_t *part = item->ds_tvb; part != NULL; part = part->next) {
        if (part->ds_tvb != item->ds_tvb || part->raw_offset != item->start)
            continue;
        bool holds = part->reported_length >= (uint32_t)item->length;
        bool best_holds = best != NULL && best->reported_length >= (uint32_t)item->length;
        if (best == NULL || (holds && !best_holds) ||
            (holds == best_holds && (part->reported_length < best->reported_length) == holds))
            best = part;
    }
    return best;
}

/* Which of the frame's data sources this is, from 0; -1 if it is none of them. */
static int source_index(const packet_info *pinfo, const tvbuff_t *source)
{
    int index = 0;

    for (const GSList *node = pinfo->data_src; node != NULL && index <= UINT8_MAX; node = node->next, index++)
        if (get_data_source_tvb((const struct data_source *)node->data) == source)
            return index;
    return -1;
}

/* The addresses of the IP header right before `offset`, which need not be those in pinfo: an IP header inside the TCP
 * payload, or one that is quoted, has others. False if there is no such header. */
static bool addresses_before(const uint8_t *bytes, uint32_t offset, int family, address *source, address *destination)
{
    if (family == proto_ip) {
        for (uint32_t length = 20; length <= 60 && length <= offset; length += 4) {
            const uint8_t *ip = bytes + offset - length;
            if (ip[0] == (0x40 | length / 4) && ip[9] == IP_PROTO_TCP) {
                set_address(source, AT_IPv4, 4, ip + 12);
                set_address(destination, AT_IPv4, 4, ip + 16);
                return true;
            }
        }
    } else if (family == proto_ipv6 && offset >= 40) {
        const uint8_t *ip = bytes + offset - 40;
        if (ip[0] >> 4 == 6 && ip[6] == IP_PROTO_TCP) {
            set_address(source, AT_IPv6, 16, ip + 8);
            set_address(destination, AT_IPv6, 16, ip + 24);
            return true;
        }
    }
    return false;
}

/* Whether the IP header before `offset` belongs to the first fragment of a larger packet. */
static bool is_fragment(const uint8_t *bytes, uint32_t offset, int family)
{
    if (family == proto_ip)
        for (uint32_t length = 20; length <= 60 && length <= offset; length += 4) {
            const uint8_t *ip = bytes + offset - length;
            if (ip[0] == (0x40 | length / 4) && ip[9] == IP_PROTO_TCP)
                return (ip[6] & 0x20) != 0; /* more fragments */
        }
    else if (offset >= 48) {
        /* IPv6 with a fragment header (RFC 8200, 4.5). */
        const uint8_t *ip = bytes + offset - 48, *fragment = bytes + offset - 8;
        return ip[0] >> 4 == 6 && ip[6] == IP_PROTO_FRAGMENT && fragment[0] == IP_PROTO_TCP && (fragment[3] & 1) != 0;
    }
    return false;
}

static uint16_t get_16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get_32(const uint8_t *bytes)
{
    return (uint32_t)get_16(bytes) << 16 | get_16(bytes + 2);
}

static conversation_t *conversation_of(packet_info *pinfo, const layer_t *layer, const tcpshake_header_t *header,
                                       const uint8_t *source, bool *first_flow)
{
    uint16_t source_port = get_16(header->bytes), destination_port = get_16(header->bytes + 2);
    address from = pinfo->src, to = pinfo->dst;

    if ((layer->quoted || layer->covered) && !addresses_before(source, header->place.offset, layer->below, &from, &to))
        return NULL;

    /* get_tcp_conversation_data, which sets the direction in the same way, must not be called again here: it would
     * clear the segment's analysis. */
    int order = cmp_address(&from, &to);
    *first_flow = order > 0 || (order == 0 && source_port > destination_port);
    /* Where conversations are told apart by interface or VLAN too, only Wireshark's own strategy finds the right one. */
#if AT_LEAST(4, 6)
    if (prefs.conversation_deinterlacing_key > 0 && !layer->quoted && !layer->covered)
        return find_conversation_strat(pinfo, CONVERSATION_TCP, 0, false);
#elif AT_LEAST(4, 4)
    if (prefs.conversation_deinterlacing_key > 0 && !layer->quoted && !layer->covered)
        return find_conversation_strat(pinfo, CONVERSATION_TCP, 0);
#endif
    conversation_t *found =
        find_conversation(pinfo->num, &from, &to, CONVERSATION_TCP, source_port, destination_port, 0);
    if (found != NULL || pinfo->net_src.type == AT_NONE)
        return found;
    /* Dissectors on top of TCP may have put other addresses into pinfo->src and pinfo->dst. */
    order = cmp_address(&pinfo->net_src, &pinfo->net_dst);
    *first_flow = order > 0 || (order == 0 && source_port > destination_port);
    return find_conversation(pinfo->num, &pinfo->net_src, &pinfo->net_dst, CONVERSATION_TCP, source_port,
                             destination_port, 0);
}

/* What Wireshark's analysis found about the segment. Some dissectors on top of TCP clear `ta` when they ask for the
 * conversation; the table still has it. */
static uint16_t analysis_of(const struct tcp_analysis *analysis, uint32_t frame, const uint8_t *header)
{
    const struct tcp_acked *acked = analysis->ta;

    if (acked == NULL) {
        /* The keys of tcp_analyze_get_acked_struct. */
        uint32_t seq = get_32(header + 4), ack = get_32(header + 8);
        wmem_tree_key_t keys[] = { { 1, &frame }, { 1, &seq }, { 1, &ack }, { 0, NULL } };
        acked = (const struct tcp_acked *)wmem_tree_lookup32_array(analysis->acked_table, keys);
    }
    return acked == NULL ? 0 : acked->flags;
}

/* "Destination unreachable" right before a quoted IP header: ICMP type 3, but for its code 4, which asks for smaller
 * packets (RFC 792, RFC 1191); ICMPv6 type 1 (RFC 4443). */
static bool is_unreachable(const uint8_t *bytes, uint32_t offset, int family)
{
    if (family == proto_ip)
        for (uint32_t length = 20; length <= 60 && length + 8 <= offset; length += 4) {
            const uint8_t *icmp = bytes + offset - length - 8;
            if (icmp[8] == (0x40 | length / 4))
                return icmp[0] == 3 && icmp[1] != 4;
        }
    return family == proto_ipv6 && offset >= 48 && bytes[offset - 48] == 1;
}

bool tcpshake_read_header(packet_info *pinfo, const field_info *item, guint index, tcpshake_header_t *header)
{
    layer_t layer = { .below = -1 };
    tvbuff_t *part = tcp_part(item);
    int source = source_index(pinfo, item->ds_tvb);

    if (part == NULL || source < 0 || !find_layer(pinfo, index, &layer))
        return false;
    header->captured = tvb_captured_length(part);
    if (header->captured < (layer.quoted ? TCP_HEADER_QUOTED : TCP_HEADER_COUNTED))
        return false;
    header->bytes = tvb_get_ptr(part, 0, (int)header->captured);
    header->place = (tcpshake_place_t){ (uint8_t)source, (uint32_t)item->start, tvb_reported_length(part) };

    const uint8_t *frame = tvb_get_ptr(item->ds_tvb, 0, item->start);
    header->origin = layer.quoted ? TCPSHAKE_QUOTED
        : is_fragment(frame, header->place.offset, layer.below) ? TCPSHAKE_FRAGMENT : TCPSHAKE_SEGMENT;
    header->unreachable = layer.quoted && is_unreachable(frame, header->place.offset, layer.below);

    conversation_t *conversation = conversation_of(pinfo, &layer, header, frame, &header->first_flow);
    if (conversation == NULL)
        return false;
    const struct tcp_analysis *analysis = notes_on(conversation);
    /* Wireshark counts its streams up from 0, so that a table of them is never longer than their number. */
    if (analysis == NULL || analysis->stream >= get_tcp_stream_count())
        return false;
    header->conversation = conversation;
    header->stream = analysis->stream;
    header->new_conversation = conversation->setup_frame == pinfo->num;
    header->found = header->captured < TCP_HEADER_COUNTED ? 0 : analysis_of(analysis, pinfo->num, header->bytes);
    return true;
}

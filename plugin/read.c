/* Reads what Wireshark's TCP dissector works on and leaves behind: where a header stands, its conversation, what the
 * analysis found.
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
#include <epan/proto_data.h>
#include <epan/dissectors/packet-tcp.h>

#include "read.h"

/* How much of a TCP header Wireshark's dissector reads before it counts the segment. */
#define TCP_HEADER_COUNTED 16
/* What an ICMP error quotes at least: the ports and the sequence number (RFC 792). */
#define TCP_HEADER_QUOTED 8

static int proto_tcp = -1;
static int hf_tcp_completeness = -1;
static int proto_tcpshake = -1;
static dissector_handle_t tcp_handle;

/* --- Noting what the TCP dissector is called with --- */

/* A dissector that stands in front of TCP's, and notes each call of it in the first pass. So the postdissector learns where
 * the headers of a frame stand without a tree of items, which Wireshark would make for one field that we ask for, and the
 * addresses as they were then: an IP header in the payload, or a dissector on top of TCP, changes those in pinfo. */
static int dissect_before_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!pinfo->fd->visited) {
        tcpshake_noted_t *noted = wmem_new(pinfo->pool, tcpshake_noted_t);
        *noted = (tcpshake_noted_t){
            .tvb = tvb,
            .from = pinfo->src,
            .to = pinfo->dst,
            .quoted = pinfo->flags.in_error_pkt,
            .fragment = pinfo->fragmented,
        };
        tcpshake_noted_t *first = (tcpshake_noted_t *)p_get_proto_data(pinfo->pool, pinfo, proto_tcpshake, 0);
        if (first == NULL) {
            p_add_proto_data(pinfo->pool, pinfo, proto_tcpshake, 0, noted);
            first = noted;
        } else {
            first->last->next = noted;
        }
        first->last = noted;
    }
    return call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
}

const tcpshake_noted_t *tcpshake_noted(packet_info *pinfo)
{
    return (const tcpshake_noted_t *)p_get_proto_data(pinfo->pool, pinfo, proto_tcpshake, 0);
}

void tcpshake_stand_before_tcp(int protocol)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    hf_tcp_completeness = proto_registrar_get_id_byname("tcp.completeness");
    proto_tcpshake = protocol;
    tcp_handle = dissector_get_uint_handle(find_dissector_table("ip.proto"), IP_PROTO_TCP);
    if (tcp_handle == NULL)
        return;
    /* It belongs to no protocol, so that it neither counts as a layer of the frame nor can be switched off; TCP itself, which
     * it calls, does and can. Its name is TCP's, as IPsec's dissectors write it into exported packets. The description is
     * what "Decode As" shows, and has to be like no other. */
    dissector_handle_t before =
        create_dissector_handle_with_name_and_description(dissect_before_tcp, -1, "tcp", "TCP (noted by TCP Handshake)");
    dissector_add_uint("ip.proto", IP_PROTO_TCP, before);
}

/* --- Its conversation --- */

static struct tcp_analysis *notes_on(const conversation_t *conversation)
{
    return (struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
}

uint8_t tcpshake_completeness(const struct conversation *conversation)
{
    const struct tcp_analysis *notes = notes_on(conversation);
    return notes == NULL ? 0 : notes->conversation_completeness;
}

static uint16_t get_16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get_32(const uint8_t *bytes)
{
    return (uint32_t)get_16(bytes) << 16 | get_16(bytes + 2);
}

static conversation_t *conversation_of(packet_info *pinfo, const tcpshake_noted_t *noted, tcpshake_header_t *header)
{
    uint16_t source_port = get_16(header->bytes), destination_port = get_16(header->bytes + 2);

    /* get_tcp_conversation_data, which sets the direction in the same way, must not be called again here: it would
     * clear the segment's analysis. */
    int order = cmp_address(&noted->from, &noted->to);
    header->first_flow = order > 0 || (order == 0 && source_port > destination_port);
#if AT_LEAST(4, 4)
    /* Where conversations are told apart by interface or VLAN too, only Wireshark's own strategy finds the right one. */
    if (prefs.conversation_deinterlacing_key > 0) {
        packet_info then = *pinfo;
        then.src = noted->from;
        then.dst = noted->to;
        then.srcport = source_port;
        then.destport = destination_port;
#if AT_LEAST(4, 6)
        return find_conversation_strat(&then, CONVERSATION_TCP, 0, false);
#else
        return find_conversation_strat(&then, CONVERSATION_TCP, 0);
#endif
    }
#endif
    return find_conversation(pinfo->num, &noted->from, &noted->to, CONVERSATION_TCP, source_port, destination_port, 0);
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

/* The TCP dissector put it into the tree before it counted the segment once more. */
int tcpshake_shown_completeness(const proto_tree *tree, const tvbuff_t *source, uint32_t offset)
{
    for (const proto_node *layer = tree == NULL ? NULL : tree->first_child; layer != NULL; layer = layer->next) {
        const field_info *tcp = PNODE_FINFO(layer);
        if (tcp == NULL || tcp->hfinfo->id != proto_tcp || tcp->ds_tvb != source || tcp->start != (int)offset)
            continue;
        for (const proto_node *node = layer->first_child; node != NULL; node = node->next)
            if (PNODE_FINFO(node) != NULL && PNODE_FINFO(node)->hfinfo->id == hf_tcp_completeness)
#if AT_LEAST(4, 4)
                return (int)fvalue_get_uinteger(PNODE_FINFO(node)->value);
#else
                return (int)fvalue_get_uinteger(&PNODE_FINFO(node)->value);
#endif
    }
    return -1;
}

/* --- The header --- */

/* Which of the frame's data sources this is, from 0; -1 if it is none of them. */
static int source_index(const packet_info *pinfo, const tvbuff_t *source)
{
    int index = 0;

    for (const GSList *node = pinfo->data_src; node != NULL && index <= UINT8_MAX; node = node->next, index++)
        if (get_data_source_tvb((const struct data_source *)node->data) == source)
            return index;
    return -1;
}

/* "Destination unreachable" right before a quoted IP header: ICMP type 3, but for its code 4, which asks for smaller
 * packets (RFC 792, RFC 1191); ICMPv6 type 1 (RFC 4443). */
static bool is_unreachable(const uint8_t *bytes, uint32_t offset, int family)
{
    if (family == AT_IPv4)
        for (uint32_t length = 20; length <= 60 && length + 8 <= offset; length += 4) {
            const uint8_t *icmp = bytes + offset - length - 8;
            if (icmp[8] == (0x40 | length / 4))
                return icmp[0] == 3 && icmp[1] != 4;
        }
    return family == AT_IPv6 && offset >= 48 && bytes[offset - 48] == 1;
}

bool tcpshake_read_header(packet_info *pinfo, const tcpshake_noted_t *noted, tcpshake_header_t *header)
{
    tvbuff_t *whole = tvb_get_ds_tvb(noted->tvb);
    int source = source_index(pinfo, whole);

    header->captured = tvb_captured_length(noted->tvb);
    if (source < 0 || header->captured < (noted->quoted ? TCP_HEADER_QUOTED : TCP_HEADER_COUNTED))
        return false;
    header->bytes = tvb_get_ptr(noted->tvb, 0, (int)header->captured);
    header->place =
        (tcpshake_place_t){ (uint8_t)source, tvb_raw_offset(noted->tvb), tvb_reported_length(noted->tvb) };
    header->origin = noted->quoted ? TCPSHAKE_QUOTED : noted->fragment ? TCPSHAKE_FRAGMENT : TCPSHAKE_SEGMENT;
    header->unreachable = noted->quoted &&
        is_unreachable(tvb_get_ptr(whole, 0, (int)header->place.offset), header->place.offset, noted->from.type);

    conversation_t *conversation = conversation_of(pinfo, noted, header);
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

/* Finds a frame's TCP headers, and reads them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * No field is asked for: for a single one Wireshark would make a tree of items for every packet of a list, where it makes none
 * otherwise. What TCP was given is among the parts of the frame, and begins with the ports of a conversation that TCP has.
 */
#include <string.h>

#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/ipproto.h>
#include <epan/packet.h>
#include <epan/proto.h>
#include <epan/tvbuff-int.h>
#include <wiretap/wtap.h>

#include "conversation.h"
#include "ip.h"
#include "read.h"

/* What an ICMP error quotes of a TCP header at least: the ports and the sequence number (RFC 792). */
#define TCP_HEADER_QUOTED 8

static int proto_tcp = -1;
static int hf_tcp_stream = -1;
static int hf_tcp_completeness = -1;

void tcpshake_find_fields(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    hf_tcp_stream = proto_registrar_get_id_byname("tcp.stream");
    hf_tcp_completeness = proto_registrar_get_id_byname("tcp.completeness");
    tcpshake_find_tcp();
    tcpshake_find_quoting();
}

/* A field's value: a structure in 4.0, a pointer from 4.2 on. */
#define VALUE(item) _Generic((item)->value, fvalue_t *: (item)->value, default: &(item)->value)

static uint32_t number_of(const field_info *item)
{
    return (uint32_t)fvalue_get_uinteger(VALUE((field_info *)item));
}

/* --- Where the headers are --- */

/* A TCP header in the frame, and the conversation it belongs to. */
typedef struct {
    tvbuff_t *part;          /* what TCP was given */
    unsigned source;         /* which of the frame's data sources, from 0 */
    uint32_t offset;         /* of the header in it */
    const conversation_t *conversation;
} found_t;

/* Headers of a frame. */
typedef struct {
    found_t *all;            /* NULL as long as there is no room */
    unsigned count, room;
} list_t;

static unsigned count_layers(const packet_info *pinfo, int protocol)
{
    unsigned count = 0;

    for (wmem_list_frame_t *node = wmem_list_head(pinfo->layers); node != NULL; node = wmem_list_frame_next(node))
        count += GPOINTER_TO_INT(wmem_list_frame_data(node)) == protocol;
    return count;
}

/* Whether TCP was given this part of a data source: it begins with the ports of a conversation that TCP has between the
 * packet's ends. Those are in the IP header in front, if there is one; else they are in pinfo, where a dissector on top of
 * TCP may have changed `src` and `dst`, but not `net_src` and `net_dst`. */
static const conversation_t *conversation_at(const packet_info *pinfo, const uint8_t *source, uint32_t offset,
                                             uint32_t captured, bool behind_ip)
{
    ip_header_t ip = tcpshake_ip_before(source, offset);
    const uint8_t *tcp = source + offset;

    if (behind_ip) {
        if (ip.family == AT_NONE || ip.bytes[ip.family == AT_IPv4 ? 9 : 6] != IP_PROTO_TCP)
            return NULL;
        ends_t ends = tcpshake_ends_of(&ip);
        return tcpshake_conversation_of(pinfo, &ends, tcp, captured);
    }
    ends_t now = { pinfo->src, pinfo->dst }, net = { pinfo->net_src, pinfo->net_dst };
    const conversation_t *found = tcpshake_conversation_of(pinfo, &now, tcp, captured);
    return found == NULL ? tcpshake_conversation_of(pinfo, &net, tcp, captured) : found;
}

/* Parts of a data source are chained behind it (tvbuff.c, tvb_add_to_chain). Of those that begin at one place TCP was given
 * the shortest that holds the header: a decrypted packet may go on behind the segment with padding. */
static bool is_better(const tvbuff_t *part, const tvbuff_t *than)
{
    uint32_t header = tvb_captured_length(part) > 12 ? (*tvb_get_ptr((tvbuff_t *)part, 12, 1) >> 4) * 4u : TCP_HEADER_QUOTED;
    uint32_t length = tvb_reported_length(part), other = tvb_reported_length(than);
    bool holds = length >= header, other_holds = other >= header;

    return holds != other_holds ? holds : (length < other) == holds;
}

/* Notes a header in the list, which is in the order of sources and offsets. */
static void note_found(list_t *list, found_t found)
{
    unsigned at = list->count;
    found_t *all = list->all;

    while (at > 0 && (all[at - 1].source > found.source ||
                      (all[at - 1].source == found.source && all[at - 1].offset > found.offset)))
        at--;
    if (at > 0 && all[at - 1].source == found.source && all[at - 1].offset == found.offset) {
        if (is_better(found.part, all[at - 1].part))
            all[at - 1].part = found.part;
        return;
    }
    if (list->count == list->room) {
        list->room = list->room == 0 ? 8 : 2 * list->room;
        list->all = all = g_renew(found_t, all, list->room);
    }
    memmove(all + at + 1, all + at, (list->count++ - at) * sizeof *all);
    all[at] = found;
}

/* Looks through a data source. */
static void find_in_source(const packet_info *pinfo, tvbuff_t *source, unsigned index, bool behind_ip, list_t *list)
{
    const uint8_t *bytes = tvb_get_ptr(source, 0, (int)tvb_captured_length(source));

    for (tvbuff_t *part = source; part != NULL; part = part->next) {
        uint32_t captured = tvb_captured_length(part);
        if (tvb_get_ds_tvb(part) != source || captured < TCP_HEADER_QUOTED)
            continue;
        uint32_t offset = tvb_raw_offset(part);
        if (captured < TCP_HEADER_COUNTED && !tcpshake_is_quoted(pinfo, offset))
            continue;
        const conversation_t *conversation = conversation_at(pinfo, bytes, offset, captured, behind_ip);
        if (conversation != NULL)
            note_found(list, (found_t){ part, index, offset, conversation });
    }
}

/* Finds the frame's TCP headers, in the order of its layers: first those behind IP headers, then, where TCP was called more
 * often, those that it came to in another way (Decode As on a UDP port, a link layer or a script that calls it). */
static void find_headers(packet_info *pinfo, list_t *list)
{
    unsigned layers = count_layers(pinfo, proto_tcp);

    list->count = 0;
    for (int pass = 0; pass < 2 && list->count < layers; pass++) {
        unsigned index = 0;
        for (const GSList *node = pinfo->data_src; node != NULL && index <= UINT8_MAX; node = node->next, index++)
            find_in_source(pinfo, get_data_source_tvb((const struct data_source *)node->data), index, pass == 0, list);
    }
}

/* --- What distinguishes a copy of a packet from another packet --- */

/* What the IP header in front says, if it is one that carries TCP. */
static void read_network(const uint8_t *source, uint32_t offset, tcpshake_header_t *header)
{
    ip_header_t ip = tcpshake_ip_before(source, offset);
    bool is_4 = ip.family == AT_IPv4;

    if (ip.family == AT_NONE || ip.bytes[is_4 ? 9 : 6] != IP_PROTO_TCP)
        return;
    header->behind_ip = true;
    header->from = tcpshake_source_of(&ip);
    header->to = tcpshake_destination_of(&ip);
    header->ip_id = is_4 ? get_16(ip.bytes + 4) : 0;
    header->hops = ip.bytes[is_4 ? 8 : 7];
}

/* A sum (FNV-1a) over the interface on which the frame was captured, and its link layer's source address. */
static uint32_t capture_point(const packet_info *pinfo)
{
    const uint32_t prime = 0x01000193;
    uint32_t sum = 0x811c9dc5;

    if (pinfo->rec != NULL && pinfo->rec->rec_type == REC_TYPE_PACKET && (pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID))
        sum = (sum ^ pinfo->rec->rec_header.packet_header.interface_id) * prime;
    const uint8_t *address = (const uint8_t *)pinfo->dl_src.data;
    for (int i = 0; address != NULL && i < pinfo->dl_src.len; i++)
        sum = (sum ^ address[i]) * prime;
    return sum;
}

/* Reads a header that was found. */
static void read_header(const packet_info *pinfo, const found_t *found, tcpshake_header_t *header)
{
    uint32_t offset = found->offset, captured = tvb_captured_length(found->part);
    const struct tcp_analysis *notes = tcpshake_notes_on(found->conversation);
    const uint8_t *source = tvb_get_ptr(tvb_get_ds_tvb(found->part), 0, (int)(offset + captured));
    bool quoted = tcpshake_is_quoted(pinfo, offset);

    *header = (tcpshake_header_t){
        .bytes = source + offset,
        .captured = captured,
        .place = { (uint8_t)found->source, offset, tvb_reported_length(found->part) },
        .origin = quoted ? TCPSHAKE_QUOTED : tcpshake_is_fragment(source, offset) ? TCPSHAKE_FRAGMENT : TCPSHAKE_SEGMENT,
        .conversation = found->conversation,
        .stream = notes->stream,
        .first_flow = tcpshake_sent_by_first_flow(pinfo, found->conversation, source, offset),
        .new_conversation = found->conversation->setup_frame == pinfo->num,
    };
    if (quoted)
        header->icmp = tcpshake_icmp_before(source, offset);
    header->capture_point = capture_point(pinfo);
    read_network(source, offset, header);
    if (captured >= TCP_HEADER_COUNTED) {
        const struct tcp_acked *analysis =
            tcpshake_analysis_of(notes, pinfo->num, get_32(header->bytes + 4), get_32(header->bytes + 8));
        header->found = analysis == NULL ? 0 : analysis->flags;
        header->in_flight = analysis == NULL ? 0 : analysis->bytes_in_flight;
    }
}

void tcpshake_read_headers(packet_info *pinfo, void (*each)(packet_info *pinfo, const tcpshake_header_t *header))
{
    static list_t list; /* its room is kept from frame to frame */

    find_headers(pinfo, &list);
    for (unsigned i = 0; i < list.count; i++) {
        tcpshake_header_t header;
        read_header(pinfo, &list.all[i], &header);
        each(pinfo, &header);
    }
}

/* --- What is shown beside our items --- */

static uint8_t least_header(int family)
{
    return family == AT_IPv4 ? 20 : family == AT_IPv6 ? 40 : 0;
}

static ip_header_t ip_before(tvbuff_t *source, uint32_t offset)
{
    return tcpshake_ip_before(offset == 0 ? NULL : tvb_get_ptr(source, 0, (int)offset), offset);
}

uint8_t tcpshake_ip_header_least(tvbuff_t *source, uint32_t offset)
{
    return least_header(ip_before(source, offset).family);
}

uint8_t tcpshake_ip_header_length(const packet_info *pinfo, tvbuff_t *source, uint32_t offset)
{
    ip_header_t ip = ip_before(source, offset);
    return ip.family == AT_NONE ? least_header(pinfo->src.type) : (uint8_t)ip.length;
}

tcpshake_beside_t tcpshake_beside(const proto_tree *tree, const tvbuff_t *source, uint32_t offset)
{
    tcpshake_beside_t beside = { -1, -1 };

    for (const proto_node *layer = tree == NULL ? NULL : tree->first_child; layer != NULL; layer = layer->next) {
        const field_info *tcp = PNODE_FINFO(layer);
        if (tcp == NULL || tcp->hfinfo->id != proto_tcp || tcp->ds_tvb != source || tcp->start != (int)offset)
            continue;
        for (const proto_node *node = layer->first_child; node != NULL; node = node->next) {
            const field_info *item = PNODE_FINFO(node);
            if (item != NULL && item->hfinfo->id == hf_tcp_stream)
                beside.stream = number_of(item);
            if (item != NULL && item->hfinfo->id == hf_tcp_completeness)
                beside.completeness = number_of(item);
        }
        break;
    }
    return beside;
}

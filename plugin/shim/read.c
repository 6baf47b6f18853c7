/* Reads what Wireshark's TCP dissector leaves behind: where a header stands, its stream, its conversation, what the analysis
 * found.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nothing of Wireshark's is written, and nothing is called that changes what it knows: find_conversation, for one, binds
 * conversations with wildcards, and so decides what later packets are dissected as. No field is asked for: for a single one
 * Wireshark would make a tree of items for every packet of a list, where it makes none otherwise.
 */
#include <string.h>

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
#include "../../wireshark-headers/version.h"

/* How much of a TCP header Wireshark's dissector reads before it counts the segment. */
#define TCP_HEADER_COUNTED 16
/* What an ICMP error quotes at least: the ports and the sequence number (RFC 792). */
#define TCP_HEADER_QUOTED 8

static int proto_tcp = -1;
static int hf_tcp_stream = -1;
static int hf_tcp_completeness = -1;

/* Protocols that quote packets of others: what is inside is no segment of its connection. They are those that set
 * pinfo->flags.in_error_pkt around a packet that may hold TCP. */
static const char *const quoting_names[] = {
    "icmp", "icmpv6", "sflow", "openflow_v4", "openflow_v5", "openflow_v6", "nhrp", "clnp",
};
static int quoting[G_N_ELEMENTS(quoting_names)];

void tcpshake_find_fields(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    hf_tcp_stream = proto_registrar_get_id_byname("tcp.stream");
    hf_tcp_completeness = proto_registrar_get_id_byname("tcp.completeness");
    for (size_t i = 0; i < G_N_ELEMENTS(quoting); i++)
        quoting[i] = proto_get_id_by_filter_name(quoting_names[i]);
}

/* A field's value: a structure in 4.0, a pointer from 4.2 on. */
#define VALUE(item) _Generic((item)->value, fvalue_t *: (item)->value, default: &(item)->value)

static uint32_t number_of(const field_info *item)
{
    return (uint32_t)fvalue_get_uinteger(VALUE((field_info *)item));
}

static uint16_t get_16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get_32(const uint8_t *bytes)
{
    return (uint32_t)get_16(bytes) << 16 | get_16(bytes + 2);
}

/* --- What stands in front of the header --- */

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

static ip_header_t ip_header_before(const uint8_t *source, uint32_t offset)
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

static ends_t ends_of(const ip_header_t *ip)
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
static bool is_quoted(const packet_info *pinfo, uint32_t offset)
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
static bool is_fragment(const uint8_t *source, uint32_t offset)
{
    ip_header_t ip = ip_header_before(source, offset);
    if (ip.family == AT_IPv4)
        return (ip.bytes[6] & 0x20) != 0;
    if (ip.family == AT_IPv6 || offset < 48)
        return false;
    const uint8_t *header = source + offset - 48, *fragment = source + offset - 8;
    return header[0] >> 4 == 6 && header[6] == IP_PROTO_FRAGMENT && fragment[0] == IP_PROTO_TCP && (fragment[3] & 1) != 0;
}

/* "Destination unreachable" right before a quoted IP header: ICMP type 3, but for its code 4, which asks for smaller
 * packets (RFC 792, RFC 1191); ICMPv6 type 1 (RFC 4443). */
static bool is_unreachable(const uint8_t *source, uint32_t offset)
{
    ip_header_t ip = ip_header_before(source, offset);
    if (ip.family == AT_NONE || offset < ip.length + 8)
        return false;
    const uint8_t *icmp = ip.bytes - 8;
    return ip.family == AT_IPv4 ? icmp[0] == 3 && icmp[1] != 4 : icmp[0] == 1;
}

/* --- Its conversation --- */

/* What TCP keeps of a conversation. Its record is laid out as in the release whose headers were there at build time; within
 * a minor version that has changed before. So it is believed only while the pointers in its middle point to its own two
 * flows, which TCP sets whenever it hands the record out, and the stream behind them is one that exists. */
static const struct tcp_analysis *notes_on(const conversation_t *conversation)
{
    const struct tcp_analysis *notes = conversation == NULL
        ? NULL
        : (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
    if (notes == NULL)
        return NULL;
    bool forwards = notes->fwd == &notes->flow1 && notes->rev == &notes->flow2;
    bool backwards = notes->fwd == &notes->flow2 && notes->rev == &notes->flow1;
    return (forwards || backwards) && notes->stream < get_tcp_stream_count() ? notes : NULL;
}

int tcpshake_completeness(const struct conversation *conversation, uint32_t stream)
{
    const struct tcp_analysis *notes = notes_on(conversation);
    return notes == NULL || notes->stream != stream ? -1 : notes->conversation_completeness;
}

/* One end of a conversation. A dissector that expects a connection leaves open what it does not know of the second. */
typedef struct {
    const address *address;  /* NULL: any */
    int64_t port;            /* -1: any */
} end_t;

/* The first of the conversations with these ends, in this order; NULL if there is none. It is what find_conversation_full
 * does, without what makes that dear: putting together the name of the table each time. Neither does this move its
 * `latest_found`. */

static const conversation_t *conversations_between(end_t one, end_t other)
{
    static const char *const names[2][2] = { /* by whether the other end's address is known, and its port */
        { "address,port,endpoint", "address,port,port,endpoint" },
        { "address,port,address,endpoint", "address,port,address,port,endpoint" },
    };
    static wmem_map_t *tables[2][2]; /* live as long as the program; their contents as long as the file is open */
    bool address = other.address != NULL, port = other.port >= 0;
    wmem_map_t **table = &tables[address][port];
    conversation_element_t key[5] = {
        { .type = CE_ADDRESS, .addr_val = *one.address },
        { .type = CE_PORT, .port_val = (uint32_t)one.port },
    };
    conversation_element_t *next = key + 2;

    if (*table == NULL)
        *table = (wmem_map_t *)wmem_map_lookup(get_conversation_hashtables(), names[address][port]);
    if (*table == NULL)
        return NULL;
    if (address)
        *next++ = (conversation_element_t){ .type = CE_ADDRESS, .addr_val = *other.address };
    if (port)
        *next++ = (conversation_element_t){ .type = CE_PORT, .port_val = (uint32_t)other.port };
    *next = (conversation_element_t){ .type = CE_CONVERSATION_TYPE, .conversation_type_val = CONVERSATION_TCP };
    return (const conversation_t *)wmem_map_lookup(*table, key);
}

/* Of two conversations the one that was set up later; either may be NULL. */
static const conversation_t *later(const conversation_t *one, const conversation_t *other)
{
    if (one == NULL || other == NULL)
        return one == NULL ? other : one;
    return other->setup_frame > one->setup_frame ? other : one;
}

/* The last of the conversations in this list that TCP keeps notes on, set up before this frame or in it. */
static const conversation_t *last_with_notes(const conversation_t *first, uint32_t frame)
{
    if (first == NULL || (first->last != NULL && first->last->setup_frame <= frame && notes_on(first->last) != NULL))
        return first == NULL ? NULL : first->last;
    const conversation_t *last = NULL;
    for (; first != NULL && first->setup_frame <= frame; first = first->next)
        if (notes_on(first) != NULL)
            last = first;
    return last;
}

/* The conversation between these ends that TCP used when it dissected the frame. That is the last, except where a dissector on
 * top of TCP has made another since (VNC's does on the server's greeting): TCP makes one itself only for the first segment of
 * a stream and for a SYN. */
static const conversation_t *used_by_tcp(end_t from, end_t to, uint32_t frame, bool syn)
{
    const conversation_t *there = conversations_between(from, to), *back = conversations_between(to, from);
    const conversation_t *last = later(last_with_notes(there, frame), last_with_notes(back, frame));
    if (last == NULL || last->setup_frame < frame || syn)
        return last;
    const conversation_t *before = later(last_with_notes(there, frame - 1), last_with_notes(back, frame - 1));
    return before == NULL ? last : before;
}

#if AT_LEAST(4, 4)
/* The same where the user has conversations told apart by interface or VLAN too. Wireshark tries the exact ends first, and
 * TCP has just put the conversation there, so that no wildcard is bound. */
static const conversation_t *deinterlaced(const packet_info *pinfo, end_t from, end_t to)
{
    const conversation_t *anchor = find_conversation_deinterlacer_pinfo(pinfo);
    const conversation_t *found = anchor == NULL
        ? NULL
        : find_conversation_deinterlaced(pinfo->num, from.address, to.address, CONVERSATION_TCP, (uint32_t)from.port,
                                         (uint32_t)to.port, anchor->conv_index, 0);
    return notes_on(found) == NULL ? NULL : found;
}
#endif

/* The conversation of the TCP header at `tcp`, of which `captured` bytes are there; NULL if there is none. */
static const conversation_t *conversation_of(const packet_info *pinfo, const ends_t *ends, const uint8_t *tcp,
                                             uint32_t captured)
{
    end_t from = { &ends->from, get_16(tcp) }, to = { &ends->to, get_16(tcp + 2) };

#if AT_LEAST(4, 4)
    if (prefs.conversation_deinterlacing_key > 0)
        return deinterlaced(pinfo, from, to);
#endif
    bool syn = captured >= TCP_HEADER_COUNTED && (tcp[13] & TH_SYN) != 0;
    const conversation_t *found = used_by_tcp(from, to, pinfo->num, syn);
    /* One that a dissector expects stays in the tables for that until the other end has answered. */
    for (int open = 1; found == NULL && open < 4; open++) {
        end_t other = { open & 1 ? NULL : to.address, open & 2 ? -1 : to.port };
        end_t same = { open & 1 ? NULL : from.address, open & 2 ? -1 : from.port };
        found = later(last_with_notes(conversations_between(from, other), pinfo->num),
                      last_with_notes(conversations_between(to, same), pinfo->num));
    }
    return found;
}

/* Whether the end with this address and port is the one whose flow Wireshark calls the first (get_tcp_conversation_data). */
static bool is_first(const address *one, uint32_t port, const address *other, uint32_t other_port)
{
    int order = cmp_address(one, other);
    return order > 0 || (order == 0 && port > other_port);
}

bool tcpshake_first_end_is_first_flow(const struct conversation *conversation)
{
    const conversation_element_t *key = conversation->key_ptr;
    return is_first(conversation_key_addr1(key), conversation_key_port1(key), conversation_key_addr2(key),
                    conversation_key_port2(key));
}

/* Whether the conversation's key names both ends. */
static bool has_both_ends(const conversation_t *conversation)
{
    const conversation_element_t *key = conversation->key_ptr;
    return key[0].type == CE_ADDRESS && key[1].type == CE_PORT && key[2].type == CE_ADDRESS && key[3].type == CE_PORT;
}

/* Whether the sender is the end whose flow Wireshark calls the first. The ends are the conversation's where it names both;
 * their ports tell them apart, unless both have the same. */
static bool sent_by_first_flow(const packet_info *pinfo, const conversation_t *conversation, const uint8_t *source,
                               uint32_t offset)
{
    uint32_t source_port = get_16(source + offset), destination_port = get_16(source + offset + 2);

    if (conversation != NULL && has_both_ends(conversation) && source_port != destination_port)
        return tcpshake_first_end_is_first_flow(conversation) ==
            (source_port == conversation_key_port1(conversation->key_ptr));
    ip_header_t ip = ip_header_before(source, offset);
    ends_t ends = { pinfo->src, pinfo->dst };
    if (ip.family != AT_NONE)
        ends = ends_of(&ip);
    return is_first(&ends.from, source_port, &ends.to, destination_port);
}

/* What Wireshark's analysis found about the segment. Several segments of a stream may stand in one frame, so it is looked up
 * by the keys of tcp_analyze_get_acked_struct; `ta` is the last one's. */
static uint16_t analysis_of(const struct tcp_analysis *notes, uint32_t frame, const uint8_t *tcp)
{
    uint32_t seq = get_32(tcp + 4), ack = get_32(tcp + 8);
    wmem_tree_key_t keys[] = { { 1, &frame }, { 1, &seq }, { 1, &ack }, { 0, NULL } };
    const struct tcp_acked *acked =
        notes->acked_table == NULL ? NULL : (const struct tcp_acked *)wmem_tree_lookup32_array(notes->acked_table, keys);
    return acked == NULL ? 0 : acked->flags;
}

/* --- Where the headers are --- */

/* A TCP header in the frame, and the conversation it belongs to. */
typedef struct {
    tvbuff_t *part;          /* what TCP was given */
    unsigned source;         /* which of the frame's data sources, from 0 */
    uint32_t offset;         /* of the header in it */
    const conversation_t *conversation;
} found_t;

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
    ip_header_t ip = ip_header_before(source, offset);
    const uint8_t *tcp = source + offset;

    if (behind_ip) {
        if (ip.family == AT_NONE || ip.bytes[ip.family == AT_IPv4 ? 9 : 6] != IP_PROTO_TCP)
            return NULL;
        ends_t ends = ends_of(&ip);
        return conversation_of(pinfo, &ends, tcp, captured);
    }
    ends_t now = { pinfo->src, pinfo->dst }, net = { pinfo->net_src, pinfo->net_dst };
    const conversation_t *found = conversation_of(pinfo, &now, tcp, captured);
    return found == NULL ? conversation_of(pinfo, &net, tcp, captured) : found;
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
static void note_found(wmem_array_t *list, found_t found)
{
    unsigned count = wmem_array_get_count(list), at = count;
    found_t *all = (found_t *)wmem_array_get_raw(list);

    while (at > 0 && (all[at - 1].source > found.source ||
                      (all[at - 1].source == found.source && all[at - 1].offset > found.offset)))
        at--;
    if (at > 0 && all[at - 1].source == found.source && all[at - 1].offset == found.offset) {
        if (is_better(found.part, all[at - 1].part))
            all[at - 1].part = found.part;
        return;
    }
    wmem_array_append_one(list, found);
    all = (found_t *)wmem_array_get_raw(list);
    memmove(all + at + 1, all + at, (count - at) * sizeof *all);
    all[at] = found;
}

/* Looks through a data source. */
static void find_in_source(const packet_info *pinfo, tvbuff_t *source, unsigned index, bool behind_ip, wmem_array_t *list)
{
    const uint8_t *bytes = tvb_get_ptr(source, 0, (int)tvb_captured_length(source));

    for (tvbuff_t *part = source; part != NULL; part = part->next) {
        uint32_t captured = tvb_captured_length(part);
        if (tvb_get_ds_tvb(part) != source || captured < TCP_HEADER_QUOTED)
            continue;
        uint32_t offset = tvb_raw_offset(part);
        if (captured < TCP_HEADER_COUNTED && !is_quoted(pinfo, offset))
            continue;
        const conversation_t *conversation = conversation_at(pinfo, bytes, offset, captured, behind_ip);
        if (conversation != NULL)
            note_found(list, (found_t){ part, index, offset, conversation });
    }
}

/* Finds the frame's TCP headers, in the order of its layers: first those behind IP headers, then, where TCP was called more
 * often, those that it came to in another way (Decode As on a UDP port, a link layer or a script that calls it). */
static wmem_array_t *find_headers(packet_info *pinfo)
{
    unsigned layers = count_layers(pinfo, proto_tcp);
    if (layers == 0)
        return NULL;
    wmem_array_t *list = wmem_array_new(pinfo->pool, sizeof(found_t));
    for (int pass = 0; pass < 2 && wmem_array_get_count(list) < layers; pass++) {
        unsigned index = 0;
        for (const GSList *node = pinfo->data_src; node != NULL && index <= UINT8_MAX; node = node->next, index++)
            find_in_source(pinfo, get_data_source_tvb((const struct data_source *)node->data), index, pass == 0, list);
    }
    return list;
}

/* --- What tells a copy of a packet from another packet --- */

/* What the IP header in front says, if it is one that carries TCP. */
static void read_network(const uint8_t *source, uint32_t offset, tcpshake_header_t *header)
{
    ip_header_t ip = ip_header_before(source, offset);
    bool is_4 = ip.family == AT_IPv4;

    if (ip.family == AT_NONE || ip.bytes[is_4 ? 9 : 6] != IP_PROTO_TCP)
        return;
    header->behind_ip = true;
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
    const struct tcp_analysis *notes = notes_on(found->conversation);
    const uint8_t *source = tvb_get_ptr(tvb_get_ds_tvb(found->part), 0, (int)(offset + captured));
    bool quoted = is_quoted(pinfo, offset);

    *header = (tcpshake_header_t){
        .bytes = source + offset,
        .captured = captured,
        .place = { (uint8_t)found->source, offset, tvb_reported_length(found->part) },
        .origin = quoted ? TCPSHAKE_QUOTED : is_fragment(source, offset) ? TCPSHAKE_FRAGMENT : TCPSHAKE_SEGMENT,
        .conversation = found->conversation,
        .stream = notes->stream,
        .first_flow = sent_by_first_flow(pinfo, found->conversation, source, offset),
        .new_conversation = found->conversation->setup_frame == pinfo->num,
        .unreachable = quoted && is_unreachable(source, offset),
    };
    header->capture_point = capture_point(pinfo);
    read_network(source, offset, header);
    if (captured >= TCP_HEADER_COUNTED)
        header->found = analysis_of(notes, pinfo->num, header->bytes);
}

void tcpshake_read_headers(packet_info *pinfo, void (*each)(packet_info *pinfo, const tcpshake_header_t *header))
{
    wmem_array_t *list = find_headers(pinfo);

    for (unsigned i = 0; list != NULL && i < wmem_array_get_count(list); i++) {
        tcpshake_header_t header;
        read_header(pinfo, (const found_t *)wmem_array_index(list, i), &header);
        each(pinfo, &header);
    }
}

/* --- What is shown beside our items --- */

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

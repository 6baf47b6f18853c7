/* Reads what Wireshark's TCP dissector leaves behind: where a header stands, its stream, its conversation, what the analysis
 * found.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TCP's fields say where its headers are, whichever way Wireshark came to them. Nothing of Wireshark's is written, and
 * nothing is called that changes what it knows: find_conversation, for one, binds conversations with wildcards, and so
 * decides what later packets are dissected as.
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
static int proto_icmp = -1;
static int hf_tcp_stream = -1;
static int hf_tcp_completeness = -1;

/* Protocols that quote packets of others: what is inside is no segment of its connection. They are those that set
 * pinfo->flags.in_error_pkt around a packet that may hold TCP. */
static const char *const quoting_names[] = {
    "icmp", "icmpv6", "sflow", "openflow_v4", "openflow_v5", "openflow_v6", "nhrp", "clnp",
};
static int quoting[G_N_ELEMENTS(quoting_names)];

GArray *tcpshake_find_fields(void)
{
    proto_icmp = proto_get_id_by_filter_name("icmp");
    proto_tcp = proto_get_id_by_filter_name("tcp");
    hf_tcp_stream = proto_registrar_get_id_byname("tcp.stream");
    hf_tcp_completeness = proto_registrar_get_id_byname("tcp.completeness");
    for (size_t i = 0; i < G_N_ELEMENTS(quoting); i++)
        quoting[i] = proto_get_id_by_filter_name(quoting_names[i]);

    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_append_val(wanted, hf_tcp_stream);
    return wanted;
}

const GPtrArray *tcpshake_streams(const proto_tree *tree)
{
    return proto_get_finfo_ptr_array(tree, hf_tcp_stream);
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

/* The same, if it is of this stream. */
static const struct tcp_analysis *notes_of_stream(const conversation_t *conversation, uint32_t stream)
{
    const struct tcp_analysis *notes = notes_on(conversation);
    return notes != NULL && notes->stream == stream ? notes : NULL;
}

int tcpshake_completeness(const struct conversation *conversation, uint32_t stream)
{
    const struct tcp_analysis *notes = notes_of_stream(conversation, stream);
    return notes == NULL ? -1 : notes->conversation_completeness;
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

/* Which of several conversations between the same ends is the stream's. It is not always the last: dissectors on top of TCP
 * make new ones (VNC's does on the server's greeting). */
static const conversation_t *of_stream(const conversation_t *first, uint32_t stream)
{
    if (first != NULL && notes_of_stream(first->last, stream) != NULL)
        return first->last;
    while (first != NULL && notes_of_stream(first, stream) == NULL)
        first = first->next;
    return first;
}

static const conversation_t *between(const ends_t *ends, const uint8_t *tcp, uint32_t stream)
{
    const end_t from = { &ends->from, get_16(tcp) }, to = { &ends->to, get_16(tcp + 2) };
    static const bool known[4][2] = { { true, true }, { false, true }, { true, false }, { false, false } };

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        for (int swapped = 0; swapped < 2; swapped++) {
            end_t other = swapped ? from : to;
            other.address = known[i][0] ? other.address : NULL;
            other.port = known[i][1] ? other.port : -1;
            const conversation_t *found = of_stream(conversations_between(swapped ? to : from, other), stream);
            if (found != NULL)
                return found;
        }
    }
    return NULL;
}

#if AT_LEAST(4, 4)
/* The same where the user has conversations told apart by interface or VLAN too. Wireshark tries the exact ends first, and
 * TCP has just put the conversation there, so that no wildcard is bound. */
static const conversation_t *deinterlaced(const packet_info *pinfo, const uint8_t *tcp, uint32_t stream)
{
    const conversation_t *anchor = find_conversation_deinterlacer_pinfo(pinfo);
    if (anchor == NULL)
        return NULL;
    const conversation_t *found = find_conversation_deinterlaced(
        pinfo->num, &pinfo->src, &pinfo->dst, CONVERSATION_TCP, get_16(tcp), get_16(tcp + 2), anchor->conv_index, 0);
    return notes_of_stream(found, stream) == NULL ? NULL : found;
}
#endif

/* The conversation of a header, from what it may have gone by: the addresses in pinfo, unless an IP header in the payload,
 * or a dissector on top of TCP, has changed them; those in the IP header; those in pinfo that only IP sets. */
static const conversation_t *find_stream(const packet_info *pinfo, const uint8_t *source, uint32_t offset,
                                         uint32_t stream)
{
    const uint8_t *tcp = source + offset;
    ends_t now = { pinfo->src, pinfo->dst }, net = { pinfo->net_src, pinfo->net_dst };
    ip_header_t ip = ip_header_before(source, offset);

#if AT_LEAST(4, 4)
    if (prefs.conversation_deinterlacing_key > 0)
        return deinterlaced(pinfo, tcp, stream);
#endif
    const conversation_t *found = between(&now, tcp, stream);
    if (found == NULL && ip.family != AT_NONE) {
        ends_t in_front = ends_of(&ip);
        found = between(&in_front, tcp, stream);
    }
    return found == NULL ? between(&net, tcp, stream) : found;
}

/* The last conversation between the ends of a quoted packet; NULL if there is none. */
static const conversation_t *quoted_conversation(const ip_header_t *ip, const uint8_t *tcp)
{
    ends_t ends = ends_of(ip);
    const end_t from = { &ends.from, get_16(tcp) }, to = { &ends.to, get_16(tcp + 2) };
    const conversation_t *first = conversations_between(from, to);
    if (first == NULL)
        first = conversations_between(to, from);
    return first == NULL || first->last == NULL ? first : first->last;
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

/* The part of the frame that TCP was given: its length is the segment's. Parts of a data source are chained behind it
 * (tvbuff.c, tvb_add_to_chain). Of those that begin at the header it is the shortest that holds the header: a decrypted packet
 * may go on behind the segment with padding. */
static tvbuff_t *tcp_part(tvbuff_t *source, int offset)
{
    tvbuff_t *best = NULL;

    for (tvbuff_t *part = source; part != NULL; part = part->next) {
        if (part->ds_tvb != source || part->raw_offset != offset || part->length < TCP_HEADER_COUNTED)
            continue;
        uint32_t header = (*tvb_get_ptr(part, 12, 1) >> 4) * 4u;
        bool holds = part->reported_length >= header;
        bool best_holds = best != NULL && best->reported_length >= header;
        if (best == NULL || (holds && !best_holds) ||
            (holds == best_holds && (part->reported_length < best->reported_length) == holds))
            best = part;
    }
    return best;
}

/* Reads where the header of a tcp.stream item stands: TCP puts it at the header's start. Returns the data source's bytes; NULL
 * if the header can't be found again. */
static const uint8_t *read_place(const packet_info *pinfo, const field_info *stream, tcpshake_header_t *header)
{
    int source = source_index(pinfo, stream->ds_tvb);
    tvbuff_t *part = tcp_part(stream->ds_tvb, stream->start);

    if (source < 0 || part == NULL)
        return NULL;
    header->captured = tvb_captured_length(part);
    header->place = (tcpshake_place_t){ (uint8_t)source, (uint32_t)stream->start, tvb_reported_length(part) };
    const uint8_t *bytes = tvb_get_ptr(stream->ds_tvb, 0, stream->start + (int)header->captured);
    header->bytes = bytes + stream->start;
    return bytes;
}

/* Reads what Wireshark knows of the header's conversation. */
static void read_conversation(const packet_info *pinfo, const uint8_t *source, tcpshake_header_t *header)
{
    uint32_t offset = header->place.offset;
    const conversation_t *conversation = tcpshake_known_conversation(header->stream);
    const struct tcp_analysis *notes = notes_of_stream(conversation, header->stream);

    if (notes == NULL) {
        conversation = find_stream(pinfo, source, offset, header->stream);
        notes = notes_of_stream(conversation, header->stream);
    }
    header->conversation = conversation;
    header->first_flow = sent_by_first_flow(pinfo, conversation, source, offset);
    header->new_conversation = conversation == NULL || conversation->setup_frame == pinfo->num;
    header->found = notes == NULL ? 0 : analysis_of(notes, pinfo->num, header->bytes);
}

bool tcpshake_read_header(packet_info *pinfo, const field_info *stream, tcpshake_header_t *header)
{
    const uint8_t *source = read_place(pinfo, stream, header);
    header->stream = number_of(stream);

    /* Wireshark counts its streams up from 0, so that a table of them is never longer than their number. */
    if (source == NULL || header->stream >= get_tcp_stream_count())
        return false;
    uint32_t offset = header->place.offset;
    header->origin = is_quoted(pinfo, offset) ? TCPSHAKE_QUOTED
        : is_fragment(source, offset)         ? TCPSHAKE_FRAGMENT
                                              : TCPSHAKE_SEGMENT;
    header->unreachable = header->origin == TCPSHAKE_QUOTED && is_unreachable(source, offset);
    read_conversation(pinfo, source, header);
    return true;
}

/* --- Headers that are quoted too short for TCP to read them --- */

/* Whether a TCP header quoted by an ICMP error stands at this offset: behind the quoted IP header, ICMP's eight bytes, and the
 * error's own IP header, which goes to the quoted packet's sender (RFC 792). */
static bool is_short_quote(const uint8_t *source, uint32_t offset)
{
    ip_header_t quoted = ip_header_before(source, offset);
    if (quoted.family != AT_IPv4 || quoted.bytes[9] != IP_PROTO_TCP || offset < quoted.length + 8)
        return false;
    ip_header_t error = ip_header_before(source, offset - quoted.length - 8);
    return error.family == AT_IPv4 && error.bytes[9] == IP_PROTO_ICMP && memcmp(error.bytes + 16, quoted.bytes + 12, 4) == 0;
}

static bool has_layer(const packet_info *pinfo, int protocol)
{
    for (wmem_list_frame_t *node = wmem_list_head(pinfo->layers); node != NULL; node = wmem_list_frame_next(node))
        if (GPOINTER_TO_INT(wmem_list_frame_data(node)) == protocol)
            return true;
    return false;
}

bool tcpshake_read_short_quote(packet_info *pinfo, tvbuff_t *frame, tcpshake_header_t *header)
{
    if (!has_layer(pinfo, proto_icmp) || !has_layer(pinfo, proto_tcp))
        return false;
    uint32_t captured = tvb_captured_length(frame), offset = QUOTED_OFFSET_MIN;
    const uint8_t *bytes = tvb_get_ptr(frame, 0, (int)captured);
    while (offset + TCP_HEADER_QUOTED <= captured && !is_short_quote(bytes, offset))
        offset++;
    if (offset + TCP_HEADER_QUOTED > captured || !is_unreachable(bytes, offset))
        return false;

    ip_header_t ip = ip_header_before(bytes, offset);
    const conversation_t *conversation = quoted_conversation(&ip, bytes + offset);
    const struct tcp_analysis *notes = notes_on(conversation);
    if (notes == NULL || tcpshake_known_conversation(notes->stream) != conversation)
        return false;
    *header = (tcpshake_header_t){
        .bytes = bytes + offset,
        .captured = TCP_HEADER_QUOTED,
        .place = { 0, offset, TCP_HEADER_QUOTED },
        .origin = TCPSHAKE_QUOTED,
        .conversation = conversation,
        .stream = notes->stream,
        .first_flow = sent_by_first_flow(pinfo, conversation, bytes, offset),
        .unreachable = true,
    };
    return true;
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

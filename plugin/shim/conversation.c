/* TCP's conversations, read without a trace.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nothing of Wireshark's is written, and nothing is called that changes what it knows: find_conversation, for one, binds
 * conversations with wildcards, and so decides what later packets are dissected as.
 */
#include <stddef.h>
#include <string.h>

#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/prefs.h>
#include <epan/proto.h>

#include "../../wireshark-headers/version.h"
#include "conversation.h"
#include "shim.h"

/* packet-tcp.c's TCP_A_ACK_LOST_PACKET, the same in 4.0 to 4.6. */
#define ANALYSIS_ACK_UNSEEN 0x0004

static int proto_tcp = -1;

void tcpshake_find_tcp(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
}

/* What TCP keeps of a conversation is laid out as in the release whose headers were there at build time; within a minor
 * version that has changed before. So it is believed only while the pointers in its middle point to its own two flows, which
 * TCP sets whenever it hands the record out, and the stream behind them is one that exists. */
bool tcpshake_is_laid_out(const struct tcp_analysis *notes, uint32_t streams)
{
    bool forwards = notes->fwd == &notes->flow1 && notes->rev == &notes->flow2;
    bool backwards = notes->fwd == &notes->flow2 && notes->rev == &notes->flow1;
    return (forwards || backwards) && notes->stream < streams;
}

const struct tcp_analysis *tcpshake_notes_on(const conversation_t *conversation)
{
    const struct tcp_analysis *notes = conversation == NULL
        ? NULL
        : (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
    return notes != NULL && tcpshake_is_laid_out(notes, get_tcp_stream_count()) ? notes : NULL;
}

size_t tcpshake_made_up_notes(size_t gap, uint32_t stream, void *record, size_t size)
{
    struct tcp_analysis notes = { .stream = stream };
    char *moved = (char *)record + gap;

    if (gap + sizeof notes > size)
        return sizeof notes;
    notes.fwd = (tcp_flow_t *)(void *)(moved + offsetof(struct tcp_analysis, flow2));
    notes.rev = (tcp_flow_t *)(void *)(moved + offsetof(struct tcp_analysis, flow1));
    memcpy(moved, &notes, sizeof notes);
    return sizeof notes;
}

int tcpshake_completeness(const struct conversation *conversation, uint32_t stream)
{
    const struct tcp_analysis *notes = tcpshake_notes_on(conversation);
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
    if (first == NULL || (first->last != NULL && first->last->setup_frame <= frame && tcpshake_notes_on(first->last) != NULL))
        return first == NULL ? NULL : first->last;
    const conversation_t *last = NULL;
    for (; first != NULL && first->setup_frame <= frame; first = first->next)
        if (tcpshake_notes_on(first) != NULL)
            last = first;
    return last;
}

/* Whether the conversation's key names both ends. */
static bool has_both_ends(const conversation_t *conversation)
{
    const conversation_element_t *key = conversation->key_ptr;
    return key[0].type == CE_ADDRESS && key[1].type == CE_PORT && key[2].type == CE_ADDRESS && key[3].type == CE_PORT;
}

static bool is_end(const conversation_element_t *key, end_t end)
{
    return key[1].port_val == (uint32_t)end.port && addresses_equal(&key[0].addr_val, end.address);
}

static bool is_between(const conversation_t *conversation, end_t one, end_t other)
{
    const conversation_element_t *key = conversation->key_ptr;
    return has_both_ends(conversation) &&
        ((is_end(key, one) && is_end(key + 2, other)) || (is_end(key, other) && is_end(key + 2, one)));
}

/* The conversation found last, if it was the newest between its ends, and how many streams there were then. Packets of a
 * connection come in runs, and TCP counts a stream for each conversation that it keeps notes on: as long as there are no more,
 * none is newer. */
static struct {
    const conversation_t *found;
    uint32_t streams;
} newest;

void tcpshake_forget_conversation(void)
{
    newest.found = NULL;
}

/* The conversation between these ends that TCP used when it dissected the frame. That is the last, except where a dissector on
 * top of TCP has made another since (VNC's does on the server's greeting): TCP makes one itself only for the first segment of
 * a stream and for a SYN. */
static const conversation_t *used_by_tcp(end_t from, end_t to, uint32_t frame, bool syn)
{
    uint32_t streams = get_tcp_stream_count();
    if (newest.found != NULL && newest.streams == streams && is_between(newest.found, from, to))
        return newest.found;
    const conversation_t *there = conversations_between(from, to), *back = conversations_between(to, from);
    const conversation_t *last = later(last_with_notes(there, frame), last_with_notes(back, frame));
    if (last == NULL || last->setup_frame < frame || syn) {
        newest.found = last;
        newest.streams = streams;
        return last;
    }
    const conversation_t *before = later(last_with_notes(there, frame - 1), last_with_notes(back, frame - 1));
    return before == NULL ? last : before;
}

#if AT_LEAST(4, 4)
/* The same where the user has conversations separated by interface or VLAN too. Wireshark tries the exact ends first, and
 * TCP has just put the conversation there, so that no wildcard is bound. */
static const conversation_t *deinterlaced(const packet_info *pinfo, end_t from, end_t to)
{
    const conversation_t *anchor = find_conversation_deinterlacer_pinfo(pinfo);
    const conversation_t *found = anchor == NULL
        ? NULL
        : find_conversation_deinterlaced(pinfo->num, from.address, to.address, CONVERSATION_TCP, (uint32_t)from.port,
                                         (uint32_t)to.port, anchor->conv_index, 0);
    return tcpshake_notes_on(found) == NULL ? NULL : found;
}
#endif

/* The conversation of the TCP header at `tcp`, of which `captured` bytes are there; NULL if there is none. */
const conversation_t *tcpshake_conversation_of(const packet_info *pinfo, const ends_t *ends, const uint8_t *tcp,
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

/* Whether the sender is the end whose flow Wireshark calls the first. The ends are the conversation's where it names both;
 * their ports distinguish them, unless both have the same. */
bool tcpshake_sent_by_first_flow(const packet_info *pinfo, const conversation_t *conversation, const uint8_t *source,
                               uint32_t offset)
{
    uint32_t source_port = get_16(source + offset), destination_port = get_16(source + offset + 2);

    if (conversation != NULL && has_both_ends(conversation) && source_port != destination_port)
        return tcpshake_first_end_is_first_flow(conversation) ==
            (source_port == conversation_key_port1(conversation->key_ptr));
    ip_header_t ip = tcpshake_ip_before(source, offset);
    ends_t ends = { pinfo->src, pinfo->dst };
    if (ip.family != AT_NONE)
        ends = tcpshake_ends_of(&ip);
    return is_first(&ends.from, source_port, &ends.to, destination_port);
}

/* The frame that the segment acknowledges. From 4.4 on tcp_acknowledge_segment also names one whose segment is acknowledged in
 * part: what came in it is not answered yet. */
static uint32_t acked_frame(const struct tcp_acked *found)
{
#if AT_LEAST(4, 4)
    if (found->partial_ack)
        return 0;
#endif
    return found->frame_acked;
}

/* What Wireshark's analysis found about the segment. Several segments of a stream may stand in one frame, so it is looked up
 * by the keys of tcp_analyze_get_acked_struct; `ta` is the last one's. */
const struct tcp_acked *tcpshake_analysis_of(const struct tcp_analysis *notes, uint32_t frame, uint32_t seq, uint32_t ack)
{
    wmem_tree_key_t keys[] = { { 1, &frame }, { 1, &seq }, { 1, &ack }, { 0, NULL } };
    return notes->acked_table == NULL
        ? NULL
        : (const struct tcp_acked *)wmem_tree_lookup32_array(notes->acked_table, keys);
}

static int64_t nanoseconds(const nstime_t *time)
{
    return (int64_t)((uint64_t)time->secs * 1000000000u + (uint64_t)time->nsecs);
}

bool tcpshake_analysis(const struct conversation *conversation, uint32_t stream, uint32_t frame, uint32_t seq, uint32_t ack,
                       tcpshake_analysis_t *analysis)
{
    const struct tcp_analysis *notes = tcpshake_notes_on(conversation);
    const struct tcp_acked *found =
        notes == NULL || notes->stream != stream ? NULL : tcpshake_analysis_of(notes, frame, seq, ack);
    if (found == NULL)
        return false;
    *analysis = (tcpshake_analysis_t){
        .acked_frame = acked_frame(found),
        .acked_after = nanoseconds(&found->ts),
        .duplicate = found->dupack_num,
        .duplicate_of = found->dupack_frame,
        .in_flight = found->bytes_in_flight,
        .unseen = (found->flags & ANALYSIS_ACK_UNSEEN) != 0,
    };
    return true;
}

bool tcpshake_began(const struct conversation *conversation, uint32_t stream, int64_t *time)
{
    const struct tcp_analysis *notes = tcpshake_notes_on(conversation);
    if (notes == NULL || notes->stream != stream)
        return false;
    *time = nanoseconds(&notes->ts_first);
    return true;
}

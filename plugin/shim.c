/* The part of the plugin that calls what can throw: it reads what the TCP dissector left behind, and adds the tree items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What differs between versions of Wireshark's C interface stands here, and only here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/column-utils.h>
#include <epan/conversation.h>
#include <epan/ipproto.h>
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <epan/tvbuff-int.h>
#include <epan/dissectors/packet-tcp.h>

#include "shim.h"

#define AT_LEAST(major, minor) \
    (WIRESHARK_VERSION_MAJOR > (major) || (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* The fixed part of a TCP header, and how much of it Wireshark's dissector reads before it counts the segment. */
#define TCP_HEADER_MIN 20
#define TCP_HEADER_COUNTED 16
/* What an ICMP error quotes at least: the ports and the sequence number (RFC 792). */
#define TCP_HEADER_QUOTED 8

/* --- What is registered --- */

static int proto_tcpshake = -1;
static expert_field *expert_fields;
static size_t internal_error;

static dissector_handle_t handle;
static int tap_tcpshake = 0;
static int tap_expert = 0;
static int proto_tcp = -1;
static int hf_tcp_completeness = -1;
static int proto_ip = -1;
static int proto_ipv6 = -1;

/* Protocols that quote the headers of other packets: what is inside is no segment of the connection. They are those
 * that set pinfo->flags.in_error_pkt around a packet that may hold TCP. */
static const char *const quoting_names[] = {
    "icmp", "icmpv6", "sflow", "openflow_v4", "openflow_v5", "openflow_v6", "nhrp", "clnp",
};
static int quoting[G_N_ELEMENTS(quoting_names)];

tcpshake_boolean_t tcpshake_explain = true;
tcpshake_boolean_t tcpshake_info_column = false;
tcpshake_boolean_t tcpshake_expert_differences = true;

static int dissect_tcpshake(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);
static void register_story(void);

/* Another capture file, or the same one from the start. */
static void begin(void)
{
    tap_expert = find_tap_id("expert"); /* not registered yet when plugins are */
    tcpshake_forget();
}

void tcpshake_shim_register(int protocol, struct expert_field *experts, size_t failure)
{
    proto_tcpshake = protocol;
    expert_fields = experts;
    internal_error = failure;
    handle = create_dissector_handle(dissect_tcpshake, proto_tcpshake);
    register_postdissector(handle);
    tap_tcpshake = register_tap("tcpshake");
    register_init_routine(begin);
    register_cleanup_routine(tcpshake_forget);
}

void tcpshake_shim_handoff(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    hf_tcp_completeness = proto_registrar_get_id_byname("tcp.completeness");
    proto_ip = proto_get_id_by_filter_name("ip");
    proto_ipv6 = proto_get_id_by_filter_name("ipv6");
    for (size_t i = 0; i < G_N_ELEMENTS(quoting); i++)
        quoting[i] = proto_get_id_by_filter_name(quoting_names[i]);

    /* One wanted field: the item of each TCP header, which says where in the frame it stands. */
    GArray *wanted = g_array_new(FALSE, FALSE, (guint)sizeof(int));
    g_array_append_val(wanted, proto_tcp);
    set_postdissector_wanted_hfids(handle, wanted);

    register_story();
    tcpshake_register_flow(proto_tcpshake);
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

/* --- Reading --- */

/* What the list of a frame's layers says about one of its TCP headers. */
typedef struct {
    int  below;     /* the protocol right below */
    bool quoted;    /* inside a protocol that quotes packets */
    bool covered;   /* another IP header follows, so that pinfo's addresses are not this one's */
} layer_t;

static bool is_quoting(int protocol)
{
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

/* Reads the TCP header whose item this is. False if there is not enough of it to belong to a conversation. */
static bool read_header(packet_info *pinfo, const field_info *item, guint index, tcpshake_header_t *header)
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

/* --- Showing --- */

/* How deep groups may lie in groups. */
#define DEPTH_MAX 4

static void complain(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    proto_item *line =
        proto_tree_add_protocol_format(tree, proto_tcpshake, tvb, 0, 0, "TCP Handshake: not told (a bug in the plugin)");
    proto_item_set_generated(line);
    expert_add_info(pinfo, line, &expert_fields[internal_error]);
}

static proto_item *add_number(proto_tree *tree, tvbuff_t *tvb, const tcpshake_item_t *item)
{
    if (item->text != NULL)
        return proto_tree_add_uint_format_value(tree, item->field, tvb, 0, 0, (uint32_t)item->number, "%s", item->text);
    return proto_tree_add_uint(tree, item->field, tvb, 0, 0, (uint32_t)item->number);
}

static void add_items(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const tcpshake_item_t *items, size_t count)
{
    proto_tree *trees[DEPTH_MAX] = { tree };
    proto_item *line = NULL;
    size_t depth = 0;

    for (const tcpshake_item_t *item = items; item < items + count; item++) {
        proto_item *added = NULL;
        proto_tree *here = trees[depth];
        proto_tree *inside = NULL;

        switch (item->kind) {
        case TCPSHAKE_TREE:
            line = added = proto_tree_add_protocol_format(here, item->field, tvb, 0, 0, "%s", item->text);
            inside = proto_item_add_subtree(added, item->tree);
            break;
        case TCPSHAKE_GROUP:
            inside = proto_tree_add_subtree(here, tvb, 0, 0, item->tree, &added, item->text);
            break;
        case TCPSHAKE_END:
            depth -= depth > 0;
            continue;
        case TCPSHAKE_NUMBER:
            added = add_number(here, tvb, item);
            break;
        case TCPSHAKE_NUMBER_TREE:
            added = add_number(here, tvb, item);
            inside = proto_item_add_subtree(added, item->tree);
            break;
        case TCPSHAKE_BOOLEAN:
            added = proto_tree_add_boolean(here, item->field, tvb, 0, 0, item->number != 0);
            break;
        case TCPSHAKE_TEXT:
            if (item->label != NULL)
                added = proto_tree_add_string_format(here, item->field, tvb, 0, 0, item->text, "%s", item->label);
            else
                added = proto_tree_add_string(here, item->field, tvb, 0, 0, item->text);
            break;
        case TCPSHAKE_TIME: {
            nstime_t time = { (time_t)(item->number / 1000000000), (int)(item->number % 1000000000) };
            added = proto_tree_add_time(here, item->field, tvb, 0, 0, &time);
            break;
        }
        case TCPSHAKE_EXPERT:
            if (item->text != NULL)
                expert_add_info_format(pinfo, line, &expert_fields[item->expert], "%s", item->text);
            else
                expert_add_info(pinfo, line, &expert_fields[item->expert]);
            continue;
        case TCPSHAKE_INFO:
            col_append_sep_str(pinfo->cinfo, COL_INFO, " | ", item->text);
            continue;
        }
        proto_item_set_generated(added);
        if (inside != NULL && depth + 1 < DEPTH_MAX)
            trees[++depth] = inside;
    }
}

/* --- Reports --- */

void tcpshake_end(const struct conversation *conversation, bool first_flow, char *text, size_t size)
{
    const conversation_element_t *key = conversation->key_ptr;
    const address *one = conversation_key_addr1(key), *other = conversation_key_addr2(key);
    uint32_t port = conversation_key_port1(key), other_port = conversation_key_port2(key);
    /* The first flow is that of the end with the greater address, or port: see conversation_of. */
    int order = cmp_address(one, other);
    bool one_is_first = order > 0 || (order == 0 && port > other_port);
    char name[WS_INET6_ADDRSTRLEN + 64];

    if (one_is_first != first_flow) {
        one = other;
        port = other_port;
    }
    address_to_str_buf(one, name, sizeof name);
    snprintf(text, size, one->type == AT_IPv6 ? "[%s]:%u" : "%s:%u", name, port);
}

void tcpshake_print(const char *text)
{
    fputs(text, stdout);
}

/* `-z tcpshake,story[,filter]` */
#define STORY "tcpshake,story"

static bool init_story(const char *argument)
{
    const char *filter = argument + strlen(STORY);
    return tcpshake_begin_story(*filter == ',' ? filter + 1 : NULL);
}

#if AT_LEAST(4, 6)
static bool story_wanted(const char *argument, void *data)
{
    (void)data;
    return init_story(argument);
}
#else
static void story_wanted(const char *argument, void *data)
{
    (void)data;
    if (!init_story(argument))
        exit(1); /* as Wireshark's own reports do there */
}
#endif

static void register_story(void)
{
    stat_tap_ui story = { .group = REGISTER_STAT_GROUP_GENERIC, .cli_string = STORY, .tap_init_cb = story_wanted };
    register_stat_tap_ui(&story, NULL);
}

/* --- The postdissector --- */

static tcpshake_frame_t frame_of(const packet_info *pinfo)
{
    /* Bogus times of a damaged capture are held within the years that fit. */
    int64_t seconds = CLAMP((int64_t)pinfo->abs_ts.secs, -9000000000, 9000000000);
    return (tcpshake_frame_t){ .number = pinfo->num, .time = seconds * 1000000000 + pinfo->abs_ts.nsecs };
}

/* Hands a copy of what is tapped to the tap, which passes it on when the frame's dissection ends. */
static void tap(packet_info *pinfo, tcpshake_tapped_t tapped)
{
    tcpshake_tapped_t *queued = wmem_new(pinfo->pool, tcpshake_tapped_t);

    *queued = tapped;
    tap_queue_packet(tap_tcpshake, pinfo, queued);
}

static void see_frame(packet_info *pinfo, proto_tree *tree)
{
    GPtrArray *found = proto_get_finfo_ptr_array(tree, proto_tcp);
    tcpshake_frame_t frame = frame_of(pinfo);

    tcpshake_begin_frame(pinfo->num);

    for (guint i = 0; found != NULL && i < found->len; i++) {
        tcpshake_header_t header = { 0 };
        if (!read_header(pinfo, (const field_info *)g_ptr_array_index(found, i), i, &header))
            continue;
        tcpshake_see(&frame, &header);
        if (header.unreachable && have_tap_listener(tap_tcpshake))
            tap(pinfo, (tcpshake_tapped_t){ .frame = frame, .stream = header.stream });
    }
}

/* tcp.completeness as the user sees it beside our items: the TCP dissector put it into the tree before it counted the
 * segment once more. -1 if it is not in the tree. */
static int shown_completeness(const proto_tree *tree, const tvbuff_t *source, uint32_t offset)
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

/* A segment of this frame that is kept, where it stands now. */
typedef struct {
    tvbuff_t *source;
    uint32_t offset;         /* in the source */
    const uint8_t *bytes;
    uint32_t captured;
} kept_t;

/* Finds it again. False if there is none, or its data source is missing, as may be when the frame is dissected again under
 * other preferences. */
static bool find_kept(const packet_info *pinfo, size_t index, kept_t *kept)
{
    tcpshake_place_t place;

    if (!tcpshake_segment_place(pinfo->num, index, &place))
        return false;
    const GSList *node = g_slist_nth(pinfo->data_src, place.source);
    tvbuff_t *source = node == NULL ? NULL : get_data_source_tvb((const struct data_source *)node->data);
    if (source == NULL || tvb_captured_length(source) < place.offset + TCP_HEADER_MIN)
        return false;
    uint32_t captured = MIN(tvb_captured_length(source) - place.offset, place.length);
    *kept = (kept_t){ source, place.offset, tvb_get_ptr(source, (int)place.offset, (int)captured), captured };
    return true;
}

static void tap_frame(packet_info *pinfo)
{
    size_t segments = tcpshake_segments(pinfo->num);
    kept_t kept;

    for (size_t i = 0; i < segments; i++)
        if (find_kept(pinfo, i, &kept))
            tap(pinfo, (tcpshake_tapped_t){
                .frame = frame_of(pinfo), .index = i, .bytes = kept.bytes, .captured = kept.captured });
}

static void show_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    size_t segments = tcpshake_segments(pinfo->num);
    kept_t kept;

    for (size_t i = 0; i < segments; i++) {
        if (!find_kept(pinfo, i, &kept))
            continue;
        tcpshake_shown_t shown = {
            .tree = tree,
            .frame = pinfo->num,
            .index = i,
            .bytes = kept.bytes,
            .captured = kept.captured,
            .revisited = pinfo->fd->visited,
            .visible = tree != NULL && PTREE_DATA(tree)->visible,
            .completeness = shown_completeness(tree, kept.source, kept.offset),
        };
        size_t count = 0;
        const tcpshake_item_t *items = tcpshake_show(&shown, &count);
        if (items == NULL)
            complain(tvb, pinfo, tree);
        else
            add_items(tvb, pinfo, tree, items, count);
    }
}

static int dissect_tcpshake(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    (void)data;
    if (!pinfo->fd->visited)
        see_frame(pinfo, tree);
    /* A tree that someone looks at; a filter, a column or an export that asks for one of our fields; a list of expert
     * items that is being made; the Info column, if the user wants our words there. */
    if ((tree != NULL && proto_field_is_referenced(tree, proto_tcpshake)) || have_tap_listener(tap_expert) ||
        tcpshake_info_column)
        show_frame(tvb, pinfo, tree);
    if (have_tap_listener(tap_tcpshake))
        tap_frame(pinfo);
    return (int)tvb_captured_length(tvb);
}

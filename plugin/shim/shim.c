/* The part of the plugin that calls what can throw: the postdissector, which has the TCP headers of a frame read, adds the
 * tree items and taps the segments; and what C has to register.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/column-utils.h>
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/proto.h>
#include <epan/tap.h>

#include "conversation.h"
#include "read.h"
#include "shim.h"
#include "../../wireshark-headers/version.h"

/* The fixed part of a TCP header. */
#define TCP_HEADER_MIN 20

/* --- What is registered --- */

static int proto_tcpshake = -1;
static expert_field *expert_fields;
static size_t internal_error;

static int tap_tcpshake = 0;
static int tap_expert = 0;

static int dissect_tcpshake(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

static void forget(void)
{
    tcpshake_forget_conversation();
    tcpshake_forget();
}

/* Another capture file, or the same one from the start. */
static void begin(void)
{
    tap_expert = find_tap_id("expert"); /* not registered yet when plugins are */
    forget();
}

void tcpshake_shim_register(int protocol, struct expert_field *experts, size_t failure)
{
    proto_tcpshake = protocol;
    expert_fields = experts;
    internal_error = failure;
    register_postdissector(create_dissector_handle(dissect_tcpshake, proto_tcpshake));
    tap_tcpshake = register_tap("tcpshake");
    register_init_routine(begin);
    register_cleanup_routine(forget);
}

void tcpshake_shim_handoff(void)
{
    tcpshake_find_fields();
    tcpshake_register_reports();
    tcpshake_register_flow(proto_tcpshake);
    tcpshake_register_follow(proto_tcpshake);
    tcpshake_register_window();
}

/* --- Showing --- */

/* How deep groups may lie in groups. */
#define DEPTH_MAX 4

static void complain(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    proto_item *line =
        proto_tree_add_protocol_format(tree, proto_tcpshake, tvb, 0, 0, "TCP Handshake: not shown (a bug in the plugin)");
    proto_item_set_generated(line);
    expert_add_info(pinfo, line, &expert_fields[internal_error]);
}

/* A segment of this frame that is kept, where it stands now. */
typedef struct {
    tvbuff_t *source;
    uint32_t offset;         /* in the source */
    const uint8_t *bytes;
    uint32_t captured;
} kept_t;

static proto_item *add_number(proto_tree *tree, tvbuff_t *tvb, const tcpshake_item_t *item)
{
    if (item->text != NULL)
        return proto_tree_add_uint_format_value(tree, item->field, tvb, 0, 0, (uint32_t)item->number, "%s", item->text);
    return proto_tree_add_uint(tree, item->field, tvb, 0, 0, (uint32_t)item->number);
}

/* A text; where it is about bytes of the header, the window marks those. */
static proto_item *add_text(proto_tree *tree, tvbuff_t *tvb, const kept_t *about, const tcpshake_item_t *item)
{
    int start = 0, length = 0;

    if (about != NULL && item->start + item->length <= about->captured) {
        tvb = about->source;
        start = (int)about->offset + item->start;
        length = item->length;
    }
    if (item->label != NULL)
        return proto_tree_add_string_format(tree, item->field, tvb, start, length, item->text, "%s", item->label);
    return proto_tree_add_string(tree, item->field, tvb, start, length, item->text);
}

/* An item that is one field, or a line of text, and opens nothing. */
static proto_item *add_field(proto_tree *tree, tvbuff_t *tvb, const kept_t *about, const tcpshake_item_t *item)
{
    switch (item->kind) {
    case TCPSHAKE_NUMBER:
        return add_number(tree, tvb, item);
    case TCPSHAKE_BOOLEAN:
        return proto_tree_add_boolean(tree, item->field, tvb, 0, 0, item->number != 0);
    case TCPSHAKE_TEXT:
        return add_text(tree, tvb, about, item);
    case TCPSHAKE_LINE:
        return proto_tree_add_none_format(tree, hf_text_only, tvb, 0, 0, "%s", item->text);
    case TCPSHAKE_TIME: {
        nstime_t time = { (time_t)(item->number / 1000000000), (int)(item->number % 1000000000) };
        return proto_tree_add_time(tree, item->field, tvb, 0, 0, &time);
    }
    case TCPSHAKE_IPV4: {
        uint32_t address;
        memcpy(&address, item->text, sizeof address);
        return proto_tree_add_ipv4(tree, item->field, tvb, 0, 0, address);
    }
    case TCPSHAKE_IPV6:
        return proto_tree_add_ipv6(tree, item->field, tvb, 0, 0, (const ws_in6_addr *)(const void *)item->text);
    default:
        return NULL;
    }
}

/* Adds the items about a segment, or (NULL) about none. */
static void add_items(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const kept_t *about,
                      const tcpshake_item_t *items, size_t count)
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
            if (item->text != NULL)
                line = added = proto_tree_add_protocol_format(here, item->field, tvb, 0, 0, "%s", item->text);
            else
                line = added = proto_tree_add_item(here, item->field, tvb, 0, 0, ENC_NA);
            inside = proto_item_add_subtree(added, item->tree);
            break;
        case TCPSHAKE_GROUP:
            inside = proto_tree_add_subtree(here, tvb, 0, 0, item->tree, &added, item->text);
            break;
        case TCPSHAKE_END:
            depth -= depth > 0;
            continue;
        case TCPSHAKE_NUMBER_TREE:
            added = add_number(here, tvb, item);
            inside = proto_item_add_subtree(added, item->tree);
            break;
        case TCPSHAKE_NUMBER:
        case TCPSHAKE_BOOLEAN:
        case TCPSHAKE_TEXT:
        case TCPSHAKE_LINE:
        case TCPSHAKE_TIME:
        case TCPSHAKE_IPV4:
        case TCPSHAKE_IPV6:
            added = add_field(here, tvb, about, item);
            break;
        case TCPSHAKE_EXPERT:
            if (item->text != NULL)
                expert_add_info_format(pinfo, line, &expert_fields[item->expert], "%s", item->text);
            else
                expert_add_info(pinfo, line, &expert_fields[item->expert]);
            continue;
        case TCPSHAKE_INFO:
            col_prepend_fence_fstr(pinfo->cinfo, COL_INFO, "%s | ", item->text);
            continue;
        }
        proto_item_set_generated(added);
        if (item->hidden)
            proto_item_set_hidden(added);
        if (inside != NULL && depth + 1 < DEPTH_MAX)
            trees[++depth] = inside;
    }
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

static void see_header(packet_info *pinfo, const tcpshake_header_t *header)
{
    tcpshake_frame_t frame = frame_of(pinfo);

    tcpshake_see(&frame, header);
    if (header->icmp.bytes != NULL && have_tap_listener(tap_tcpshake))
        tap(pinfo, (tcpshake_tapped_t){ .frame = frame, .stream = header->stream });
}

static void see_frame(packet_info *pinfo)
{
    tcpshake_frame_t frame = frame_of(pinfo);

    tcpshake_begin_frame(&frame);
    tcpshake_read_headers(pinfo, see_header);
}

/* Finds it again. False if its data source is missing, as may be when the frame is dissected again under other
 * preferences. */
static bool find_kept(const packet_info *pinfo, const tcpshake_place_t *place, kept_t *kept)
{
    const GSList *node = g_slist_nth(pinfo->data_src, place->source);
    tvbuff_t *source = node == NULL ? NULL : get_data_source_tvb((const struct data_source *)node->data);
    if (source == NULL || tvb_captured_length(source) < place->offset + TCP_HEADER_MIN)
        return false;
    uint32_t captured = MIN(tvb_captured_length(source) - place->offset, place->length);
    *kept = (kept_t){ source, place->offset, tvb_get_ptr(source, (int)place->offset, (int)captured), captured };
    return true;
}

static void tap_frame(packet_info *pinfo)
{
    tcpshake_place_t place;
    kept_t kept;
    bool more = true;

    for (size_t i = 0; more && tcpshake_segment_place(pinfo->num, i, &place, &more); i++)
        if (find_kept(pinfo, &place, &kept))
            tap(pinfo, (tcpshake_tapped_t){
                .frame = frame_of(pinfo),
                .index = i,
                .bytes = kept.bytes,
                .captured = kept.captured,
                .ip_header_length = tcpshake_ip_header_length(pinfo, kept.source, kept.offset),
                .revisited = pinfo->fd->visited, /* when the listeners are called, it is always true */
            });
}

static bool is_visible(const proto_tree *tree)
{
    return tree != NULL && PTREE_DATA(tree)->visible;
}

static bool is_referenced(int protocol)
{
    return proto_registrar_get_nth((unsigned)protocol)->ref_type != HF_REF_TYPE_NONE;
}

#define NOTHING_BESIDE ((tcpshake_beside_t){ -1, -1 })

/* Adds what Rust has said of a segment or an ICMP error. */
static void add_shown(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const kept_t *about,
                      const tcpshake_item_t *items, size_t count)
{
    if (items == NULL)
        complain(tvb, pinfo, tree);
    else
        add_items(tvb, pinfo, tree, about, items, count);
}

static void show_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    bool visible = is_visible(tree) && tcpshake_printed() == TCPSHAKE_ALL_PRINTED;
    /* Where only a field of ours is asked for, the protocol's line is there to be counted, not to be read. */
    bool line = visible || proto_registrar_get_nth((guint)proto_tcpshake)->ref_type > HF_REF_TYPE_INDIRECT;
    bool experts = visible || have_tap_listener(tap_expert) || is_referenced(proto_expert);
    tcpshake_place_t place;
    kept_t kept;
    bool more = true;

    for (size_t i = 0; more && tcpshake_segment_place(pinfo->num, i, &place, &more); i++) {
        if (!find_kept(pinfo, &place, &kept))
            continue;
        tcpshake_shown_t shown = {
            .frame = pinfo->num,
            .index = i,
            .bytes = kept.bytes,
            .captured = kept.captured,
            .revisited = pinfo->fd->visited,
            .visible = visible,
            .line = line,
            .experts = experts,
            .ip_header_least = tcpshake_ip_header_least(kept.source, kept.offset),
            /* In the first pass what TCP shows leaves the segment itself out: it is compared with nothing. */
            .beside = pinfo->fd->visited ? tcpshake_beside(tree, kept.source, kept.offset) : NOTHING_BESIDE,
        };
        size_t count = 0;
        const tcpshake_item_t *items = tcpshake_show(&shown, &count);
        add_shown(tvb, pinfo, tree, &kept, items, count);
    }
    size_t count = 1;
    for (size_t i = 0; count > 0; i++) {
        tcpshake_shown_error_t shown = { pinfo->num, i, visible, line, experts };
        count = 0;
        const tcpshake_item_t *items = tcpshake_show_error(&shown, &count);
        add_shown(tvb, pinfo, tree, NULL, items, count);
    }
}

/* Not proto_field_is_referenced: that says yes where Wireshark counts protocols (epan_dissect_fake_protocols), which would
 * make ours the last one of every frame in its Protocol Hierarchy. */
static bool is_asked_for(const proto_tree *tree)
{
    return tree != NULL &&
        ((is_visible(tree) && tcpshake_printed() != TCPSHAKE_NONE_PRINTED) || is_referenced(proto_tcpshake) ||
         is_referenced(proto_expert));
}

static int dissect_tcpshake(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    (void)data;
    if (!pinfo->fd->visited)
        see_frame(pinfo);
    /* A tree that someone looks at; a filter, a column or an export that asks for one of our fields or for expert items; a list
     * of those that is being made; the Info column, if the user wants our words there. */
    if (is_asked_for(tree) || have_tap_listener(tap_expert) ||
        tcpshake_wants_info_column())
        show_frame(tvb, pinfo, tree);
    if (have_tap_listener(tap_tcpshake))
        tap_frame(pinfo);
    return (int)tvb_captured_length(tvb);
}

/* The flow graph: Statistics > Flow Graph > TCP Handshake, and tshark's -z flow,tcpshake,…
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's own TCP flow makes each arrow; here it only gets other words. So nothing is allocated, and no member written
 * but the two texts, in records whose header Wireshark does not install.
 */
#include <string.h>

#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/packet.h>
#include <epan/dissectors/packet-tcp.h>

#include "../../wireshark-headers/sequence_analysis.h"
#include "../../wireshark-headers/version.h"
#include "shim.h"

/* Wireshark's own TCP flow. */
static tap_packet_cb tcp_flow;

/* Of a later version nothing is known, so nothing is tried there. */
#define LAYOUT_KNOWN (!AT_LEAST(4, 7))

/* Lets the TCP flow make an arrow for a SYN with this number, and returns it; NULL if it made none. */
static flow_arrow_t *make_arrow(flow_graph_t *graph, packet_info *pinfo, uint32_t seq)
{
    struct tcpheader syn;

    memset(&syn, 0, sizeof syn);
    syn.th_flags = TH_SYN;
    syn.th_seq = seq;
    unsigned before = g_queue_get_length(graph->items);
    tcp_flow(graph, pinfo, NULL, &syn, 0);
    return g_queue_get_length(graph->items) == before + 1 ? (flow_arrow_t *)g_queue_peek_tail(graph->items) : NULL;
}

/* Whether the arrow says what the TCP flow wrote for that SYN, where it is looked for here. What is followed as a pointer
 * comes last, when all before it is in place. */
static bool is_as_declared(const flow_arrow_t *arrow, const packet_info *pinfo, uint32_t seq)
{
    char comment[32];

    g_snprintf(comment, sizeof comment, "Seq = %u", seq);
    return arrow->frame_number == pinfo->num && arrow->port_src == pinfo->srcport && arrow->port_dst == pinfo->destport &&
        strcmp(arrow->frame_label, "SYN") == 0 && strcmp(arrow->comment, comment) == 0;
}

/* The tap's listener: an arrow for each segment that opens or closes, with the dialogue on it. */
static tap_packet_status flow_packet(void *graph, packet_info *pinfo, epan_dissect_t *edt, const void *data,
                                     tap_flags_t flags)
{
    tcpshake_words_t words;

    (void)edt;
    (void)flags;
    if (!tcpshake_words((const tcpshake_tapped_t *)data, &words))
        return TAP_PACKET_DONT_REDRAW;
    flow_arrow_t *arrow = make_arrow((flow_graph_t *)graph, pinfo, pinfo->num);
    if (arrow == NULL || !is_as_declared(arrow, pinfo, pinfo->num))
        return TAP_PACKET_DONT_REDRAW; /* the frame has no addresses, or this Wireshark lays the record out otherwise */
    g_free(arrow->frame_label);
    g_free(arrow->comment);
    arrow->frame_label = g_strdup(words.label);
    arrow->comment = g_strdup(words.comment);
    return TAP_PACKET_REDRAW;
}

void tcpshake_register_flow(int protocol)
{
    flow_kind_t *tcp = sequence_analysis_find_by_name("tcp");

    if (tcp == NULL || !LAYOUT_KNOWN)
        return;
    tcp_flow = sequence_analysis_get_packet_func(tcp);
    register_seq_analysis("tcpshake", "TCP Handshake", protocol, "tcpshake", 0, flow_packet);
}

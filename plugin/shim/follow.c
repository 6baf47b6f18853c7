/* What the two ends say to each other: Analyze > Follow > TCP Handshake Stream (4.0's menu is fixed, later ones list what is
 * registered), tshark's -z follow,tcpshake,ascii,STREAM, and sharkd's follow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/follow.h>
#include <epan/packet.h>

#include "../../wireshark-headers/version.h"
#include "shim.h"

/* The filter for the connection of the selected packet; NULL if it has none. */
static char *filter_of_packet(epan_dissect_t *edt, packet_info *pinfo, unsigned *stream, unsigned *sub_stream)
{
    uint32_t number;

    (void)edt;
    if (!tcpshake_stream_of(pinfo->num, &number))
        return NULL;
    *stream = number;
    *sub_stream = 0;
    return g_strdup_printf("tcp.stream eq %u", number);
}

/* Who is the client, for the first segment of a connection. */
static void name_ends(follow_info_t *follow, const packet_info *pinfo, bool from_server)
{
    copy_address(&follow->client_ip, from_server ? &pinfo->dst : &pinfo->src);
    copy_address(&follow->server_ip, from_server ? &pinfo->src : &pinfo->dst);
    follow->client_port = from_server ? pinfo->destport : pinfo->srcport;
    follow->server_port = from_server ? pinfo->srcport : pinfo->destport;
}

/* What is said in front of the first words: as ASCII, which Wireshark shows at first, Korean is nothing but dots. */
static const char *hint(const follow_info_t *follow, const char *words)
{
    return follow->payload == NULL && !g_str_is_ascii(words) ? "(Show as UTF-8)\n" : "";
}

/* The tap's listener: a line for each segment that opens or closes. Wireshark frees what is added. */
static tap_packet_status take(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    follow_info_t *follow = (follow_info_t *)data;
    tcpshake_words_t words;

    (void)edt;
    (void)flags;
    if (!tcpshake_words((const tcpshake_tapped_t *)tapped, &words))
        return TAP_PACKET_DONT_REDRAW;
    if (follow->payload == NULL)
        name_ends(follow, pinfo, words.from_server);
    char *line = g_strdup_printf("%s%s\n", hint(follow, words.comment), words.comment);
    follow_record_t *record = g_new0(follow_record_t, 1);
    record->is_server = words.from_server;
    record->packet_num = pinfo->num;
    record->abs_ts = pinfo->abs_ts;
    record->data = g_byte_array_append(g_byte_array_new(), (const uint8_t *)line, (unsigned)strlen(line));
    g_free(line);
    follow->bytes_written[words.from_server] += record->data->len;
    follow->payload = g_list_prepend(follow->payload, record); /* the last one first */
    return TAP_PACKET_DONT_REDRAW;
}

void tcpshake_register_follow(int protocol)
{
    register_follow_t *tcp = get_follow_by_name("TCP"); /* has the same streams */

    if (tcp == NULL)
        return;
    register_follow_stream(protocol, "tcpshake", filter_of_packet, get_follow_index_func(tcp), get_follow_address_func(tcp),
                           get_follow_port_to_display(tcp), take
#if AT_LEAST(4, 2)
                           , get_follow_stream_count_func(tcp), NULL
#endif
    );
}

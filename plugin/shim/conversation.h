/* TCP's conversations, read without a trace: of conversation.c, for read.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSHAKE_CONVERSATION_H
#define TCPSHAKE_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/conversation.h>
#include <epan/packet_info.h>
#include <epan/dissectors/packet-tcp.h>

#include "ip.h"

/* How much of a TCP header Wireshark's dissector reads before it counts the segment. */
#define TCP_HEADER_COUNTED 16

/* Looks up TCP's protocol, once all protocols are registered. */
void tcpshake_find_tcp(void);

/* What TCP keeps of a conversation; NULL if that can't be believed, or the conversation is NULL. */
const struct tcp_analysis *tcpshake_notes_on(const conversation_t *conversation);

/* The conversation of the TCP header at `tcp`, of which `captured` bytes are there; NULL if there is none. */
const conversation_t *tcpshake_conversation_of(const packet_info *pinfo, const ends_t *ends, const uint8_t *tcp,
                                               uint32_t captured);

/* Forgets the last of them: Wireshark frees them when it closes the capture file. */
void tcpshake_forget_conversation(void);

/* Whether the sender of the header is the end whose flow Wireshark calls the first. */
bool tcpshake_sent_by_first_flow(const packet_info *pinfo, const conversation_t *conversation, const uint8_t *source,
                                 uint32_t offset);

/* What Wireshark's analysis found about the segment with these numbers; NULL if it found nothing. */
const struct tcp_acked *tcpshake_analysis_of(const struct tcp_analysis *notes, uint32_t frame, uint32_t seq, uint32_t ack);

#endif

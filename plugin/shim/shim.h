/* Between Wireshark and Rust: plain values on the way in, a list of tree items on the way out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's functions may leave by longjmp (its exceptions). All that can do so is called from C, at moments when no
 * Rust frame is on the stack. Rust calls nothing that throws, and lets no panic out.
 */
#ifndef TCPSHAKE_SHIM_H
#define TCPSHAKE_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../wireshark-headers/version.h"

struct conversation;
struct tcp_analysis;
struct _packet_info;

/* A frame of the capture. */
typedef struct {
    uint32_t number;     /* from 1 */
    int64_t  time;       /* nanoseconds since 1970 */
} tcpshake_frame_t;

/* Where a TCP header stands, so that it can be found again when the frame is shown. */
typedef struct {
    uint8_t  source;     /* which of the frame's data sources, from 0 */
    uint32_t offset;     /* of the header in it */
    uint32_t length;     /* of the segment, header and all, as the layer below reported it */
} tcpshake_place_t;

/* How a TCP header came to the dissector. */
enum tcpshake_origin {
    TCPSHAKE_SEGMENT,    /* in a packet of the connection */
    TCPSHAKE_FRAGMENT,   /* in the first fragment of a packet, this one or an outer one, that was not put together */
    TCPSHAKE_QUOTED      /* in a packet that quotes others, such as an ICMP error */
};

/* An IP address: 4 or 16 bytes, or none. */
typedef struct {
    const uint8_t *bytes;
    uint8_t size;
} tcpshake_address_t;

/* An ICMP error: its first eight bytes, NULL where there is none; and who sent it. */
typedef struct {
    const uint8_t *bytes;
    bool     v6;
    tcpshake_address_t sender;
} tcpshake_icmp_t;

/* A TCP header that Wireshark's dissector has just worked on. */
typedef struct {
    const uint8_t *bytes;            /* the header and what follows */
    uint32_t captured;               /* how many of them there are */
    tcpshake_place_t place;
    enum tcpshake_origin origin;
    const struct conversation *conversation; /* Wireshark's; lives as long as the capture file is open */
    uint32_t stream;                 /* tcp.stream */
    bool     first_flow;             /* sent by the end whose flow Wireshark calls the first */
    bool     new_conversation;       /* the conversation was made for this frame */
    uint16_t found;                  /* TCP_A_... of packet-tcp.c */
    tcpshake_icmp_t icmp;            /* the error that quotes it */
    uint32_t in_flight;              /* bytes in flight with it, by Wireshark's analysis; 0 where it says nothing */
    bool     behind_ip;              /* an IP header stands right in front of it; then: */
    tcpshake_address_t from, to;     /* its addresses */
    uint16_t ip_id;                  /* its identification; 0 in IPv6 */
    uint8_t  hops;                   /* its time to live or hop limit */
    uint32_t capture_point;          /* a sum over the interface of capture and the link layer's source */
} tcpshake_header_t;

/* What kind of value an item has. */
enum tcpshake_kind {
    TCPSHAKE_TREE,       /* the protocol's own line, without text where nobody reads it: opens the tree for the items after it */
    TCPSHAKE_GROUP,      /* a line of text: opens a tree inside, until the next TCPSHAKE_END */
    TCPSHAKE_END,        /* closes what TCPSHAKE_GROUP or TCPSHAKE_NUMBER_TREE opened */
    TCPSHAKE_NUMBER,
    TCPSHAKE_NUMBER_TREE,/* a number that opens a tree inside */
    TCPSHAKE_BOOLEAN,
    TCPSHAKE_TEXT,
    TCPSHAKE_LINE,       /* a line of text that is no field */
    TCPSHAKE_TIME,       /* nanoseconds */
    TCPSHAKE_IPV4,       /* the text is the address's four bytes */
    TCPSHAKE_IPV6,       /* its sixteen bytes */
    TCPSHAKE_EXPERT,     /* an expert item on the protocol's line */
    TCPSHAKE_INFO        /* text for the Info column */
};

/* One item of the tree. */
typedef struct {
    enum tcpshake_kind kind;
    int         field;   /* the registered field, or the protocol */
    int         tree;    /* of TCPSHAKE_TREE, TCPSHAKE_GROUP and TCPSHAKE_NUMBER_TREE: the ett */
    int64_t     number;
    const char *text;    /* ends with a zero byte; NULL where there is none. Of a number: shown instead of it. Of an address:
                            its bytes */
    const char *label;   /* of TCPSHAKE_TEXT: the line to show, where it is not the field's name and the text; else NULL */
    size_t      expert;  /* of TCPSHAKE_EXPERT: which expert field */
    bool        hidden;  /* a field that is there for filters and exports, and not on the screen */
    uint8_t     start, length; /* the bytes of the TCP header that it is about; none where the length is 0 */
} tcpshake_item_t;

struct expert_field;

/* --- Called by Rust. --- */

/* Once: registers the postdissector of the protocol. `internal_error` is the number of the expert item that the shim adds by
 * itself, for a failure of ours. */
void tcpshake_shim_register(int protocol, struct expert_field *experts, size_t internal_error);

/* Once, when all protocols are registered: offers the reports, the graph and the window. */
void tcpshake_shim_handoff(void);

/* Wireshark's count of a stream's completeness, now; -1 if the conversation is NULL or not that stream's. */
int tcpshake_completeness(const struct conversation *conversation, uint32_t stream);

/* Whether a record is TCP's of a conversation, as far as can be seen, where there are so many streams. */
bool tcpshake_is_laid_out(const struct tcp_analysis *notes, uint32_t streams);

/* For a test of that: writes such a record of this stream, so many bytes behind the beginning of `record`, if it has room.
 * Returns how many bytes one takes. */
size_t tcpshake_made_up_notes(size_t gap, uint32_t stream, void *record, size_t size);

/* What Wireshark's analysis found about a segment; 0 where it found nothing. */
typedef struct {
    uint32_t acked_frame;    /* the frame that its ACK acknowledges */
    int64_t  acked_after;    /* nanoseconds since that frame */
    uint32_t duplicate;      /* which duplicate ACK it is, from 1 */
    uint32_t duplicate_of;   /* the frame whose ACK it repeats */
    uint32_t in_flight;      /* bytes in flight with this segment */
    bool     unseen;         /* its ACK acknowledges what was not captured */
} tcpshake_analysis_t;

/* Looks up what was found about the segment with these numbers; false if nothing was, or if the conversation is NULL or not
 * that stream's. */
bool tcpshake_analysis(const struct conversation *conversation, uint32_t stream, uint32_t frame, uint32_t seq, uint32_t ack,
                       tcpshake_analysis_t *analysis);

/* Writes when the first segment of a stream was captured, in nanoseconds since 1970; false if the conversation is NULL or not
 * that stream's. */
bool tcpshake_began(const struct conversation *conversation, uint32_t stream, int64_t *time);

/* Writes the address of one end of a conversation, as text that ends with a zero byte; returns the port. */
uint16_t tcpshake_end(const struct conversation *conversation, bool first_flow, char *text, size_t size);

/* Prints to the standard output, between what Wireshark's own reports print. */
void tcpshake_print(const char *text);

/* Writes a time as Zeek's logs have it, 2026-11-16-23-24-35, in UTC; seconds are since 1970. */
void tcpshake_date(int64_t seconds, char *text, size_t size);

/* The protocol that Wireshark found in the TCP payload of a frame, by its number; -1 if there is none, or several segments. */
int tcpshake_service(const struct _packet_info *pinfo);

/* The tables in windows of Wireshark's own. */
enum tcpshake_table {
    TCPSHAKE_CONNECTIONS,
    TCPSHAKE_CLIENTS,
    TCPSHAKE_SERVERS,
    TCPSHAKE_TABLES          /* how many there are */
};

/* What stands in a cell: one kind in all of a column's, or nothing. */
enum tcpshake_cell {
    TCPSHAKE_CELL_COUNT,
    TCPSHAKE_CELL_TEXT,
    TCPSHAKE_CELL_DECIMAL,
    TCPSHAKE_CELL_EMPTY      /* only in a last column of decimals: tshark prints nothing of a row behind it */
};

typedef struct {
    const char *title;
    const char *format;      /* for printf, of the column's kind */
    enum tcpshake_cell kind;
} tcpshake_column_t;

typedef struct {
    enum tcpshake_cell kind;
    uint32_t    count;
    double      decimal;
    const char *text;
} tcpshake_cell_t;

/* Offers a table. The texts have to stay, not the columns. */
void tcpshake_register_table(enum tcpshake_table table, const char *name, const char *title, const tcpshake_column_t *columns,
                             size_t count);

/* Writes a row, with a cell for each column: a new one behind the last, or another instead of an old one. Nothing happens where
 * the table's window is closed. */
void tcpshake_table_set_row(enum tcpshake_table table, unsigned row, const tcpshake_cell_t *cells);

/* --- Given by Rust. None lets a panic out: what the panic took away is told when the frame is shown. --- */

/* What will be read of a tree that Wireshark made for someone to look at. */
enum tcpshake_printed {
    TCPSHAKE_ALL_PRINTED,    /* all of it, or unknown */
    TCPSHAKE_SOME_PRINTED,   /* some fields of ours */
    TCPSHAKE_NONE_PRINTED    /* other fields than ours */
};
enum tcpshake_printed tcpshake_printed(void);

/* Whether the user wants the narration in the Info column. */
bool tcpshake_wants_info_column(void);

/* Forgets everything: another file, or the same one from the start. */
void tcpshake_forget(void);

/* A frame begins in the first pass. A read filter may have dropped an earlier frame with the same number; what was kept
 * of that is forgotten. */
void tcpshake_begin_frame(const tcpshake_frame_t *frame);

/* Takes in a TCP header in the first pass. */
void tcpshake_see(const tcpshake_frame_t *frame, const tcpshake_header_t *header);

/* The place of a segment of this frame, counted from 0, and whether there is one more; false if no more are kept. */
bool tcpshake_segment_place(uint32_t frame, size_t index, tcpshake_place_t *place, bool *more);

/* What TCP's own tree shows for a header, beside our items: -1 where it does not. */
typedef struct {
    int64_t stream;          /* tcp.stream. In a later pass it can be another than in the first */
    int64_t completeness;    /* tcp.completeness, from before TCP counted the segment once more */
} tcpshake_beside_t;

/* A segment that is to be shown. */
typedef struct {
    uint32_t frame;
    size_t   index;          /* among the frame's segments, from 0 */
    const uint8_t *bytes;    /* its header and what follows */
    uint32_t captured;       /* how many of them there are */
    bool     revisited;      /* not the first pass */
    bool     visible;        /* someone looks at the whole tree */
    bool     line;           /* someone may read the protocol's line: looks at the whole tree, or asks for the protocol */
    bool     experts;        /* someone lists expert items, or asks for Wireshark's fields about them */
    uint8_t  ip_header_least; /* bytes that an IP header of the family in front takes at least; 0 if there is none */
    tcpshake_beside_t beside;
} tcpshake_shown_t;

/* The items that show a segment. The list is valid until the next call. NULL where Rust panicked, now or when it took in
 * a segment of this connection. */
const tcpshake_item_t *tcpshake_show(const tcpshake_shown_t *shown, size_t *count);

/* An ICMP error about a segment, that is to be shown. */
typedef struct {
    uint32_t frame;
    size_t   index;          /* among the frame's errors, from 0 */
    bool     visible, line, experts; /* as of a segment */
} tcpshake_shown_error_t;

/* The items that show an ICMP error, as above: none if there are no more. */
const tcpshake_item_t *tcpshake_show_error(const tcpshake_shown_error_t *shown, size_t *count);

/* What the tap `tcpshake` hands to its listeners: a segment that is kept, or (without bytes) an event that changed what is
 * known of a connection. Valid until the frame's dissection ends. */
typedef struct {
    tcpshake_frame_t frame;
    uint32_t stream;         /* tcp.stream; of an event */
    size_t   index;          /* of the segment among the frame's, from 0 */
    const uint8_t *bytes;    /* its header and what follows; NULL for an event */
    uint32_t captured;       /* how many of them there are */
    uint8_t  ip_header_length; /* bytes of the IP header in front */
    bool     revisited;      /* not the first pass */
} tcpshake_tapped_t;

/* Which report -z asks for. */
enum tcpshake_report {
    TCPSHAKE_STORY,
    TCPSHAKE_CONN_LOG,
    TCPSHAKE_CONN_JSON
};

/* Begins a report on the connections with a segment that passes the filter (NULL: on all). On failure false, with a message
 * on stderr. */
bool tcpshake_begin_report(enum tcpshake_report report, const char *filter);

/* A table begins anew, without rows. */
void tcpshake_table_begin(enum tcpshake_table table);

/* A segment or event whose connection is to be in the table. */
void tcpshake_table_meet(enum tcpshake_table table, const tcpshake_tapped_t *tapped);

/* The stories that are wanted in a window. */
enum tcpshake_stories {
    TCPSHAKE_STORY_OF_NONE,  /* no connection is selected */
    TCPSHAKE_STORY_OF_ONE,
    TCPSHAKE_STORIES_OF_FAILED,
    TCPSHAKE_STORIES_OF_ALL
};

/* Begins to collect stories, takes in a segment, and makes their text, which is valid until the next one is made. */
void tcpshake_stories_begin(enum tcpshake_stories which, uint32_t stream);
void tcpshake_stories_take(const tcpshake_tapped_t *tapped);
const char *tcpshake_stories_text(void);

/* The titles and the buttons of their window. */
enum tcpshake_caption {
    TCPSHAKE_CAPTION_STORY,
    TCPSHAKE_CAPTION_STORIES,
    TCPSHAKE_CAPTION_SHOW_ONLY,
    TCPSHAKE_CAPTION_GO_TO,
    TCPSHAKE_CAPTION_NEXT_FAILED,
    TCPSHAKE_CAPTION_FIRST_FAILED
};

/* What one says, in the language of the stories: a constant. */
const char *tcpshake_caption_text(enum tcpshake_caption caption);

/* The stream of a frame's first segment; false if it has none. */
bool tcpshake_stream_of(uint32_t frame, uint32_t *stream);

/* The next stream that failed behind this one, or of all, and again from the start; false if none failed. */
bool tcpshake_next_failed(bool behind, uint32_t *stream);

/* The frame that shows best what became of a stream; 0 if that is not known. */
uint32_t tcpshake_frame_that_shows(uint32_t stream);

/* The words for a segment that opens or closes: on its arrow in a flow graph, and beside it. */
typedef struct {
    const char *label;
    const char *comment;
    bool        from_server;
} tcpshake_words_t;

/* False if the segment neither opens nor closes, or on failure. The texts are valid until the next call. */
bool tcpshake_words(const tcpshake_tapped_t *tapped, tcpshake_words_t *words);

/* --- Between the C files. --- */

/* Whether Wireshark calls the flow of a conversation's first address the first. */
bool tcpshake_first_end_is_first_flow(const struct conversation *conversation);

/* Offers the flow graph. */
void tcpshake_register_flow(int protocol);

/* Offers to follow what the two ends say. */
void tcpshake_register_follow(int protocol);

/* Offers the reports that are printed. */
void tcpshake_register_reports(void);

/* Offers the stories in the window's menu. */
void tcpshake_register_window(void);

#endif

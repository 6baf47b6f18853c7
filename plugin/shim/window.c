/* Stories in a window of Wireshark's: Tools > TCP Handshake. In tshark and sharkd there is no window, and nothing is shown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/frame_data.h>
#include <epan/funnel.h>
#include <epan/packet.h>
#include <epan/plugin_if.h>
#include <epan/tap.h>

#include "shim.h"
#include "../../wireshark-headers/version.h"

/* What a button's function returns to Wireshark, which does not look at it. */
typedef tcpshake_boolean_t answer_t;

typedef struct {
    funnel_text_window_t *window;
    uint32_t stream;         /* whose story is shown, if it is one */
    bool closed;             /* by the user while packets were read */
} story_t;

/* --- Making the text --- */

/* Whether packets are being read for a text. The user can go on clicking meanwhile. */
static bool collecting;

static tap_packet_status take(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    (void)data;
    (void)pinfo;
    (void)edt;
    (void)flags;
    tcpshake_stories_take((const tcpshake_tapped_t *)tapped);
    return TAP_PACKET_DONT_REDRAW;
}

/* Has Wireshark read the packets once more, which shows its progress. The text is valid until the next call. */
static const char *collect(const funnel_ops_t *ops, enum tcpshake_stories which, uint32_t stream)
{
    tcpshake_stories_begin(which, stream);
    if (which == TCPSHAKE_STORY_OF_NONE)
        return tcpshake_stories_text();
    collecting = true;
    GString *error = register_tap_listener("tcpshake", &collecting, NULL, TL_REQUIRES_NOTHING, NULL, take, NULL, NULL);
    if (error == NULL) {
        ops->retap_packets(ops->ops_id);
        remove_tap_listener(&collecting);
    } else {
        g_string_free(error, TRUE);
    }
    collecting = false;
    return tcpshake_stories_text();
}

/* --- The window of one story or of several --- */

static void open_window(const funnel_ops_t *ops, enum tcpshake_stories which, uint32_t stream);

static answer_t show_only(funnel_text_window_t *window, void *data)
{
    char filter[32];

    (void)window;
    g_snprintf(filter, sizeof filter, "tcp.stream == %u", ((const story_t *)data)->stream);
    plugin_if_apply_filter(filter, true);
    return true;
}

static answer_t go_to(funnel_text_window_t *window, void *data)
{
    uint32_t frame = tcpshake_frame_that_shows(((const story_t *)data)->stream);

    (void)window;
    if (frame != 0)
        plugin_if_goto_frame(frame);
    return true;
}

static answer_t next_failed(funnel_text_window_t *window, void *data)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    story_t *story = (story_t *)data;

    if (ops == NULL || collecting || !tcpshake_next_failed(true, &story->stream))
        return true;
    const char *text = collect(ops, TCPSHAKE_STORY_OF_ONE, story->stream);
    if (story->closed)
        g_free(story);
    else
        ops->set_text(window, text);
    return true;
}

static answer_t first_failed(funnel_text_window_t *window, void *data)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    uint32_t stream;

    (void)window;
    (void)data;
    if (ops != NULL && !collecting && tcpshake_next_failed(false, &stream))
        open_window(ops, TCPSHAKE_STORY_OF_ONE, stream);
    return true;
}

static void closed(void *data)
{
    if (collecting)
        ((story_t *)data)->closed = true;
    else
        g_free(data);
}

static void add_button(const funnel_ops_t *ops, story_t *story, funnel_bt_cb_t function, enum tcpshake_caption caption)
{
    funnel_bt_t *button = g_new0(funnel_bt_t, 1);

    button->tw = story->window;
    button->func = function;
    button->data = story;
    button->free_fcn = g_free;
    ops->add_button(story->window, button, tcpshake_caption_text(caption));
}

static void open_window(const funnel_ops_t *ops, enum tcpshake_stories which, uint32_t stream)
{
    bool one = which == TCPSHAKE_STORY_OF_ONE;
    const char *text = collect(ops, which, stream);
    story_t *story = g_new0(story_t, 1);

    story->stream = stream;
    const char *title = tcpshake_caption_text(one ? TCPSHAKE_CAPTION_STORY : TCPSHAKE_CAPTION_STORIES);
    story->window = ops->new_text_window(ops->ops_id, title);
    ops->set_text(story->window, text);
    ops->set_close_cb(story->window, closed, story);
    if (one) {
        add_button(ops, story, show_only, TCPSHAKE_CAPTION_SHOW_ONLY);
        add_button(ops, story, go_to, TCPSHAKE_CAPTION_GO_TO);
        add_button(ops, story, next_failed, TCPSHAKE_CAPTION_NEXT_FAILED);
    } else {
        add_button(ops, story, first_failed, TCPSHAKE_CAPTION_FIRST_FAILED);
    }
}

/* --- The menu --- */

static void *number_of(frame_data *frame, void *data)
{
    (void)data;
    return GUINT_TO_POINTER(frame->num);
}

static void chosen(void *data)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    enum tcpshake_stories which = (enum tcpshake_stories)GPOINTER_TO_UINT(data);
    uint32_t stream = 0;

    if (ops == NULL || ops->new_text_window == NULL || collecting)
        return;
    if (which == TCPSHAKE_STORY_OF_ONE &&
        !tcpshake_stream_of(GPOINTER_TO_UINT(plugin_if_get_frame_data(number_of, NULL)), &stream))
        which = TCPSHAKE_STORY_OF_NONE;
    open_window(ops, which, stream);
}

void tcpshake_register_window(void)
{
    static const struct { const char *name; enum tcpshake_stories which; } entries[] = {
        { "TCP Handshake/Story of the Selected Connection", TCPSHAKE_STORY_OF_ONE },
        { "TCP Handshake/Stories of Failed Connections", TCPSHAKE_STORIES_OF_FAILED },
        { "TCP Handshake/Stories of All Connections", TCPSHAKE_STORIES_OF_ALL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(entries); i++)
        funnel_register_menu(entries[i].name, REGISTER_TOOLS_GROUP_UNSORTED, chosen,
                             GUINT_TO_POINTER(entries[i].which), NULL, false);
}

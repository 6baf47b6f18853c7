/* What this plugin uses of Wireshark: the one header that bindgen reads.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The headers it includes are the installed ones (or those that TCPSHAKE_WIRESHARK_HEADERS names); none is kept here.
 */
#include <glib.h>

#include <ws_version.h>

/* WS_DLL_PUBLIC and the like, which every other header of Wireshark takes for granted. */
#include <wireshark.h>

#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>

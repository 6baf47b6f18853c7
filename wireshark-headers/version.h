/* The version of Wireshark that the plugin is built for, and the types that differ between versions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSHAKE_VERSION_H
#define TCPSHAKE_VERSION_H

#include <stdbool.h>

#include <ws_version.h>

/* Whether the plugin is built for this version of Wireshark or a later one. */
#define AT_LEAST(major, minor) \
    (WIRESHARK_VERSION_MAJOR > (major) || (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* Wireshark's type for a preference that is on or off. */
#if AT_LEAST(4, 4)
typedef bool tcpshake_boolean_t;
#else
typedef int tcpshake_boolean_t; /* gboolean */
#endif

#endif

/* Tables of connections, clients and servers: Statistics > TCP Handshake …, tshark's -z tcpshake,connections, sharkd's nstat.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A window keeps pointers to the rows that it shows, and compares what is in them when the user sorts it. So rows that were
 * shown stay until no window can have them any more: a window that begins anew lets go of its rows when its listener is reset
 * (ui/qt/simple_statistics_dialog.cpp), and two windows of a kind share Wireshark's one record of it.
 */
#include <string.h>

#include <glib.h>
#include <ws_version.h>
#include <wireshark.h>

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>

#include "shim.h"

typedef struct {
    stat_tap_table_ui ui;
    GSList *retired;         /* tables that a window may still show */
} table_t;

static table_t tables[TCPSHAKE_TABLES];

static enum tcpshake_table number_of(const stat_tap_table_ui *ui)
{
    return (enum tcpshake_table)((const table_t *)(const void *)ui - tables);
}

/* --- The memory of a table --- */

static void free_item(stat_tap_table *shown, unsigned row, unsigned column, stat_tap_table_item_type *item)
{
    (void)shown;
    (void)row;
    (void)column;
    if (item->type == TABLE_ITEM_STRING)
        g_free((char *)(uintptr_t)item->value.string_value);
    item->type = TABLE_ITEM_NONE;
}

static void free_table(void *data)
{
    stat_tap_table *shown = (stat_tap_table *)data;

    for (unsigned row = 0; row < shown->num_elements; row++) {
        for (unsigned column = 0; column < shown->num_fields; column++)
            free_item(shown, row, column, &shown->elements[row][column]);
        g_free(shown->elements[row]);
    }
    g_free(shown->elements);
    g_free(shown);
}

static void free_retired(table_t *table)
{
    g_slist_free_full(table->retired, free_table);
    table->retired = NULL;
}

/* The table that is being filled; NULL where the window that had it is closed. */
static stat_tap_table *filled(const table_t *table)
{
    const GArray *all = table->ui.tables;

    return all == NULL || all->len == 0 ? NULL : g_array_index(all, stat_tap_table *, 0);
}

/* Begins an empty one. */
static void begin(table_t *table)
{
    stat_tap_table *old = filled(table);

    if (old != NULL) {
        table->retired = g_slist_prepend(table->retired, old);
        g_array_set_size(table->ui.tables, 0);
    } else if (table->ui.refcount <= 1) {
        free_retired(table); /* the only window is a new one */
    }
    stat_tap_add_table(&table->ui, stat_tap_init_table(table->ui.title, (int)table->ui.nfields, 0, NULL));
    tcpshake_table_begin(number_of(&table->ui));
}

/* A row, made if it is the one behind the last. stat_tap_init_table_row would make room for one row at a time. */
static stat_tap_table_item_type *reach_row(stat_tap_table *shown, unsigned row)
{
    if (row == shown->num_elements) {
        if ((row & (row - 1)) == 0) /* 0 or a power of 2: full */
            shown->elements = g_renew(stat_tap_table_item_type *, shown->elements, row == 0 ? 1 : 2 * (size_t)row);
        shown->elements[row] = g_new0(stat_tap_table_item_type, shown->num_fields);
        shown->num_elements++;
    }
    return shown->elements[row];
}

void tcpshake_table_set_row(enum tcpshake_table number, unsigned row, const tcpshake_cell_t *cells)
{
    stat_tap_table *shown = filled(&tables[number]);

    if (shown == NULL || row > shown->num_elements)
        return;
    stat_tap_table_item_type *items = reach_row(shown, row);
    for (unsigned column = 0; column < shown->num_fields; column++) {
        const tcpshake_cell_t *cell = &cells[column];
        stat_tap_table_item_type *item = &items[column];
        free_item(shown, row, column, item);
        switch (cell->kind) {
        case TCPSHAKE_CELL_COUNT:
            item->type = TABLE_ITEM_UINT;
            item->value.uint_value = cell->count;
            break;
        case TCPSHAKE_CELL_TEXT:
            item->type = TABLE_ITEM_STRING;
            item->value.string_value = g_strdup(cell->text);
            break;
        case TCPSHAKE_CELL_DECIMAL:
            item->type = TABLE_ITEM_FLOAT;
            item->value.float_value = cell->decimal;
            break;
        case TCPSHAKE_CELL_EMPTY:
            item->value.float_value = -1; /* where it is sorted: the column has numbers from 0 */
            break;
        }
    }
}

/* --- What Wireshark calls --- */

static void init(stat_tap_table_ui *ui)
{
    begin((table_t *)(void *)ui);
}

/* The window's listener is reset: the window is about to be cleared. */
static void reset(stat_tap_table *shown)
{
    for (size_t i = 0; i < TCPSHAKE_TABLES; i++)
        if (filled(&tables[i]) == shown) {
            if (shown->num_elements > 0)
                begin(&tables[i]);
            if (tables[i].ui.refcount <= 1)
                free_retired(&tables[i]);
            return;
        }
}

/* A segment that passes the filter. Its row is made here, where the end of the capture is known, for the window draws without
 * asking first. */
static tap_packet_status met(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const stat_data_t *stat = (const stat_data_t *)data;

    (void)pinfo;
    (void)edt;
    (void)flags;
    tcpshake_table_meet(number_of(stat->stat_tap_data), (const tcpshake_tapped_t *)tapped);
    return TAP_PACKET_DONT_REDRAW; /* it is drawn in the end */
}

/* Refuses what is no report of ours: Wireshark compares no more than the name's length. */
static void check(const char *argument, const char **filter, char **error)
{
    (void)filter;
    for (size_t i = 0; i < TCPSHAKE_TABLES; i++) {
        const char *name = tables[i].ui.cli_string;
        size_t length = strlen(name);
        if (strncmp(argument, name, length) == 0 && argument[length] != '\0' && argument[length] != ',')
            *error = g_strdup_printf("Not a report: %s. Did you mean -z %s[,filter]?", argument, name);
    }
}

void tcpshake_register_table(enum tcpshake_table number, const char *name, const char *title, const tcpshake_column_t *columns,
                             size_t count)
{
    static tap_param parameters[] = { { PARAM_FILTER, "filter", "Filter", NULL, true } };
    static const stat_tap_table_item_enum types[] = { TABLE_ITEM_UINT, TABLE_ITEM_STRING, TABLE_ITEM_FLOAT };
    stat_tap_table_item *fields = g_new0(stat_tap_table_item, count);

    for (size_t i = 0; i < count; i++)
        fields[i] = (stat_tap_table_item){
            .type = types[columns[i].kind],
            .align = columns[i].kind == TCPSHAKE_CELL_TEXT ? TAP_ALIGN_LEFT : TAP_ALIGN_RIGHT,
            .column_name = columns[i].title,
            .field_format = columns[i].format,
        };
    tables[number].ui = (stat_tap_table_ui){
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = title,
        .tap_name = "tcpshake",
        .cli_string = name,
        .stat_tap_init_cb = init,
        .packet_func = met,
        .stat_tap_reset_table_cb = reset,
        .stat_tap_free_table_item_cb = free_item,
        .stat_filter_check_cb = check,
        .nfields = count,
        .fields = fields,
        .nparams = G_N_ELEMENTS(parameters),
        .params = parameters,
    };
    register_stat_tap_table_ui(&tables[number].ui);
}

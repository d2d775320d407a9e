/* libpurple (Pidgin, Finch): BOSH and TCP. clients/drivers/README.md has the protocol.
 *
 * What libpurple changes: a body is HTML inside of it, so text is escaped on the way in and unescaped on the way out, and
 * its own conversion to the wire does the opposite.
 */
#define PURPLE_PLUGINS
#include <purple.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_CONDITIONS (G_IO_IN | G_IO_HUP | G_IO_ERR)
#define WRITE_CONDITIONS (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL)

static GMainLoop *loop;
static PurpleAccount *account;
static char *user_dir;
static gboolean online;

static const char *setting(const char *name)
{
    const char *value = g_getenv(name);
    return value != NULL ? value : "";
}

static void report(const char *event, const char *first, const char *second)
{
    printf("%s", event);
    if (first != NULL)
        printf("\t%s", first);
    if (second != NULL)
        printf("\t%s", second);
    printf("\n");
    fflush(stdout);
}

/* libpurple's event loop on GLib's, as its nullclient example has it. */
typedef struct {
    PurpleInputFunction function;
    gpointer data;
} Watch;

static gboolean watch_ready(GIOChannel *source, GIOCondition condition, gpointer data)
{
    Watch *watch = data;
    PurpleInputCondition ready = 0;
    if (condition & READ_CONDITIONS)
        ready |= PURPLE_INPUT_READ;
    if (condition & WRITE_CONDITIONS)
        ready |= PURPLE_INPUT_WRITE;
    watch->function(watch->data, g_io_channel_unix_get_fd(source), ready);
    return TRUE;
}

static guint add_watch(gint fd, PurpleInputCondition wanted, PurpleInputFunction function, gpointer data)
{
    Watch *watch = g_new0(Watch, 1);
    watch->function = function;
    watch->data = data;
    GIOCondition condition = 0;
    if (wanted & PURPLE_INPUT_READ)
        condition |= READ_CONDITIONS;
    if (wanted & PURPLE_INPUT_WRITE)
        condition |= WRITE_CONDITIONS;
    GIOChannel *channel = g_io_channel_unix_new(fd);
    guint id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, condition, watch_ready, watch, g_free);
    g_io_channel_unref(channel);
    return id;
}

static PurpleEventLoopUiOps event_loop = {
    .timeout_add = g_timeout_add,
    .timeout_remove = g_source_remove,
    .input_add = add_watch,
    .input_remove = g_source_remove,
    .timeout_add_seconds = g_timeout_add_seconds,
};

static void remove_user_dir(void)
{
    char *quoted = g_shell_quote(user_dir);
    char *command = g_strdup_printf("rm -rf %s", quoted);
    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", user_dir);
    g_free(command);
    g_free(quoted);
}

static void signed_on(PurpleConnection *connection)
{
    online = TRUE;
    report("online", purple_connection_get_display_name(connection), NULL);
}

static void signed_off(void)
{
    report("offline", NULL, NULL);
    g_main_loop_quit(loop);
}

static void connection_error(PurpleConnection *connection, PurpleConnectionError reason, const char *description)
{
    (void)connection;
    (void)reason;
    report("error", description, NULL);
}

static gboolean receiving_im(PurpleAccount *receiver, char **sender, char **html)
{
    (void)receiver;
    /* Each line break of the text arrives as this element, which purple_unescape_html does not know in capitals. */
    char *breaks = purple_strreplace(*html, "<BR>", "\n");
    char *text = purple_unescape_html(breaks);
    char *encoded = g_base64_encode((const guchar *)text, strlen(text));
    report("message", *sender, encoded);
    g_free(encoded);
    g_free(text);
    g_free(breaks);
    return TRUE; /* handled: no conversation is opened */
}

static gboolean receiving_presence(PurpleConnection *connection, const char *type, const char *from)
{
    (void)connection;
    report("presence", from, type != NULL ? type : "available");
    return FALSE;
}

/* As Pidgin's input field would hand it over: HTML, with an element for every line break. */
static void send_message(const char *to, const char *encoded)
{
    gsize length;
    char *bytes = (char *)g_base64_decode(encoded, &length);
    char *text = g_strndup(bytes, length);
    char *escaped = g_markup_escape_text(text, -1);
    char *html = purple_strreplace(escaped, "\n", "<br>");
    if (serv_send_im(purple_account_get_connection(account), to, html, 0) < 0)
        report("error", "not sent", NULL);
    g_free(html);
    g_free(escaped);
    g_free(text);
    g_free(bytes);
}

static gboolean command_ready(GIOChannel *input, GIOCondition condition, gpointer data)
{
    (void)condition;
    (void)data;
    do {
        gchar *line = NULL;
        gsize end;
        GIOStatus status = g_io_channel_read_line(input, &line, NULL, &end, NULL);
        if (status == G_IO_STATUS_AGAIN)
            return TRUE;
        if (status != G_IO_STATUS_NORMAL) {
            remove_user_dir();
            _exit(0); /* no goodbye */
        }
        line[end] = '\0';
        gchar **words = g_strsplit(line, "\t", 3);
        if (g_strv_length(words) == 3 && strcmp(words[0], "send") == 0)
            send_message(words[1], words[2]);
        else if (strcmp(line, "disconnect") == 0)
            purple_account_disconnect(account);
        else
            report("error", "unknown command", NULL);
        g_strfreev(words);
        g_free(line);
    } while (g_io_channel_get_buffer_condition(input) & G_IO_IN);
    return TRUE;
}

static void trust(const char *path)
{
    PurpleCertificatePool *authorities = purple_certificate_find_pool("x509", "ca");
    PurpleCertificateScheme *scheme = purple_certificate_find_scheme("x509");
    PurpleCertificate *authority = scheme != NULL ? purple_certificate_import(scheme, path) : NULL;
    if (authorities == NULL || authority == NULL || !purple_certificate_pool_store(authorities, "run", authority))
        report("error", "the authority could not be read", NULL);
}

static void connect_account(void)
{
    char *name = g_strdup_printf("%s@%s/%s", setting("XMPP_USER"), setting("XMPP_DOMAIN"), setting("XMPP_RESOURCE"));
    account = purple_account_new(name, "prpl-jabber");
    g_free(name);
    purple_account_set_password(account, setting("XMPP_PASSWORD"));
    if (strcmp(setting("XMPP_TRANSPORT"), "bosh") == 0) {
        purple_account_set_string(account, "bosh_url", setting("XMPP_URL"));
        /* Else it refuses http:, and PLAIN over it; the test stays on loopback. */
        purple_account_set_string(account, "connection_security", "opportunistic_tls");
        purple_account_set_bool(account, "auth_plain_in_clear", TRUE);
    } else {
        purple_account_set_string(account, "connect_server", setting("XMPP_HOST"));
        purple_account_set_int(account, "port", atoi(setting("XMPP_PORT")));
        purple_account_set_string(account, "connection_security", "require_tls");
    }

    purple_accounts_add(account);
    purple_account_set_enabled(account, "gateway-interop", TRUE);
    PurpleSavedStatus *status = purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE);
    purple_savedstatus_activate(status);
}

int main(void)
{
    user_dir = g_dir_make_tmp("purple-driver-XXXXXX", NULL);
    purple_util_set_user_dir(user_dir);
    purple_debug_set_enabled(g_getenv("PURPLE_DEBUG") != NULL); /* to stdout: for a human only */
    purple_eventloop_set_ui_ops(&event_loop);
    if (!purple_core_init("gateway-interop")) {
        report("error", "libpurple does not start", NULL);
        return 1;
    }

    purple_set_blist(purple_blist_new());
    static int handle;
    PurplePlugin *jabber = purple_plugins_find_with_id("prpl-jabber");
    if (jabber == NULL) {
        report("error", "libpurple has no prpl-jabber", NULL);
        return 1;
    }

    purple_signal_connect(purple_connections_get_handle(), "signed-on", &handle, PURPLE_CALLBACK(signed_on), NULL);
    purple_signal_connect(purple_connections_get_handle(), "signed-off", &handle, PURPLE_CALLBACK(signed_off), NULL);
    purple_signal_connect(purple_connections_get_handle(), "connection-error", &handle, PURPLE_CALLBACK(connection_error), NULL);
    purple_signal_connect(purple_conversations_get_handle(), "receiving-im-msg", &handle, PURPLE_CALLBACK(receiving_im), NULL);
    purple_signal_connect(jabber, "jabber-receiving-presence", &handle, PURPLE_CALLBACK(receiving_presence), NULL);
    if (*setting("XMPP_CA") != '\0')
        trust(setting("XMPP_CA"));
    connect_account();

    GIOChannel *input = g_io_channel_unix_new(STDIN_FILENO);
    g_io_channel_set_encoding(input, NULL, NULL);
    g_io_add_watch(input, READ_CONDITIONS, command_ready, NULL);
    loop = g_main_loop_new(NULL, FALSE);
    g_main_loop_run(loop);
    remove_user_dir();
    return online ? 0 : 1;
}

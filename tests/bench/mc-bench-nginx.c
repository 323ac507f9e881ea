/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-nginx.h"

#include "mc-bench-folder.h"
#include "mc-bench-meter.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* It is given sockets that listen already, as it gives them to the next one when it is replaced by
 * a newer version: so nobody has to guess which port is free, nor when it is ready. */

#define BACKLOG 64
#define N_SOCKETS 2

/* In Debian. */
static const struct
{
  const char *program;
  const char *package;
} packages[] = {
  { "nginx", "nginx-light" },
  { "openssl", "openssl" },
  { "aria2c", "aria2" },
  { "curl", "curl" },
};

/* Where an ordinary person's PATH does not lead. */
static char *
find_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);
  g_autofree char *elsewhere = g_build_filename ("/usr/sbin", name, NULL);

  if (path == NULL && g_file_test (elsewhere, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&elsewhere);
  return g_steal_pointer (&path);
}

static gboolean
is_asked_for (const char *program, const char *const *rivals)
{
  return g_str_equal (program, "nginx") || g_str_equal (program, "openssl")
         || g_strv_contains (rivals, program);
}

gboolean
mc_bench_nginx_is_possible (McBench *bench, const char *const *rivals)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (packages); i++)
    {
      g_autofree char *path = find_program (packages[i].program);

      if (path == NULL && is_asked_for (packages[i].program, rivals))
        g_string_append_printf (missing, " %s", packages[i].package);
    }
  if (missing->len > 0)
    mc_bench_say (bench, "skipped: in Debian, install%s", missing->str);
  return missing->len == 0;
}

/* --- what it finds --- */

static void
make_certificate (const char *certificate, const char *key)
{
  const char *const arguments[] = { "openssl",
                                    "req",
                                    "-x509",
                                    "-newkey",
                                    "ec",
                                    "-pkeyopt",
                                    "ec_paramgen_curve:P-256",
                                    "-nodes",
                                    "-days",
                                    "2",
                                    "-subj",
                                    "/CN=bench",
                                    "-addext",
                                    "subjectAltName=IP:127.0.0.1",
                                    "-keyout",
                                    key,
                                    "-out",
                                    certificate,
                                    NULL };

  mc_bench_meter_program (arguments);
}

static void
configure (McBench *bench, McBenchNginx *self, const char *path, const guint *ports)
{
  g_autofree char *key = mc_bench_make_path (bench, "nginx-key.pem");
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  make_certificate (self->authority, key);
  text = g_strdup_printf ("%sdaemon off;\n"
                          "worker_processes 2;\n"
                          "pid %s/nginx.pid;\n"
                          "error_log %s/nginx.log;\n"
                          "events { worker_connections 256; }\n"
                          "http {\n"
                          "  access_log off;\n"
                          "  sendfile on;\n"
                          "  client_body_temp_path %s/nginx-body;\n"
                          "  proxy_temp_path %s/nginx-proxy;\n"
                          "  fastcgi_temp_path %s/nginx-fastcgi;\n"
                          "  uwsgi_temp_path %s/nginx-uwsgi;\n"
                          "  scgi_temp_path %s/nginx-scgi;\n"
                          "  server {\n"
                          "    listen 127.0.0.1:%u;\n"
                          "    listen 127.0.0.1:%u ssl;\n"
                          "    root %s;\n"
                          "    ssl_certificate %s;\n"
                          "    ssl_certificate_key %s;\n"
                          "  }\n"
                          "}\n",
                          geteuid () == 0 ? "user root root;\n" : "", bench->folder, bench->folder,
                          bench->folder, bench->folder, bench->folder, bench->folder, bench->folder,
                          ports[0], ports[1], self->folder, self->authority, key);
  g_file_set_contents (path, text, -1, &error);
  mc_bench_check (path, error);
}

/* --- running it --- */

/* Not closed when a program is run; not blocking, since several processes accept from it. */
static int
listen_on_loopback (guint *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

  mc_bench_check_errno ("Listening",
                        fd >= 0 && bind (fd, (struct sockaddr *) &address, length) == 0
                            && listen (fd, BACKLOG) == 0
                            && getsockname (fd, (struct sockaddr *) &address, &length) == 0);
  *port = ntohs (address.sin_port);
  return fd;
}

static pid_t
run (const char *configuration, const char *log, const int *sockets)
{
  g_autofree char *program = find_program ("nginx");
  g_autofree char *inherited = g_strdup_printf ("%d;%d;", sockets[0], sockets[1]);
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "NGINX", inherited, TRUE);
  const char *arguments[] = { program, "-c", configuration, "-e", log, NULL };
  pid_t parent = getpid ();
  pid_t child = fork ();

  mc_bench_check_errno (program, child >= 0);
  if (child > 0)
    return child;
  /* Its end is that of its workers only if it is told. */
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  if (getppid () == parent)
    execve (program, (char **) arguments, environment);
  _exit (127);
}

McBenchNginx *
mc_bench_nginx_start (McBench *bench)
{
  McBenchNginx *self = g_new0 (McBenchNginx, 1);
  g_autofree char *configuration = mc_bench_make_path (bench, "nginx.conf");
  g_autofree char *log = mc_bench_make_path (bench, "nginx.log");
  guint ports[N_SOCKETS];
  int sockets[N_SOCKETS];

  self->folder = mc_bench_make_path (bench, "served");
  self->authority = mc_bench_make_path (bench, "nginx.pem");
  mc_bench_check_errno (self->folder, g_mkdir (self->folder, 0700) == 0);
  for (guint i = 0; i < N_SOCKETS; i++)
    sockets[i] = listen_on_loopback (&ports[i]);
  self->url = g_strdup_printf ("http://127.0.0.1:%u", ports[0]);
  self->secure = g_strdup_printf ("https://127.0.0.1:%u", ports[1]);
  self->port = ports[0];
  configure (bench, self, configuration, ports);
  self->process = run (configuration, log, sockets);
  for (guint i = 0; i < N_SOCKETS; i++)
    close (sockets[i]);
  return self;
}

void
mc_bench_nginx_stop (McBenchNginx *self)
{
  kill (self->process, SIGTERM);
  waitpid (self->process, NULL, 0);
  mc_bench_folder_remove (self->folder);
  g_free (self->folder);
  g_free (self->url);
  g_free (self->secure);
  g_free (self->authority);
  g_free (self);
}

"""The servers that tests run against: Mosquitto, PostgreSQL and MariaDB, each in the foreground, on loopback, with a folder of its own."""
import os
import pathlib
import pwd
import signal
import socket
import socketserver
import subprocess
import threading
import time

here = pathlib.Path(__file__).resolve().parent
patience = 30.0  # seconds until a server must answer


given = set()  # the system may offer a port again as soon as it is closed


def free_port():
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in given:
            given.add(port)
            return port


def answers(port):
    with socket.socket() as s:
        s.settimeout(0.5)
        return s.connect_ex(("127.0.0.1", port)) == 0


def quietly(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


class Server:
    """One process: `prepare` once, then `start` and `stop` as often as a test likes; its data stays between them."""

    name = ""
    user = None  # whom it runs as when we are root: PostgreSQL refuses root

    def __init__(self, folder):
        self.folder = folder / self.name
        self.folder.mkdir()
        self.process = None
        if self.user and os.getuid() == 0:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.folder.chmod(0o700)

    def prepare(self, tls):
        """Makes what lies in its folder, before the first start. tls: folder of the test certificates."""

    def finish(self):
        """Makes what lies inside the running server, after the first start."""

    def as_user(self, command):
        if self.user and os.getuid() == 0:
            return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--init-groups", "--reset-env"] + command
        return command

    def start(self):
        if self.process:
            return
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(self.as_user(self.command()), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + patience
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not start; its log ends:\n" + self.log_end())
            time.sleep(0.02)

    def stop(self, how=signal.SIGTERM):
        if not self.process:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def log_end(self):
        return "\n".join((self.folder / "log").read_text(errors="replace").splitlines()[-20:])


class Mosquitto(Server):
    """The open broker. Sessions survive a restart."""

    name = "mosquitto"

    def prepare(self, tls):
        self.ports = [free_port()]
        self.configure(f"listener {self.ports[0]} 127.0.0.1\nallow_anonymous true\n")

    def configure(self, listeners):
        user = "user root\n" if os.getuid() == 0 else ""  # else it drops to an account that may not read the keys
        (self.folder / "mosquitto.conf").write_text(
            f"{user}persistence true\npersistence_location {self.folder}/\nautosave_on_changes true\nautosave_interval 1\nmax_queued_messages 100000\n{listeners}")

    def command(self):
        return ["mosquitto", "-c", str(self.folder / "mosquitto.conf")]

    def ready(self):
        return all(answers(port) for port in self.ports)

    def environment(self):
        return {"TELLTALE_TEST_MQTT_URL": f"mqtt://127.0.0.1:{self.ports[0]}"}


class LockedMosquitto(Mosquitto):
    """The broker with accounts: one listener with password, one with TLS, client certificate and password. A broker of its own, because
    Mosquitto 2.0 forgets persistent sessions under `per_listener_settings`."""

    name = "mosquitto-locked"

    def prepare(self, tls):
        self.ports = [free_port(), free_port()]
        subprocess.run(["mosquitto_passwd", "-b", "-c", "accounts", "device", "secret"], cwd=self.folder, check=True, stderr=subprocess.DEVNULL)
        (self.folder / "accounts").chmod(0o600)
        self.configure(
            f"allow_anonymous false\npassword_file {self.folder}/accounts\n"
            f"listener {self.ports[0]} 127.0.0.1\n"
            f"listener {self.ports[1]} 127.0.0.1\n"
            f"cafile {tls}/ca.pem\ncertfile {tls}/server.pem\nkeyfile {tls}/server.key\nrequire_certificate true\n")

    def environment(self):
        return {
            "TELLTALE_TEST_MQTT_PASSWORD_URL": f"mqtt://127.0.0.1:{self.ports[0]}",
            "TELLTALE_TEST_MQTT_TLS_URL": f"mqtts://localhost:{self.ports[1]}",
            "TELLTALE_TEST_MQTT_USER": "device",
            "TELLTALE_TEST_MQTT_PASSWORD": "secret",
        }


class Postgres(Server):
    name = "postgres"
    user = "postgres"
    programs = pathlib.Path("/usr/lib/postgresql/17/bin")

    def prepare(self, tls):
        self.port = free_port()
        data = str(self.folder / "data")
        (self.folder / "password").write_text("secret\n")
        (self.folder / "password").chmod(0o644)
        initdb = [str(self.programs / "initdb"), "-D", data, "-U", "telltale", "--pwfile", str(self.folder / "password"), "--auth-local=trust",
                  "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(self.as_user(initdb), cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def command(self):
        settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}", "fsync=off", "full_page_writes=off",
                    "synchronous_commit=off", "shared_buffers=32MB", "max_connections=40"]
        return [str(self.programs / "postgres"), "-D", str(self.folder / "data")] + [word for s in settings for word in ("-c", s)]

    def ready(self):
        return quietly("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port))

    def finish(self):
        createdb = ["createdb", "-h", str(self.folder), "-p", str(self.port), "-U", "telltale", "telltale"]
        subprocess.run(self.as_user(createdb), cwd=self.folder, check=True)

    def environment(self):
        return {"TELLTALE_TEST_POSTGRES_DSN": f"postgresql://telltale:secret@127.0.0.1:{self.port}/telltale"}


class MariaDB(Server):
    name = "mariadb"
    user = "mysql"

    def prepare(self, tls):
        self.port = free_port()
        install = ["mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data", "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(self.as_user(install), cwd=self.folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def command(self):
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.folder}/data", f"--port={self.port}", "--bind-address=127.0.0.1",
                f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M",
                "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"]

    def administer(self, *command):
        return (command[0], "--no-defaults", f"--socket={self.folder}/socket", "-u", "root", *command[1:])

    def ready(self):
        return quietly(*self.administer("mariadb-admin", "ping"))

    def finish(self):
        words = ("create database telltale; create user telltale@'127.0.0.1' identified by 'secret'; "
                 "grant all on telltale.* to telltale@'127.0.0.1'")
        subprocess.run(self.administer("mariadb", "-e", words), check=True)

    def environment(self):
        return {"TELLTALE_TEST_MYSQL_DSN": f"mysql://telltale:secret@127.0.0.1:{self.port}/telltale"}


class Servers:
    """All of them, and the socket by which `control` stops and starts one."""

    def __init__(self, folder):
        self.folder = folder
        self.all = {}
        self.environment = {}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        self.folder.chmod(0o755)
        tls = self.folder / "tls"
        subprocess.run([here / "certificates", tls], check=True, stderr=subprocess.DEVNULL)
        self.environment["TELLTALE_TEST_TLS"] = str(tls)
        for kind in (Mosquitto, LockedMosquitto, Postgres, MariaDB):
            self.start_one(kind(self.folder), tls)
        self.listen()

    def start_one(self, server, tls):
        self.all[server.name] = server
        begin = time.monotonic()
        server.prepare(tls)
        server.start()
        server.finish()
        self.environment.update(server.environment())
        print(f"{server.name} ready after {time.monotonic() - begin:.2f} s", flush=True)

    def listen(self):
        servers = self

        class Answer(socketserver.StreamRequestHandler):
            def handle(self):
                word, name = self.rfile.readline().decode().split()
                self.wfile.write((servers.control(word, name) + "\n").encode())

        path = self.folder / "control"
        self.socket = socketserver.UnixStreamServer(str(path), Answer)
        threading.Thread(target=self.socket.serve_forever, daemon=True).start()
        self.environment["TELLTALE_TEST_CONTROL_SOCKET"] = str(path)
        self.environment["TELLTALE_TEST_CONTROL"] = str(here / "control")

    def control(self, word, name):
        server = self.all.get(name)
        if not server:
            return f"no server '{name}'; there are: {', '.join(self.all)}"
        try:
            if word in ("stop", "restart"):
                server.stop()
            if word == "kill":
                server.stop(signal.SIGKILL)
            if word in ("start", "restart"):
                server.start()
        except RuntimeError as error:
            return str(error)
        return "ok"

    def __exit__(self, *_):
        for server in self.all.values():
            server.stop()

#!/usr/bin/env python3
"""`telltale doctor` asks real brokers: one that is well, one that drops, one that does not answer, a wrong password, none at all, an account that
may not read $SYS, a certificate of another name and of another authority. Each says what to do. And a broker without persistence that forgets
the engine's session when it starts again: the engine's log says so (contract C3).
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from servers import Mosquitto, free_port

here = pathlib.Path(__file__).resolve().parent
build = pathlib.Path(os.environ.get("TELLTALE_BUILD", here.parent.parent / "build/release"))
program = os.environ.get("TELLTALE_PROGRAM", str(build / "telltale"))


class Broker(Mosquitto):
    """A broker with settings of its own: {port}, {folder} and {tls} in them are filled in."""

    def __init__(self, folder, name, settings, address="127.0.0.1"):
        self.name, self.settings, self.address = name, settings, address
        super().__init__(folder)

    def prepare(self, tls):
        self.ports = [free_port()]
        user = "user root\n" if os.getuid() == 0 else ""  # else it drops to an account that may not read the files
        settings = self.settings.format(port=self.ports[0], folder=self.folder, tls=tls)
        (self.folder / "mosquitto.conf").write_text(f"{user}sys_interval 1\nlistener {self.ports[0]} {self.address}\n{settings}")
        (self.folder / "acl").write_text("topic read plant/#\n")
        (self.folder / "acl").chmod(0o600)
        subprocess.run(["mosquitto_passwd", "-b", "-c", self.folder / "passwords", "device", "right"], check=True)

    def ready(self):
        return "running" in self.log_end()


class Test:
    def __init__(self, folder):
        self.folder = folder
        self.tls = folder / "certificates"
        subprocess.run([here / "certificates", self.tls], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.failures = 0

    def broker(self, name, settings, address="127.0.0.1"):
        broker = Broker(self.folder, name, settings, address)
        broker.prepare(self.tls)
        broker.start()
        return broker

    def site(self, url, more="", port=0):
        site = self.folder / "site.yaml"
        site.write_text(
            f"site: Doctor\nsources:\n  - {{name: plant, mqtt: {{url: '{url}', topic: 'plant/#'{more}}}}}\n"
            f"store: {{directory: '{self.folder}/data'}}\napi: {{listen: '127.0.0.1:{port or free_port()}'}}\n"
        )
        return site

    def expect(self, what, url, health, *words, more=""):
        done = subprocess.run([program, "doctor", self.site(url, more)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        lines = done.stdout.splitlines()
        at = next((k for k, line in enumerate(lines) if "broker of plant" in line), None)
        said = "" if at is None else lines[at] + (" " + lines[at + 1].strip() if lines[at + 1].startswith("  ") else "")
        good = said.startswith(health) and all(word in said for word in words)
        self.failures += not good
        print(f"{what}: {said}" + ("" if good else f"   EXPECTED {health} with {words}; all it said: {lines} {done.stderr}"), flush=True)


def brokers(test):
    open_to_all = "allow_anonymous true\n"
    with_password = "allow_anonymous false\npassword_file {folder}/passwords\n"
    with_tls = "allow_anonymous true\ncafile {tls}/ca.pem\ncertfile {tls}/server.pem\nkeyfile {tls}/server.key\n"

    broker = test.broker("well", open_to_all)
    url = f"mqtt://127.0.0.1:{broker.ports[0]}"
    test.expect("well", url, "ok", "nothing dropped", "persistence")
    broker.stop()
    test.expect("unreachable", url, "bad", "Connection refused", "is it running")

    broker = test.broker("drops", open_to_all + "max_queued_messages 1\nmax_inflight_messages 1\n")
    url = f"mqtt://127.0.0.1:{broker.ports[0]}"
    port = str(broker.ports[0])
    subprocess.run(["mosquitto_sub", "-p", port, "-c", "-i", "away", "-q", "1", "-t", "a", "-E"], check=True)
    for _ in range(20):
        subprocess.run(["mosquitto_pub", "-p", port, "-q", "1", "-t", "a", "-m", "1"], check=True)
    end = time.monotonic() + 20
    while subprocess.run(["mosquitto_sub", "-p", port, "-C", "1", "-t", "$SYS/broker/publish/messages/dropped"], capture_output=True, text=True).stdout.strip() in ("", "0"):
        assert time.monotonic() < end, "the broker counts no dropped message"
    test.expect("drops", url, "warning", "dropped since its start", "max_queued_messages")
    broker.stop()

    broker = test.broker("locked", with_password)
    url = f"mqtt://127.0.0.1:{broker.ports[0]}"
    test.expect("wrong password", url, "bad", "user", more=", user: device, password: wrong")
    test.expect("no password", url, "bad", "user")
    test.expect("right password", url, "ok", "nothing dropped", more=", user: device, password: right")
    broker.stop()

    broker = test.broker("rights", open_to_all + "acl_file {folder}/acl\n")
    test.expect("may not read $SYS", f"mqtt://127.0.0.1:{broker.ports[0]}", "warning", "does not say what it has dropped", "let this account read $SYS")
    broker.stop()

    broker = test.broker("other-name", with_tls, "127.0.0.2")
    url = f"mqtts://127.0.0.2:{broker.ports[0]}"
    test.expect("a certificate of another name", url, "bad", "certificate", more=f", tls: {{ca: '{test.tls}/ca.pem'}}")
    test.expect("of another authority", url, "bad", "certificate", more=f", tls: {{ca: '{test.tls}/other-ca.pem'}}")
    broker.stop()


def forgets(test):
    """Without persistence the session goes with the broker's process."""
    broker = test.broker("forgets", "allow_anonymous true\npersistence false\n")
    port = free_port()
    log = test.folder / "engine.log"
    with open(log, "wb") as out:
        engine = subprocess.Popen([program, "run", test.site(f"mqtt://127.0.0.1:{broker.ports[0]}", port=port)], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        wait(log, "connected to broker", 1, engine)
        broker.stop()
        broker.start()
        wait(log, "connected to broker", 2, engine)
        said = [line for line in log.read_text().splitlines() if "forgotten our session" in line]
        print("a broker without persistence:", said[0] if said else "NOT SAID", flush=True)
        test.failures += not (said and "persistence true" in said[0])
    finally:
        engine.terminate()
        engine.wait(20)
        broker.stop()


def wait(log, words, times, engine):
    end = time.monotonic() + 60
    while log.read_text(errors="replace").count(words) < times:
        assert engine.poll() is None and time.monotonic() < end, log.read_text(errors="replace")
        time.sleep(0.05)


def main():
    with tempfile.TemporaryDirectory(prefix="telltale-doctor-") as folder:
        test = Test(pathlib.Path(folder))
        brokers(test)
        forgets(test)
        print(f"{test.failures} wrong")
        return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())

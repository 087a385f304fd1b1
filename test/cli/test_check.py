"""tsuwa check: mistakes of the file and of the host, each with its fix."""

import json
import os
import socket

import rig


class Check(rig.Case):
    def findings(self, *words, code=0):
        got, out, err = self.run_tsuwa("check", "--json", *words)
        self.assertEqual(got, code, out + err)
        return json.loads(out)

    def of(self, findings, what):
        return [f for f in findings if f["check"] == what]

    def test_good(self):
        self.init()
        found = self.findings()
        self.assertEqual([f for f in found if f["status"] == "error"], [])
        self.assertEqual(self.of(found, "configuration")[0]["status"], "ok")
        self.assertIn("2 users", self.of(found, "database")[0]["detail"])
        self.assertIn("signs itself", self.of(found, "certificate")[0]["detail"])
        self.assertRegex(self.tsuwa("check"), r"(?m)^ok     listen          udp://127.0.0.1:0: free$")

    def test_mistakes(self):
        self.write("tsuwa.yaml", "domain: [a.com]\nworkers: none\n")
        found = self.findings(code=1)
        self.assertEqual([f["detail"] for f in found], [
            'tsuwa.yaml:1:1: unknown key "domain"; did you mean "domains"?',
            'tsuwa.yaml:2:10: workers: expected a whole number from 1 to 256, found "none"'])

    def test_no_file(self):
        found = self.findings("-c", "no.yaml", code=1)
        self.assertIn("no.yaml: can't be read", found[0]["detail"])

    def test_busy_port(self):
        self.tsuwa("init")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
            self.write("tsuwa.yaml", f'listen: ["udp://127.0.0.1:{port}"]\n')
            found = self.of(self.findings(code=1), "listen")[0]
        self.assertEqual(found["status"], "error")
        self.assertIn(f"held by ", found["detail"])
        self.assertIn(f"pid {os.getpid()}", found["detail"])
        self.assertIn("choose another port", found["fix"])

    def test_own_server(self):
        self.init()
        server = self.serve()
        port = server.ports["udp"][1]
        self.write("tsuwa.yaml", f'listen: ["udp://127.0.0.1:{port}"]\n')
        found = self.of(self.findings(), "listen")[0]
        self.assertEqual(found["status"], "ok")
        self.assertIn("held by this server", found["detail"])

    def test_foreign_address(self):
        self.write("tsuwa.yaml", 'listen: ["udp://192.0.2.1:5060"]\n')
        found = self.of(self.findings(code=1), "listen")[0]
        self.assertIn("this host does not have that address", found["detail"])

    def test_certificate(self):
        self.init("--domain", "localhost")
        self.tsuwa("init", "other")
        self.write("tsuwa.yaml", "tls: { certificate: tsuwa.crt, key: other/tsuwa.key }\n")
        found = self.of(self.findings(code=1), "certificate")[0]
        self.assertIn("is the key of another one", found["detail"])
        self.write("tsuwa.yaml", "tls: { certificate: tsuwa.yaml, key: tsuwa.key }\n")
        found = self.of(self.findings(code=1), "certificate")[0]
        self.assertIn("holds no certificate in PEM form", found["detail"])

    def test_database(self):
        self.init()
        os.chmod(self.path("tsuwa.db"), 0o644)
        details = [f["detail"] for f in self.of(self.findings(), "database")]
        self.assertTrue(any("others may read it" in d for d in details), details)
        self.write("junk", "x" * 5000)
        self.write("tsuwa.yaml", 'database: junk\nlisten: ["udp://127.0.0.1:0"]\n')
        found = self.of(self.findings(code=1), "database")[0]
        self.assertEqual(found["status"], "error")

    def test_open_door(self):
        self.write("tsuwa.yaml", 'auth: { register: false }\nlisten: ["udp://192.0.2.1:5060"]\n')
        found = self.of(self.findings(code=1), "auth")[0]
        self.assertIn("anybody who reaches it may register", found["detail"])


if __name__ == "__main__":
    rig.main()

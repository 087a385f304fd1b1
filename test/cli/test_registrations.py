"""tsuwa registrations remove: what it takes away is gone for callers and after a kill, at once."""

import signal

import rig


class Remove(rig.Case):
    def setUp(self):
        super().setUp()
        self.init()
        self.write("tsuwa.yaml", self.read("tsuwa.yaml") +
                   "\nauth: { register: false, invite: false }\nworkers: 3\n")
        self.server = self.serve()
        self.phones = []

    def tearDown(self):
        for phone in self.phones:
            phone.close()
        super().tearDown()

    def phone(self, name=None):
        """A phone, registered under the name."""
        phone = rig.Phone(self.server)
        self.phones.append(phone)
        if name:
            self.assertEqual(phone.register(name, "localhost", ""), 200)
        return phone

    def contact(self, phone, name):
        return "sip:%s@%s:%d" % (name, *phone.socket.getsockname())

    def status_of_call(self, name):
        return self.phone().request("INVITE", f"sip:{name}@localhost", "eve@localhost")[0]

    def test_all(self):
        for name in ("alice", "bob"):       # each has an owner of its own, or not
            one, two = self.phone(name), self.phone(name)
            lines = self.tsuwa("registrations", "remove", f"{name}@localhost").splitlines()
            self.assertEqual(sorted(lines), sorted(
                f"removed {self.contact(p, name)} of {name}@localhost" for p in (one, two)))
            self.assertEqual(self.json("registrations", f"{name}@localhost"), [])
            self.assertEqual(self.status_of_call(name), 480)

    def test_one(self):
        one, two = self.phone("bob"), self.phone("bob")
        rows = self.json("registrations", "remove", "sip:bob@127.0.0.1", self.contact(one, "bob"))
        self.assertEqual([(r["aor"], r["contact"]) for r in rows],
                         [("bob@localhost", self.contact(one, "bob"))])
        rows = self.json("registrations", "bob@localhost")
        self.assertEqual([r["contact"] for r in rows], [self.contact(two, "bob")])

    def test_durable(self):
        self.phone("bob")
        self.phone("alice")
        self.tsuwa("registrations", "remove", "bob@localhost")
        self.server.signal(signal.SIGKILL)
        self.server.wait()
        self.server = self.serve()
        self.assertEqual([r["aor"] for r in self.json("registrations")], ["alice@localhost"])

    def test_comes_back(self):
        phone = self.phone("bob")
        self.tsuwa("registrations", "remove", "bob@localhost")
        self.assertEqual(phone.register("bob", "localhost", ""), 200)
        self.assertEqual(len(self.json("registrations", "bob@localhost")), 1)

    def test_errors(self):
        remove = ("registrations", "remove")
        self.assertEqual(self.tsuwa(*remove, "bob@localhost", code=1),
                         "tsuwa: bob@localhost is not registered\n")
        phone = self.phone("bob")
        self.assertEqual(self.tsuwa(*remove, "bob@localhost", "sip:x@h", code=1),
                         "tsuwa: bob@localhost is not registered with the contact sip:x@h\n")
        self.assertIn("is no address", self.tsuwa(*remove, "b b@", code=1))
        self.assertIn("the contact is empty", self.tsuwa(*remove, "bob@localhost", "", code=1))
        self.assertIn("needs USER@DOMAIN", self.tsuwa(*remove, code=2))
        self.assertIn("UTF-8", self.tsuwa(*remove, "bob@localhost", "\udcff", code=2))
        self.assertIn("one word too many", self.tsuwa("registrations", "a@b", "c", code=2))
        self.assertEqual([r["contact"] for r in self.json("registrations")],
                         [self.contact(phone, "bob")])
        self.server.stop()
        self.assertIn("no server runs", self.tsuwa(*remove, "bob@localhost", code=1))

    def test_log(self):
        """Registrations come and go with a line each; a refresh is for who looks closely."""
        phone = self.phone("bob")
        self.assertEqual(phone.register("bob", "localhost", ""), 200)
        self.tsuwa("registrations", "remove", "bob@localhost")
        self.assertEqual(phone.register("bob", "localhost", ""), 200)
        self.assertEqual(phone.register("bob", "localhost", "", expires=0), 200)
        said = [l.split(None, 2)[2] for l in self.server.said().splitlines()]
        rest = f"aor=bob@localhost contact={self.contact(phone, 'bob')}"
        peer = "peer=%s:%d" % phone.socket.getsockname()
        call = f"call-id=cli-{phone.socket.getsockname()[1]}"
        self.assertEqual(said, [f"registered {rest} expires=600s {peer} {call}",
                                f"unregistered by the operator {rest} {call}",
                                f"registered {rest} expires=600s {peer} {call}",
                                f"unregistered {rest} {call}"])


if __name__ == "__main__":
    rig.main()

"""The log: one line for each thing that happened, that says who, what and why."""

import re

import rig


class Log(rig.Calls):
    def lines(self):
        """Level and text, without the time."""
        return [tuple(l.split(None, 2)[1:]) for l in self.server.said().splitlines()]

    def names(self, phone):
        """How a phone's request is named."""
        host, port = phone.socket.getsockname()
        return f"peer={host}:{port} call-id=cli-{port}"

    def test_refusals(self):
        self.begin("routes: [{ match: \"sip:9@*\", mode: redirect, to: \"sip:x@h\" }]\n")
        phone = self.phone()
        for uri, status, word in (("sip:nobody@localhost", 404, "refused"),
                                  ("sip:alice@localhost", 480, "refused"),
                                  ("sip:x@elsewhere.test", 403, "refused"),
                                  ("sip:9@localhost", 302, "redirected")):
            got, text = phone.request("MESSAGE", uri, "eve@stranger.test")
            self.assertEqual(got, status)
            reason = re.match(r"SIP/2\.0 \d+ (.*)\r", text).group(1)
            self.assertEqual(self.lines(), [
                ("info", f'{word} {status} "{reason}" method=MESSAGE from=sip:eve@stranger.test '
                         f"to={uri} {self.names(phone)}")])
            self.server.log.truncate(0)

    def test_login(self):
        """A password that is wrong is one line; the challenge is none."""
        self.init()
        self.server = self.serve()
        self.phones = [phone] = [rig.Phone(self.server)]
        phone.register("alice", "localhost", "wrong")
        self.assertEqual(self.lines(), [
            ("info", 'login refused user=alice realm=localhost why="wrong password" '
                     + self.names(phone))])

    def test_bad_messages(self):
        self.begin()
        phone = self.phone()
        self.assertEqual(phone.request("OPTIONS", "sip:localhost", "a@localhost",
                                       "Max-Forwards: x\r\n")[0], 400)
        self.assertEqual(len(self.lines()), 1, self.lines())
        self.assertRegex(self.lines()[0][1], r'^refused 400 "Bad Request \(Max-Forwards.*\)" '
                                             r"method=OPTIONS from=sip:a@localhost ")
        self.server.log.truncate(0)
        phone.socket.send(b"SIP/2.0 200 OK\r\n\r\n")
        self.server.until_said("bad message")
        self.assertEqual(len(self.lines()), 1)

    def test_reload(self):
        self.begin()
        text = self.read("tsuwa.yaml")
        for more, says in (("", [("info", "configuration was taken file=tsuwa.yaml")]),
                           ("workers: 9\n",
                            [("warn", "configuration changed where only a restart helps key=workers"),
                             ("info", "configuration was taken file=tsuwa.yaml")]),
                           ("bogus: 1\n",
                            [("error", "configuration is wrong: tsuwa.yaml:%d:1: unknown key \"bogus\""),
                             ("error", "configuration was not taken; the one before stays")])):
            new = text.replace("workers: 1\n", more) if "workers" in more else text + more
            says = [(a, b % len(new.splitlines()) if "%d" in b else b) for a, b in says]
            self.write("tsuwa.yaml", new)
            self.server.log.truncate(0)
            self.server.signal(1)
            self.server.until_said(says[-1][1])
            self.assertEqual(self.lines(), says)


if __name__ == "__main__":
    rig.main()
